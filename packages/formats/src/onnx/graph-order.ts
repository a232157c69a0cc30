/** Nodes of a graph in the order in which they are computed, and who reads what. */
import type { OnnxGraph, OnnxNode } from './onnx-model.ts'

/** Nodes that the outputs are computed from, each behind those that it reads: files exist that have them in another order. */
export function neededNodes({ nodes, outputs }: Pick<OnnxGraph, 'nodes' | 'outputs'>): readonly OnnxNode[] {
  const makers = new Map(nodes.flatMap(node => node.outputs.map(output => [output, node] as const)))
  const ordered = new Set<OnnxNode>()
  const begun = new Set<OnnxNode>()
  const open = outputs.flatMap(({ name }) => makers.get(name) ?? []).reverse()
  for (let node = open.at(-1); node !== undefined; node = open.at(-1)) {
    begun.add(node)
    const waiting = node.inputs.flatMap(name => makers.get(name) ?? []).filter(maker => !begun.has(maker))
    if (waiting.length === 0) ordered.add(open.pop()!)
    else for (const maker of waiting.reverse()) open.push(maker)
  }
  return [...ordered]
}

/** How often each name is read, by nodes and as an output. */
export function readersOf(nodes: readonly OnnxNode[], outputs: OnnxGraph['outputs']): ReadonlyMap<string, number> {
  const readers = new Map<string, number>()
  const count = (name: string): void => void readers.set(name, (readers.get(name) ?? 0) + 1)
  for (const { inputs } of nodes) inputs.forEach(count)
  for (const { name } of outputs) count(name)
  return readers
}

/** Numbers of the file by their names: initializers, and constants among the nodes. */
export function numbersOfFile({ initializers, nodes }: OnnxGraph): (name: string) => ArrayLike<number> | undefined {
  const numbers = new Map<string, ArrayLike<number>>()
  for (const { name, data } of initializers) numbers.set(name, data)
  for (const { op, attributes, outputs } of nodes) {
    const { value, value_float, value_ints } = attributes
    if (op !== 'Constant' || outputs.length !== 1) continue
    if (value?.kind === 'tensor') numbers.set(outputs[0]!, value.value.data)
    if (value_float?.kind === 'float') numbers.set(outputs[0]!, [value_float.value])
    if (value_ints?.kind === 'ints') numbers.set(outputs[0]!, value_ints.value)
  }
  return name => numbers.get(name)
}
