/** Operators that older exporters write out: x/2 · (1 + erf(x/√2)) becomes one Gelu. In: nodes. Out: nodes, in an order in which they can be computed. */
import type { OnnxGraph, OnnxNode } from './onnx-model.ts'

/** The graph with one node for each pattern in it. `constantOf` gives a single number that a name stands for. */
export function withPatterns(graph: OnnxGraph, constantOf: (name: string) => number | undefined): readonly OnnxNode[] {
  const makers = new Map(graph.nodes.flatMap(node => node.outputs.map(output => [output, node] as const)))
  const readers = new Map<string, OnnxNode[]>()
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      const list = readers.get(input)
      if (list) list.push(node)
      else readers.set(input, [node])
    }
  }
  const isOutput = new Set(graph.outputs.map(({ name }) => name))
  const onlyReader = (name: string): OnnxNode | undefined =>
    isOutput.has(name) || readers.get(name)?.length !== 1 ? undefined : readers.get(name)![0]
  const is = (node: OnnxNode | undefined, op: string): node is OnnxNode => node?.op === op && node.domain === ''
  const isNear = (value: number | undefined, target: number): boolean =>
    value !== undefined && Math.abs(value - target) < 1e-6 * target
  /** x of x · factor, in whichever order. */
  const scaledBy = (node: OnnxNode | undefined, factor: number): string | undefined => {
    const [a, b] = node?.inputs ?? []
    if (is(node, 'Mul') && isNear(constantOf(b!), factor)) return a
    if (is(node, 'Mul') && isNear(constantOf(a!), factor)) return b
    return is(node, 'Div') && isNear(constantOf(b!), 1 / factor) ? a : undefined
  }
  const replaced = new Map<OnnxNode, OnnxNode>()
  for (const erf of graph.nodes) {
    if (!is(erf, 'Erf')) continue
    const x = scaledBy(makers.get(erf.inputs[0]!), Math.SQRT1_2)
    const sum = onlyReader(erf.outputs[0]!)
    if (x === undefined || !is(sum, 'Add') || !sum.inputs.some(name => isNear(constantOf(name), 1))) continue
    // Products follow until x and ½ are both in.
    let [last, hasX, hasHalf] = [sum, false, false]
    while (!(hasX && hasHalf)) {
      const product = onlyReader(last.outputs[0]!)
      if (!is(product, 'Mul')) break
      const other = product.inputs.find(name => name !== last.outputs[0]!)
      if (other === undefined) break
      if (other === x && !hasX) hasX = true
      else if (isNear(constantOf(other), 0.5) && !hasHalf) hasHalf = true
      else if (scaledBy(makers.get(other), 0.5) === x && !hasX && !hasHalf) [hasX, hasHalf] = [true, true]
      else break
      last = product
    }
    if (hasX && hasHalf) replaced.set(last, { ...last, op: 'Gelu', inputs: [x], attributes: {} })
  }
  return graph.nodes.map(node => replaced.get(node) ?? node)
}
