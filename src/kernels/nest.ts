/**
 * Loop nests over tensors with strided operands: axes that all operands walk alike are merged, the last one is vectorised (its
 * last 1 to 3 elements as part of a vector), and every value is computed at the outermost loop it depends on.
 */
import type { Node } from '../graph/node.ts'
import { type Axes, expressionNodes, type Varying } from '../plan/axes.ts'
import type { Expression } from '../plan/types.ts'
import type { KernelBuilder } from './builder.ts'
import { evaluateNodes, leafValue, RandomKeys } from './expression.ts'
import { LANES, type Value } from './ir.ts'

/** Evaluates an expression inside loops the caller writes: `enter` each axis of `axes` in turn, read values, `leave`. */
export class Evaluator {
  private readonly k: KernelBuilder
  private readonly axes: Axes
  private readonly nodes: readonly Node[]
  private readonly varying: ReadonlyMap<Node, Varying>
  private readonly levels = new Map<Node, number>()
  private readonly keys: RandomKeys
  private readonly values = new Map<Node, Value>()
  private readonly frames: { readonly index: Value; readonly known: ReadonlySet<Node> }[] = []

  constructor(k: KernelBuilder, varying: readonly Varying[], expression: Expression, axes: Axes) {
    this.k = k
    this.axes = axes
    this.nodes = expressionNodes(expression)
    this.varying = new Map(varying.map(each => [each.node, { ...each, strides: this.merged(each.strides) }]))
    this.keys = new RandomKeys(k, this.nodes, expression.leaves)
    for (const node of this.nodes) this.levels.set(node, this.levelOf(node))
    this.compute(0)
  }

  /** An operand's strides along the merged axes: that of the innermost original axis of each. */
  merged(strides: readonly number[]): number[] {
    return this.axes.groups.map(group => strides[group.at(-1)!]!)
  }

  enter(index: Value): void {
    this.frames.push({ index, known: new Set(this.values.keys()) })
    this.compute(this.frames.length)
  }

  leave(): void {
    const { known } = this.frames.pop()!
    for (const node of [...this.values.keys()]) if (!known.has(node)) this.values.delete(node)
  }

  value(node: Node): Value {
    return this.values.get(node)!
  }

  /** Element index of an operand at the axes entered so far; strides along the original axes. */
  element(strides: readonly number[]): Value {
    const along = this.merged(strides)
    return this.frames.reduce(
      (sum: Value, { index }, axis) => this.k.add(sum, this.k.mul(index, along[axis]!)),
      this.k.int(0),
    )
  }

  /** 0: the same everywhere; a: varies along loop a (counted from 1) and not deeper. */
  private levelOf(node: Node): number {
    const varying = this.varying.get(node)
    if (!varying) return Math.max(0, ...node.inputs.map(input => this.levels.get(input) ?? 0))
    return varying.strides.findLastIndex((stride, axis) => stride !== 0 && this.axes.extents[axis] !== 1) + 1
  }

  private compute(level: number): void {
    const depth = this.axes.extents.length
    for (const node of this.nodes) {
      if (this.levels.get(node) !== level) continue
      const varying = this.varying.get(node)
      if (!varying) {
        evaluateNodes(this.k, [node], this.values)
        continue
      }
      const innerStride = level === depth ? varying.strides[depth - 1]! : 0
      const element = this.frames.reduce(
        (sum: Value, { index }, axis) => this.k.add(sum, this.k.mul(index, varying.strides[axis]!)),
        this.k.int(0),
      )
      this.values.set(node, this.k.let(leafValue(this.k, varying, this.k.let(element), innerStride, this.keys)))
    }
  }
}

/** Vectors along [0, extent), `body(index, lanes)`: whole ones, then the rest. */
export function vectorLoop(k: KernelBuilder, extent: number, body: (index: Value, lanes: number) => void): void {
  const tail = extent % LANES
  k.loop(0, extent - tail, LANES, index => body(index, LANES))
  if (tail) body(k.int(extent - tail), tail)
}
