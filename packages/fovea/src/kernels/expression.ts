/**
 * Evaluates an expression at a position. A node's level is how deep in the loop nest it varies: what does not vary in the inner
 * loops is computed outside of them, once. Both whole-tensor maps and epilogues use this.
 */
import { mix } from '../base/random.ts'
import { bytesOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { Varying } from '../plan/axes.ts'
import { isDrawn, type PositionalKind } from '../plan/operations.ts'
import type { Access } from '../plan/types.ts'
import { baseAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { choose, comparison, elementwise, mixBits } from './elementwise.ts'
import type { Value } from './ir.ts'
import { diagonal, laneOffsets } from './lanes.ts'

/** The value of a loaded node whose lane 0 lies at address `at`, or of a counted or drawn one whose index there is `at`. */
export function leafValue(k: KernelBuilder, leaf: Varying, at: Value, innerStride: number, keys: RandomKeys): Value {
  const { node, access } = leaf
  if (access) return loadLeaf(k, access.buffer.dtype, at, innerStride)
  const first = k.splat(at)
  const indices = innerStride === 0 ? first : k.add(first, laneOffsets(k, innerStride))
  return positional[node.kind as PositionalKind](k, node as never, indices, keys)
}

/** What is counted or drawn at four indices. */
const positional: {
  readonly [K in PositionalKind]: (k: KernelBuilder, node: NodeOf<K>, indices: Value, keys: RandomKeys) => Value
} = {
  iota: (k, _, indices) => k.toFloat(indices),
  randomUniform: (k, node, indices, keys) => keys.uniform(node, k.let(indices)),
}

function loadLeaf(k: KernelBuilder, dtype: Access['buffer']['dtype'], at: Value, innerStride: number): Value {
  if (innerStride === 0) return k.splat(scalarAt(k, dtype, at, 0))
  if (innerStride === 1) {
    if (dtype === 'f32') return k.load('vec', at)
    return k.toFloat(k.load('ivec', at, 0, dtype === 'u8' ? 'bytes' : 'full'))
  }
  const first = k.let(at)
  const lanes = Array.from({ length: k.lanes }, (_, lane) =>
    k.let(k.splat(scalarAt(k, dtype, first, lane * innerStride * bytesOf[dtype]))),
  )
  return diagonal(k, lanes)
}

function scalarAt(k: KernelBuilder, dtype: 'f32' | 'i32' | 'u8', address: Value, offset: number): Value {
  if (dtype === 'f32') return k.load('f32', address, offset)
  return k.toFloat(k.load('i32', address, offset, dtype === 'u8' ? 'bytes' : 'full'))
}

/** Keys of the draws that are not loaded, folded once, at the start of a kernel. */
export class RandomKeys {
  private readonly keys = new Map<Node, readonly [Value, Value]>()
  private readonly k: KernelBuilder

  constructor(k: KernelBuilder, nodes: readonly Node[], leaves: ReadonlyMap<Node, Access>) {
    this.k = k
    for (const node of nodes) {
      if (!isDrawn(node) || leaves.has(node)) continue
      const access = leaves.get(node.inputs[0]!)!
      const address = k.let(k.add(baseAddress(k, access.buffer), access.offset * 4))
      // base/random `fold`: first = mix(key0 ^ mix(salt)), second = mix(first + key1).
      const first = mixBits(k, k.xor(k.load('i32', address), k.int(mix(node.attributes.salt))))
      const second = mixBits(k, k.add(first, k.load('i32', address, 4)))
      this.keys.set(node, [k.let(k.splat(first)), k.let(k.splat(second))])
    }
  }

  /** base/random `uniform` of four indices. */
  uniform(node: Node, indices: Value): Value {
    const { k } = this
    const [first, second] = this.keys.get(node)!
    const bits = mixBits(k, k.add(mixBits(k, k.xor(indices, first)), second))
    return k.mul(k.toFloat(k.shru(bits, 8)), 2 ** -24)
  }
}

/** Computes a node whose operands are in `values`. */
export function evaluateNode(k: KernelBuilder, node: Node, values: Map<Node, Value>): void {
  if (values.has(node)) return
  const operands: Value[] = []
  for (const input of node.inputs) operands.push(values.get(input)!)
  values.set(node, k.let(chosen(k, node, operands, values) ?? elementwise(k, node, operands)))
}

/** A comparison that is chosen by is a mask, no number. */
function chosen(
  k: KernelBuilder,
  node: Node,
  operands: readonly Value[],
  values: ReadonlyMap<Node, Value>,
): Value | undefined {
  if (node.kind !== 'select') return undefined
  const condition = node.inputs[0]!
  const compared = condition.inputs.map(input => values.get(input))
  const mask = comparison(k, condition, compared)
  return mask && choose(k, mask, operands[1]!, operands[2]!)
}
