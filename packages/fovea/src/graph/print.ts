/**
 * A step graph as text, one line per node in order, for people and for goldens:
 *
 *   %12 conv2d (32, 26, 26, 32)* = %3 %4 {strides [1,1], padding 0 0 0 0, dilation [1,1], groups 1}
 *
 * A star marks a batched tensor; types other than float32 are named after the shape.
 */
import { formatShape } from '../base/shape.ts'
import { type Node, nodesOf, type StepGraph } from './node.ts'

export function printNode(node: Node): string {
  const type = node.dtype === 'f32' ? '' : ` ${node.dtype}`
  const inputs = node.inputs.map(input => ` %${input.id}`).join('')
  const attributes = Object.entries(node.attributes).map(([name, value]) => `${name} ${printValue(value)}`)
  return [
    `%${node.id} ${node.kind} ${formatShape(node.shape)}${node.batched ? '*' : ''}${type}`,
    inputs === '' ? '' : ` =${inputs}`,
    attributes.length === 0 ? '' : ` {${attributes.join(', ')}}`,
  ].join('')
}

/** All nodes, then the outputs and the updates. */
export function printGraph(graph: StepGraph): string {
  const lines = [`batch ${graph.batch}`, ...nodesOf(graph).map(printNode)]
  for (const { name, node } of graph.outputs) lines.push(`output ${name} = %${node.id}`)
  for (const { state, value } of graph.updates) lines.push(`update ${state.attributes.name} = %${value.id}`)
  return `${lines.join('\n')}\n`
}

function printValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(',')}]`
  if (typeof value === 'object' && value !== null) return Object.values(value).map(printValue).join(' ')
  return String(value)
}
