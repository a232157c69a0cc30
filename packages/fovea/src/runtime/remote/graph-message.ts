/**
 * Step graphs as messages: nodes in a row, operands by their place in it. A graph as it is would be cloned along its operands, and one of
 * many layers is too deep for that.
 */
import type { Node, NodeOf, StepGraph } from '../../graph/node.ts'
import { nodesOf } from '../../graph/node.ts'

type FlatNode = Omit<Node, 'inputs'> & { readonly inputs: readonly number[] }

export interface FlatGraph {
  readonly batch: number
  readonly prepared: boolean | undefined
  readonly nodes: readonly FlatNode[]
  readonly inputs: readonly number[]
  readonly states: readonly number[]
  readonly updates: readonly (readonly [state: number, value: number])[]
  readonly outputs: readonly (readonly [name: string, node: number])[]
}

export type FlatGraphs = Readonly<Record<string, FlatGraph>>

export function flatGraph(graph: StepGraph): FlatGraph {
  // An input or a state may be there that no result depends on.
  const nodes = [...new Set<Node>([...graph.inputs, ...graph.states, ...nodesOf(graph)])].sort((a, b) => a.id - b.id)
  const places = new Map(nodes.map((node, place) => [node, place]))
  const placeOf = (node: Node): number => places.get(node)!
  return {
    batch: graph.batch,
    prepared: graph.prepared,
    nodes: nodes.map(node => ({ ...node, inputs: node.inputs.map(placeOf) })),
    inputs: graph.inputs.map(placeOf),
    states: graph.states.map(placeOf),
    updates: graph.updates.map(({ state, value }) => [placeOf(state), placeOf(value)] as const),
    outputs: graph.outputs.map(({ name, node }) => [name, placeOf(node)] as const),
  }
}

export function stepGraphOf({ batch, prepared, nodes: flat, inputs, states, updates, outputs }: FlatGraph): StepGraph {
  const nodes: Node[] = []
  for (const node of flat) nodes.push({ ...node, inputs: node.inputs.map(place => nodes[place]!) } as Node)
  const stateAt = (place: number) => nodes[place] as NodeOf<'state'>
  return {
    batch,
    inputs: inputs.map(place => nodes[place] as NodeOf<'input'>),
    states: states.map(stateAt),
    updates: updates.map(([state, value]) => ({ state: stateAt(state), value: nodes[value]! })),
    outputs: outputs.map(([name, place]) => ({ name, node: nodes[place]! })),
    ...(prepared !== undefined && { prepared }),
  }
}
