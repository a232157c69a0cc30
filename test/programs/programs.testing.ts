/**
 * Random programs: entries that share states, each a graph of random operations, and a script of runs. In: a number. Out: the same program
 * for the same number. They compute with numbers that float32 holds exactly, whatever the order of additions (whole ones and a
 * few halves; other results are not kept), so that a device must equal the oracle bit for bit.
 */
import { fold, keyOf, uniform } from '../../packages/fovea/src/base/random.ts'
import { type DType, type Shape, sameShape, sizeOf } from '../../packages/fovea/src/base/shape.ts'
import { createGraph, type Graph } from '../../packages/fovea/src/graph/builder.ts'
import {
  type Node,
  type NodeOf,
  type StateUpdate,
  type StepGraph,
  stepGraph,
} from '../../packages/fovea/src/graph/node.ts'
import { type Draw, drawOf } from '../op-cases/draw.ts'
import { absolute, rule, type Values } from '../op-cases/tolerance.ts'
import { operations, type Sketch } from './operations.testing.ts'

export interface Run {
  readonly entry: string
  /** Real rows of each step. */
  readonly rows: readonly number[]
}

export interface RandomProgram {
  readonly number: number
  readonly entries: Readonly<Record<string, StepGraph>>
  readonly script: readonly Run[]
}

/** Elements of the largest tensor. */
const MOST = 3000

/** What is fed or a state begins with: a function of the name and the step. */
export function valuesOf(name: string, dtype: DType, size: number, step = 0): Float64Array {
  const hash = [...name].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7)
  const key = fold(keyOf(hash), step)
  const low = dtype === 'u8' ? 0 : -3
  return Float64Array.from({ length: size }, (_, index) => low + Math.floor(uniform(key, index) * 7))
}

/** Sums of these are exact where all they add up is small beside its last digit. */
const sums = new Set(['matmul', 'conv2d', 'conv2dInputGrad', 'conv2dFilterGrad', 'maxPool2dGrad', 'reduce'])

/** Whether float32 holds the node's numbers and everything on the way to them. */
export function isExact(node: Node, { inputs, exact, n }: Values): boolean {
  if (!exact.every(value => Math.fround(value) === value && Math.abs(value) < 1e5)) return false
  if (!sums.has(node.kind)) return true
  // Of a pooling's gradient only dy is added up.
  const terms = node.kind === 'maxPool2dGrad' ? [...inputs.slice(0, 2), absolute(inputs[2]!)] : inputs.map(absolute)
  const digit = inputs.reduce((product, { data }) => product * lastDigit(data), 1)
  return rule(node, terms, n).every(total => total / digit < 2 ** 20)
}

/** The largest power of two, 1 at most, that all numbers are multiples of. */
function lastDigit(data: Float64Array): number {
  let digit = 1
  for (const value of data) while (value % digit !== 0) digit /= 2
  return digit
}

class Entry implements Sketch {
  readonly graph: Graph
  readonly draw: Draw
  readonly states = new Set<NodeOf<'state'>>()
  readonly nodes: Node[] = []
  private readonly name: string
  /** Of all entries so far. */
  private readonly shapes: Map<string, Shape>
  private readonly values = new Map<Node, Float64Array>()
  private inputs = 0

  constructor(name: string, batch: number, draw: Draw, shapes: Map<string, Shape>) {
    this.name = name
    this.graph = createGraph(batch)
    this.draw = draw
    this.shapes = shapes
  }

  pick(condition: (node: Node) => boolean = () => true): Node | undefined {
    const fit = this.nodes.filter(condition)
    if (fit.length === 0) return undefined
    return this.draw.one(this.draw.chance(0.5) ? fit.slice(-4) : fit)
  }

  add(node: Node): boolean {
    const isSound = this.nodes.includes(node) || this.valueOf(node) !== undefined
    if (isSound && !this.nodes.includes(node)) this.nodes.push(node)
    return isSound
  }

  leaf(shape: Shape, batched: boolean): Node {
    if (!batched && this.draw.chance(0.6)) return this.state(shape)
    const isBytes = this.draw.chance(0.3)
    const name = `${this.name} x${this.inputs++}`
    const whole = batched ? [this.graph.batch, ...shape] : shape
    return this.graph.cast(this.graph.input(name, whole, { batched, dtype: isBytes ? 'u8' : 'f32' }))
  }

  state(shape: Shape): NodeOf<'state'> {
    const known = [...this.shapes].filter(([, other]) => sameShape(other, shape)).map(([name]) => name)
    if (known.length === 0 || this.draw.chance(0.4)) return this.newState(shape)
    const state = this.graph.state(this.draw.one(known), shape)
    this.states.add(state)
    return state
  }

  private newState(shape: Shape): NodeOf<'state'> {
    const name = `${this.name} s${this.shapes.size}`
    this.shapes.set(name, shape)
    const state = this.graph.state(name, shape)
    this.states.add(state)
    return state
  }

