/**
 * A case of one operation: how to build it from leaves, with the leaves' data. Any device runs the same records (run-case.ts),
 * and the gradient suite differentiates them. All data are float32 numbers, drawn from a key made of the case's name.
 */
import { keyOf, permutation, type RandomKey, uniform } from '../../packages/fovea/src/base/random.ts'
import { type DType, type Shape, sizeOf } from '../../packages/fovea/src/base/shape.ts'
import { createGraph, type Graph } from '../../packages/fovea/src/graph/builder.ts'
import type { Node, NodeOf, StepGraph } from '../../packages/fovea/src/graph/node.ts'
import type { OpKind } from '../../packages/fovea/src/graph/ops.ts'

/**
 * normal: bell-shaped, about −3.4 … 3.4; positive: 0.1 … 3; unit: 0 … 1; distinct: all different, none near 0 (for kinks);
 * ties: −1, 0, 1; mask: 0 or 1; integers: −3 … 3; or a function of the element's index and a uniform number.
 */
export type Fill =
  | 'normal'
  | 'positive'
  | 'unit'
  | 'distinct'
  | 'ties'
  | 'mask'
  | 'integers'
  | ((index: number, random: number) => number)

export interface LeafOptions {
  readonly batched?: boolean
  readonly dtype?: DType
  readonly fill?: Fill
}

export interface CaseContext {
  readonly graph: Graph
  /** N, the capacity. */
  readonly batch: number
  /** A fed leaf; batched ones get the batch in front of `shape`. */
  input(shape: Shape, options?: LeafOptions): NodeOf<'input'>
  /** A batched float leaf. */
  rows(shape: Shape, fill?: Fill): NodeOf<'input'>
  state(shape: Shape, fill?: Fill): NodeOf<'state'>
  update(state: NodeOf<'state'>, value: Node): void
}

export interface OpCase {
  /** Unique. */
  readonly name: string
  readonly kind: OpKind | 'composite'
  readonly batch: number
  /** The outputs to compare. */
  readonly build: (context: CaseContext) => Node | readonly Node[]
  /** Compare bit for bit, whatever the operation. */
  readonly exact?: boolean
  /** Why central differences are not taken (ties, steps): left out by default. */
  readonly noDifferences?: string
}

export interface BuiltCase {
  readonly graph: Graph
  readonly step: StepGraph
  readonly inputs: Readonly<Record<string, Float64Array>>
  readonly states: Readonly<Record<string, Float64Array>>
  /** Float leaves with smooth data: those to differentiate by. */
  readonly smooth: readonly (NodeOf<'input'> | NodeOf<'state'>)[]
}

export function buildCase(opCase: OpCase): BuiltCase {
  const graph = createGraph(opCase.batch)
  const key = keyOf([...opCase.name].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 7))
  const inputs: NodeOf<'input'>[] = []
  const states: NodeOf<'state'>[] = []
  const data: Record<'inputs' | 'states', Record<string, Float64Array>> = { inputs: {}, states: {} }
  const smooth: (NodeOf<'input'> | NodeOf<'state'>)[] = []
  const updates: { state: NodeOf<'state'>; value: Node }[] = []
  let leaves = 0
  const keep = (leaf: NodeOf<'input'> | NodeOf<'state'>, fill: Fill): void => {
    const values = leaf.kind === 'input' ? data.inputs : data.states
    values[leaf.attributes.name] = filled(fill, sizeOf(leaf.shape), [key[0], key[1] + leaves])
    if (leaf.dtype === 'f32' && fill !== 'ties' && fill !== 'mask') smooth.push(leaf)
  }
  const context: CaseContext = {
    graph,
    batch: opCase.batch,
    input: (shape, { batched = false, dtype = 'f32', fill = 'normal' } = {}) => {
      const leaf = graph.input(`x${leaves++}`, batched ? [opCase.batch, ...shape] : shape, { batched, dtype })
      inputs.push(leaf)
      keep(leaf, fill)
      return leaf
    },
    rows: (shape, fill = 'normal') => context.input(shape, { batched: true, fill }),
    state: (shape, fill = 'normal') => {
      // States are shared by name among the entries of a program: the case's name keeps them apart.
      const leaf = graph.state(`${opCase.name}/s${leaves++}`, shape)
      states.push(leaf)
      keep(leaf, fill)
      return leaf
    },
    update: (state, value) => updates.push({ state, value }),
  }
  const built = opCase.build(context)
  const nodes = Array.isArray(built) ? (built as readonly Node[]) : [built as Node]
  const outputs = nodes.map((node, index) => ({ name: `y${index}`, node }))
  return { graph, step: { batch: opCase.batch, inputs, states, updates, outputs }, ...data, smooth }
}

function filled(fill: Fill, size: number, key: RandomKey): Float64Array {
  const u = (index: number, part = 0): number => uniform([key[0] + part, key[1]], index)
  const order = fill === 'distinct' ? permutation(key, size) : undefined
  const element = (index: number): number => {
    if (typeof fill === 'function') return fill(index, u(index))
    switch (fill) {
      case 'normal':
        return (u(index) + u(index, 1) + u(index, 2) + u(index, 3) - 2) * 1.7
      case 'positive':
        return 0.1 + 2.9 * u(index)
      case 'unit':
        return u(index)
      case 'distinct':
        return (order![index]! - Math.floor(size / 2) + 0.5) * Math.min(0.5, 8 / size)
      case 'ties':
        return Math.floor(u(index) * 3) - 1
      case 'mask':
        return u(index) < 0.5 ? 0 : 1
      case 'integers':
        return Math.floor(u(index) * 7) - 3
    }
  }
  return Float64Array.from({ length: size }, (_, index) => Math.fround(element(index)))
}
