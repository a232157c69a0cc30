/** Nodes: one operation applied to inputs, with its static shape. Immutable; identity is the value. */
import { InternalError } from '../base/errors.ts'
import type { DType, Shape } from '../base/shape.ts'
import type { OpAttributes, OpKind } from './ops.ts'

export interface NodeOf<K extends OpKind> {
  /** Creation order in its graph: inputs always have smaller numbers. */
  readonly id: number
  readonly kind: K
  readonly attributes: OpAttributes[K]
  readonly inputs: readonly Node[]
  /** With the batch (capacity N) as axis 0 when batched. */
  readonly shape: Shape
  readonly dtype: DType
  readonly batched: boolean
}

export type Node = { [K in OpKind]: NodeOf<K> }[OpKind]

/** What a formula of a user's own gave may be anything. */
export function isNode(value: unknown): value is Node {
  const { id, shape } = Object(value) as Partial<Node>
  return typeof id === 'number' && Array.isArray(shape)
}

/** A value written to a state after everything in the step has read the old one. `value` has the state's shape. */
export interface StateUpdate {
  readonly state: NodeOf<'state'>
  readonly value: Node
}

/** One compiled entry (a training step, an evaluation step, a prediction): what the host feeds, what stays, what comes out. */
export interface StepGraph {
  /** N: the most rows one run can have. */
  readonly batch: number
  readonly inputs: readonly NodeOf<'input'>[]
  readonly states: readonly NodeOf<'state'>[]
  readonly updates: readonly StateUpdate[]
  readonly outputs: readonly { readonly name: string; readonly node: Node }[]
  /** Without updates only: what depends on states alone is computed when a state has changed, not in every run. */
  readonly prepared?: boolean
}

/** Every node the step needs, inputs before users (ascending id). */
export function nodesOf(graph: StepGraph): Node[] {
  const reached: Node[] = []
  const pending: Node[] = [...graph.outputs.map(output => output.node), ...graph.updates.map(update => update.value)]
  for (let node = pending.pop(); node; node = pending.pop()) {
    const known = reached[node.id]
    if (known === node) continue
    if (known)
      throw new InternalError(
        'graph',
        `${node.kind} ${node.id} is a node of another graph than ${known.kind} ${node.id}`,
      )
    reached[node.id] = node
    pending.push(...node.inputs)
  }
  // In order of the numbers, without the gaps.
  return Object.values(reached)
}

/** A step with the inputs and states that its outputs and updates read or write, in order of their creation. */
export function stepGraph(batch: number, updates: readonly StateUpdate[], outputs: StepGraph['outputs']): StepGraph {
  const draft: StepGraph = { batch, inputs: [], states: [], updates, outputs }
  const inputs: NodeOf<'input'>[] = []
  const states = new Set<NodeOf<'state'>>()
  for (const node of nodesOf(draft)) {
    if (node.kind === 'input') inputs.push(node)
    if (node.kind === 'state') states.add(node)
  }
  for (const { state } of updates) states.add(state)
  return { ...draft, inputs, states: [...states] }
}
