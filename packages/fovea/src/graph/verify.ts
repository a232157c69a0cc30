/**
 * Checks a step graph before anything is built on it: shapes agree with the rules, inputs come before users, batched tensors
 * have the batch as axis 0, every leaf is declared, and updates have their state's shape. Throws InternalError: a graph that
 * breaks a rule is a bug of whoever built it.
 */
import { InternalError } from '../base/errors.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { type Node, nodesOf, type StepGraph } from './node.ts'
import { printNode } from './print.ts'
import { shapeRules } from './shape-rules.ts'

export function verify(graph: StepGraph): void {
  const declared = new Set<Node>([...graph.inputs, ...graph.states])
  unique(
    'input',
    graph.inputs.map(input => input.attributes.name),
  )
  unique(
    'state',
    graph.states.map(state => state.attributes.name),
  )
  unique(
    'output',
    graph.outputs.map(output => output.name),
  )
  unique(
    'update of state',
    graph.updates.map(update => update.state.attributes.name),
  )

  for (const node of nodesOf(graph)) {
    verifyNode(node, graph.batch)
    if (node.kind === 'input' || node.kind === 'state') {
      demand(declared.has(node), node, `'${node.attributes.name}' is not among the declared ${node.kind}s`)
    }
  }
  for (const { state, value } of graph.updates) {
    demand(declared.has(state), state, `'${state.attributes.name}' is updated but not declared`)
    const fits = sameShape(state.shape, value.shape) && value.dtype === state.dtype && !value.batched
    demand(
      fits,
      value,
      `update of state '${state.attributes.name}' ${formatShape(state.shape)} has another shape or type`,
    )
  }
}

function verifyNode(node: Node, batch: number): void {
  for (const input of node.inputs) demand(input.id < node.id, node, `input %${input.id} comes later`)
  demand(
    node.shape.every(extent => Number.isInteger(extent) && extent > 0),
    node,
    'an extent is not a positive integer',
  )
  demand(!node.batched || node.shape[0] === batch, node, `batched, but axis 0 is not the batch of ${batch}`)
  const rule = shapeRules[node.kind] as (...values: Parameters<(typeof shapeRules)['binary']>) => typeof node
  const signature = rule(node.attributes as never, node.inputs, node)
  const agrees =
    sameShape(signature.shape, node.shape) && signature.dtype === node.dtype && signature.batched === node.batched
  demand(agrees, node, `the rule gives ${formatShape(signature.shape)} ${signature.dtype}`)
}

function unique(what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new InternalError('verify', `two declarations of ${what} '${twice}'`)
}

function demand(condition: boolean, node: Node, detail: string): void {
  if (!condition) throw new InternalError('verify', `${printNode(node)}: ${detail}`)
}
