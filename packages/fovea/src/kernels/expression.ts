/**
 * Evaluates an expression at a position. A node's level is how deep in the loop nest it varies: what does not vary in the inner
 * loops is computed outside of them, once. Both whole-tensor maps and epilogues use this.
 */
import { bytesOf } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import type { Varying } from '../plan/axes.ts'
import { isDrawn } from '../plan/operations.ts'
import type { Access } from '../plan/types.ts'
import type { DrawKeys, KernelBuilder } from './builder.ts'
import { elementwise } from './elementwise.ts'
import { diagonal, laneOffsets } from './gathered-lanes.ts'
import type { Value } from './ir.ts'

/** The value of a loaded node whose lane 0 lies at address `at`, or of a counted or drawn one whose index there is `at`. */
export function leafValue(k: KernelBuilder, leaf: Varying, at: Value, innerStride: number, keys: DrawKeys): Value {
  const { node, access } = leaf
  if (access) return loadLeaf(k, access.buffer.dtype, at, innerStride)
  const first = k.splat(at)
  const indices = innerStride === 0 ? first : k.add(first, laneOffsets(k, innerStride))
  return k.rarer.position(k, node, indices, keys)
}

function loadLeaf(k: KernelBuilder, dtype: Access['buffer']['dtype'], at: Value, innerStride: number): Value {
  if (innerStride === 0) return k.splat(scalarAt(k, dtype, at, 0))
  if (innerStride === 1) {
    if (dtype === 'f32') return k.load('vec', at)
    return k.floatOf('toFloat', k.load('ivec', at, 0, dtype === 'u8' ? 'bytes' : 'full'))
  }
  const first = k.let(at)
  const lanes = Array.from({ length: k.lanes }, (_, lane) =>
    k.let(k.splat(scalarAt(k, dtype, first, lane * innerStride * bytesOf[dtype]))),
  )
  return diagonal(k, lanes)
}

function scalarAt(k: KernelBuilder, dtype: 'f32' | 'i32' | 'u8', address: Value, offset: number): Value {
  if (dtype === 'f32') return k.load('f32', address, offset)
  return k.floatOf('toFloat', k.load('i32', address, offset, dtype === 'u8' ? 'bytes' : 'full'))
}

/** Keys of the draws that are not loaded, folded once, at the start of a kernel. */
export function drawKeysOf(k: KernelBuilder, nodes: readonly Node[], leaves: ReadonlyMap<Node, Access>): DrawKeys {
  return nodes.some(node => isDrawn(node) && !leaves.has(node)) ? k.rarer.drawKeys(k, nodes, leaves) : new Map()
}

/** Computes a node whose operands are in `values`. */
export function evaluateNode(k: KernelBuilder, node: Node, values: Map<Node, Value>): void {
  if (!values.has(node)) values.set(node, k.let(elementwise(k, node, values)))
}