  randomKey(): Node {
    return this.graph.input(`${this.name} key`, [2], { dtype: 'i32' })
  }

  grow(count: number): void {
    for (const shape of [...this.shapes.values()].slice(0, 3)) this.add(this.state(shape))
    while (this.nodes.length < 2)
      this.add(this.leaf(this.draw.one([[], [5], [4, 3], [8], [2, 3, 4], [6, 5, 3]]), this.draw.chance(0.7)))
    for (let tries = 0; this.nodes.length < count && tries < 6 * count; tries++) {
      const node = this.draw.one(operations)(this)
      if (node) this.add(node)
    }
  }

  /** New values of most states: what there is of their shape, or anything in their shape, alone or added to the old value. */
  updates(): StateUpdate[] {
    const { graph, draw } = this
    const isSmall = (node: Node): boolean => this.valueOf(node)?.every(value => Math.abs(value) <= 40) ?? false
    const updates: StateUpdate[] = []
    for (const state of this.states) {
      const alike = this.pick(node => !node.batched && sameShape(node.shape, state.shape))
      const taken = alike && draw.chance(0.5) ? alike : this.inShape(this.pick() ?? state, state.shape)
      const value = draw.one([taken, graph.add(state, taken), graph.sub(graph.mul(state, 0.5), taken)])
      // Small again, so that the next step's numbers are exact as well.
      const kept = value === taken && isSmall(value) ? value : graph.max(graph.min(graph.unary('floor', value), 3), -3)
      if (draw.chance(0.75) && this.add(kept)) updates.push({ state, value: kept })
    }
    // States that only keep what there is.
    for (const value of [0, 1].map(() => this.pick(node => !node.batched && isSmall(node))))
      if (value) updates.push({ state: this.newState(value.shape), value })
    return updates
  }

  outputs(): StepGraph['outputs'] {
    const used = new Set(this.nodes.flatMap(node => node.inputs))
    const read = this.nodes.filter(node => this.draw.chance(used.has(node) ? 0.1 : 0.75))
    return (read.length > 0 ? read : this.nodes.slice(-1)).map((node, index) => ({ name: `y${index}`, node }))
  }

  /** Some of x, by views, sums and repetition. */
  private inShape(x: Node, shape: Shape): Node {
    const { graph, draw } = this
    const fixed = x.batched ? graph.sum(x, [0]) : x
    const [size, wanted] = [sizeOf(fixed.shape), sizeOf(shape)]
    const flat = graph.reshape(fixed.shape.length === 2 ? graph.transpose(fixed, [1, 0]) : fixed, [size])
    if (size >= wanted) return graph.reshape(graph.slice(flat, [draw.whole(0, size - wanted)], [wanted]), shape)
    if (wanted < 2 * size) return graph.reshape(graph.concat([flat, graph.slice(flat, [0], [wanted - size])], 0), shape)
    return graph.reshape(graph.pad(flat, [1], [wanted - size - 1], 2), shape)
  }

  /** Values for a full batch; nothing where some are not exact. */
  private valueOf(node: Node): Float64Array | undefined {
    const known = this.values.get(node)
    if (known) return known
    if (sizeOf(node.shape) > MOST) return undefined
    if (node.kind === 'input' || node.kind === 'state') {
      const given = valuesOf(node.attributes.name, node.dtype, sizeOf(node.shape))
      this.values.set(node, given)
      return given
    }
    const data = node.inputs.map(input => this.valueOf(input))
    if (data.includes(undefined)) return undefined
    const inputs = node.inputs.map((input, index) => ({ shape: input.shape, data: data[index]! }))
    const exact = rule(node, inputs, this.graph.batch)
    if (!isExact(node, { inputs, exact, n: this.graph.batch })) return undefined
    this.values.set(node, exact)
    return exact
  }
}

export function randomProgram(number: number): RandomProgram {
  const key = keyOf(number)
  const draw = drawOf(key)
  const batch = draw.one([1, 2, 3, 4, 5, 7, 8, 9, 12])
  const [count, size] = [draw.whole(1, 3), draw.one([6, 10, 16, 24])]
  const shapes = new Map<string, Shape>()
  const entries: Record<string, StepGraph> = {}
  for (let index = 0; index < count; index++) {
    const name = `program ${number} entry ${index}`
    const entry = new Entry(name, batch, drawOf(fold(key, index)), shapes)
    entry.grow(size)
    const updates = index === 0 || draw.chance(0.5) ? entry.updates() : []
    entries[name] = {
      ...stepGraph(batch, updates, entry.outputs()),
      prepared: updates.length === 0 && draw.chance(0.7),
    }
  }
  const names = Object.keys(entries)
  const script = Array.from({ length: 2 * count }, (_, index) => ({
    entry: names[index] ?? draw.one(names),
    rows: Array.from({ length: draw.whole(1, 2) }, () => (draw.chance(0.5) ? batch : draw.whole(1, batch))),
  }))
  return { number, entries, script }
}
