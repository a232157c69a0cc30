/**
 * What a kernel does with its result while it is still in registers: bias, activation, gradient of an activation, optimizer update.
 * Operands are scalars, vectors along the last axis, or tensors of the result's own shape and order.
 */
import type { Node } from '../graph/node.ts'
import { epilogueNodes } from '../plan/axes.ts'
import { isDrawn } from '../plan/operations.ts'
import type { Epilogue } from '../plan/types.ts'
import { computedNow, elementAddress } from './address.ts'
import type { DrawKeys, KernelBuilder } from './builder.ts'
import { clearSums, sumsStart } from './channel-sums.ts'
import { drawKeysOf, evaluateNode, leafValue } from './expression.ts'
import type { Value } from './ir.ts'
import { laneNumbers } from './lanes.ts'

type Extent = 'scalar' | 'channel' | 'full'

/** How an operand lies along the result's axes; undefined: in no way an epilogue can use. */
function extentOf(strides: readonly number[], shape: readonly number[]): Extent | undefined {
  let natural = 1
  let full = true
  let channel = true
  let scalar = true
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1) {
      if (strides[axis] !== natural) full = false
      if (strides[axis] !== (axis === shape.length - 1 ? 1 : 0)) channel = false
      if (strides[axis] !== 0) scalar = false
    }
    natural *= shape[axis]!
  }
  return scalar ? 'scalar' : full ? 'full' : channel ? 'channel' : undefined
}

export class EpilogueEmitter {
  private readonly k: KernelBuilder
  private readonly epilogue: Epilogue
  private readonly nodes: readonly Node[]
  private readonly extents = new Map<Node, Extent>()
  private readonly keys: DrawKeys
  private readonly scalars = new Map<Node, Value>()
  /** Sums of channels, and where the slice's section of them starts. */
  private readonly sums: readonly { readonly node: Node; readonly start: Value }[]

  /** Evaluates what is the same everywhere. Call at the start of the kernel, outside of its loops. `section`: where sums are taken. */
  constructor(k: KernelBuilder, epilogue: Epilogue, section: Value = k.int(0)) {
    this.k = k
    this.epilogue = epilogue
    const channels = epilogue.anchor.shape.at(-1)!
    this.sums = epilogue.results
      .filter(result => result.summed)
      .map(({ node, access }) => ({ node, start: sumsStart(k, access, section, channels) }))
    for (const { start } of this.sums) clearSums(k, start, channels)
    this.nodes = epilogueNodes(epilogue)
    for (const node of this.nodes) this.extents.set(node, this.nodeExtent(node))
    this.keys = drawKeysOf(k, this.nodes, epilogue.leaves)
    this.evaluate('scalar', this.scalars, k.int(0), 0)
  }

  /** Evaluates what varies along the last axis only, for vectors at `channel` (an element index). */
  atChannel(channel: Value): ChannelEpilogue {
    const values = new Map(this.scalars)
    this.evaluate('channel', values, channel, 1)
    const { k } = this
    const sums = new Map<Node, Value>()
    return {
      store: this.storing(values, sums),
      finish: (lanes = k.lanes) => {
        for (const { node, start } of this.sums) {
          const at = k.plus(start, k.mul(channel, 4))
          k.store(at, k.add(k.load('vec', at), sums.get(node)!), 0, lanes)
        }
        sums.clear()
      },
    }
  }

  /**
   * For results that lie one after the other, of at most two vectors of channels each: what to store vector j with is at j modulo the
   * length.
   */
  atRun(width: number): Pick<ChannelEpilogue, 'store'>[] {
    const { k } = this
    const [low, high] = [0, width > k.lanes ? k.lanes : 0].map(first => {
      const values = new Map<Node, Value>(this.scalars)
      this.evaluate('channel', values, k.int(first), 1)
      return values
    }) as [Map<Node, Value>, Map<Node, Value>]
    const period = laneNumbers(k).find(count => count > 0 && (count * k.lanes) % width === 0) ?? width
    return Array.from({ length: period }, (_, vector) => {
      const lanes = laneNumbers(k).map(lane => (vector * k.lanes + lane) % width)
      const values = new Map(this.scalars)
      for (const [node, value] of low)
        if (!values.has(node)) values.set(node, k.let(k.shuffle(value, high.get(node)!, lanes)))
      return { store: this.storing(values, new Map()) }
    })
  }

  private storing(values: ReadonlyMap<Node, Value>, sums: Map<Node, Value>): ChannelEpilogue['store'] {
    const { k } = this
    return (element, result, lanes = k.lanes) => {
      const all = new Map(values)
      all.set(this.epilogue.anchor, k.let(result))
      const place = computedNow(k, element)
      this.evaluate('full', all, place, 1)
      for (const { node, access, summed } of this.epilogue.results)
        if (!summed) k.store(elementAddress(k, access, place), all.get(node)!, 0, lanes)
      for (const { node } of this.sums) {
        const sum = sums.get(node)
        sums.set(node, sum ? k.plus(sum, all.get(node)!) : all.get(node)!)
      }
    }
  }

  private nodeExtent(node: Node): Extent {
    const access = this.epilogue.leaves.get(node)
    const { shape } = this.epilogue.anchor
    if (access) return extentOf(access.strides, shape)!
    if (isDrawn(node)) return 'full'
    const operands = node.inputs.map(input => (input === this.epilogue.anchor ? 'full' : this.extents.get(input)!))
    return operands.includes('full') ? 'full' : operands.includes('channel') ? 'channel' : 'scalar'
  }

  private evaluate(extent: Extent, values: Map<Node, Value>, element: Value, stride: number): void {
    for (const node of this.nodes) {
      if (this.extents.get(node) !== extent) continue
      const access = this.epilogue.leaves.get(node)
      if (access || isDrawn(node)) {
        const at = access ? elementAddress(this.k, access, element) : element
        values.set(node, this.k.let(leafValue(this.k, { node, access, strides: [] }, at, stride, this.keys)))
      } else evaluateNode(this.k, node, values)
    }
  }
}

export interface ChannelEpilogue {
  /** Finishes and stores `lanes` lanes whose first element (in the result's order) is `element`. */
  store(element: Value, result: Value, lanes?: number): void
  /** Adds what has been stored since the last time to the sums of these channels. */
  finish(lanes?: number): void
}
