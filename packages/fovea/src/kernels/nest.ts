/**
 * Loop nests over tensors with strided operands: axes that all operands walk alike are merged, the last one is vectorised (its
 * last elements as part of a vector), and every value is computed at the outermost loop it depends on.
 */
import { bytesOf } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import { type Axes, expressionNodes, type Varying } from '../plan/axes.ts'
import type { Access, Expression } from '../plan/types.ts'
import { startOf } from './address.ts'
import type { DrawKeys, KernelBuilder } from './builder.ts'
import { drawKeysOf, evaluateNode, leafValue } from './expression.ts'
import type { Value } from './ir.ts'

/** An operand or result on its way through the loops. */
interface Walk {
  /** Bytes (or indices) from one position to the next along each merged axis. */
  readonly steps: readonly number[]
  /** Addresses of its elements (of counts and draws: indices) at the start and at each axis entered so far. */
  readonly places: Value[]
}

/** Evaluates an expression inside loops the caller writes: `enter` each axis of `axes` in turn, read values, `leave`. */
export class ElementValues {
  private readonly k: KernelBuilder
  private readonly axes: Axes
  private readonly varying: ReadonlyMap<Node, Varying>
  private readonly levels = new Map<Node, number>()
  /** The nodes of each level, operands first. */
  private readonly nodes: readonly Node[][]
  private readonly keys: DrawKeys
  private readonly values = new Map<Node, Value>()
  /** Of the axes entered so far. */
  private readonly indices: Value[] = []
  private readonly walks = new Map<Varying | Access, Walk>()

  /** `stored`: where results go that are asked for by `address`. */
  constructor(
    k: KernelBuilder,
    varying: readonly Varying[],
    expression: Expression,
    axes: Axes,
    stored: readonly Access[] = [],
  ) {
    this.k = k
    this.axes = axes
    const nodes = expressionNodes(expression)
    this.varying = new Map(varying.map(each => [each.node, each]))
    this.keys = drawKeysOf(k, nodes, expression.leaves)
    for (const each of varying) this.walks.set(each, this.start(each.access, each.strides))
    for (const access of stored) this.walks.set(access, this.start(access, access.strides))
    this.nodes = Array.from({ length: axes.extents.length + 1 }, () => [])
    for (const node of nodes) {
      const level = this.levelOf(node)
      this.levels.set(node, level)
      this.nodes[level]!.push(node)
    }
    this.compute(0)
  }

  enter(index: Value): void {
    const { k } = this
    const axis = this.indices.push(index) - 1
    const innermost = axis === this.axes.extents.length - 1
    for (const { steps, places } of this.walks.values()) {
      const moved = k.add(places[axis]!, k.mul(index, steps[axis]!))
      // Of the innermost steps the constant part becomes part of the load.
      places.push(innermost || steps[axis] === 0 ? moved : k.let(moved))
    }
    this.compute(this.indices.length)
  }

  leave(): void {
    for (const node of this.nodes[this.indices.length]!) this.values.delete(node)
    for (const { places } of this.walks.values()) places.pop()
    this.indices.pop()
  }

  value(node: Node): Value {
    return this.values.get(node)!
  }

  /** Where a `stored` result lies at the axes entered so far. */
  address(access: Access): Value {
    return this.place(access)
  }

  /** Element index of an operand at the axes entered so far; strides along the original axes. */
  element(strides: readonly number[]): Value {
    const along = this.merged(strides)
    return this.indices.reduce(
      (sum: Value, index, axis) => this.k.add(sum, this.k.mul(index, along[axis]!)),
      this.k.int(0),
    )
  }

  private place(key: Varying | Access): Value {
    return this.walks.get(key)!.places[this.indices.length]!
  }

  /** An operand's strides along the merged axes: that of the innermost original axis of each. */
  private merged(strides: readonly number[]): number[] {
    return this.axes.groups.map(group => strides[group.at(-1)!]!)
  }

  private start(access: Access | undefined, strides: readonly number[]): Walk {
    const bytes = access ? bytesOf[access.buffer.dtype] : 1
    return {
      steps: this.merged(strides).map(stride => stride * bytes),
      places: [access ? startOf(this.k, access) : this.k.int(0)],
    }
  }

  /** 0: the same everywhere; a: varies along loop a (counted from 1) and not deeper. */
  private levelOf(node: Node): number {
    const varying = this.varying.get(node)
    if (!varying) return Math.max(0, ...node.inputs.map(input => this.levels.get(input) ?? 0))
    const { steps } = this.walks.get(varying)!
    return steps.findLastIndex((step, axis) => step !== 0 && this.axes.extents[axis] !== 1) + 1
  }

  private compute(level: number): void {
    const depth = this.axes.extents.length
    for (const node of this.nodes[level]!) {
      const varying = this.varying.get(node)
      if (!varying) {
        evaluateNode(this.k, node, this.values)
        continue
      }
      const innerStride = level === depth ? this.merged(varying.strides)[depth - 1]! : 0
      this.values.set(node, this.k.let(leafValue(this.k, varying, this.place(varying), innerStride, this.keys)))
    }
  }
}

/** Vectors along [0, extent), `body(index, lanes)`: whole ones, then the rest. */
export function vectorLoop(k: KernelBuilder, extent: number, body: (index: Value, lanes: number) => void): void {
  const tail = extent % k.lanes
  k.loop(0, extent - tail, k.lanes, index => body(index, k.lanes))
  if (tail) body(k.int(extent - tail), tail)
}

/** Pieces of [0, extent), each of as many vectors as are carried at most, with the lanes they have. */
export function chunks(k: KernelBuilder, extent: number, body: (first: Value, lanes: readonly number[]) => void): void {
  const vectors = k.target.carried
  const size = vectors * k.lanes
  const whole = extent - (extent % size)
  k.loop(0, whole, size, first => body(first, new Array<number>(vectors).fill(k.lanes)))
  const rest = Array.from({ length: Math.ceil((extent - whole) / k.lanes) }, (_, vector) =>
    Math.min(k.lanes, extent - whole - vector * k.lanes),
  )
  if (rest.length > 0) body(k.int(whole), rest)
}
