/**
 * Operators that older exporters write out become one node again: Gelu, x/2 · (1 + erf(x/√2)), and LayerNormalization, (x − mean) /
 * √(variance + epsilon) · scale + offset. In: a graph. Out: its nodes. What is left over of a pattern is read by nothing.
 */
import type { OnnxGraph, OnnxNode } from './onnx-model.ts'

/** Numbers of the file by their name. */
type Numbers = (name: string) => ArrayLike<number> | undefined

/** Nodes by what they read and give. */
interface Links {
  readonly maker: (name: string | undefined) => OnnxNode | undefined
  /** Undefined where several read it, or it is an output. */
  readonly onlyReader: (name: string) => OnnxNode | undefined
  /** Of a name that stands for a single number. */
  readonly number: (name: string | undefined) => number | undefined
  readonly numbers: Numbers
}

export function withPatterns(graph: OnnxGraph, numbers: Numbers): readonly OnnxNode[] {
  const links = linksOf(graph, numbers)
  const replaced = new Map<OnnxNode, OnnxNode>()
  for (const node of graph.nodes) {
    const found = is(node, 'Erf') ? geluOf(node, links) : is(node, 'Sqrt') ? normalizationOf(node, links) : undefined
    if (found) replaced.set(found.last, { ...found.last, ...found.as })
  }
  return graph.nodes.map(node => replaced.get(node) ?? node)
}

function linksOf({ nodes, outputs }: OnnxGraph, numbers: Numbers): Links {
  const makers = new Map(nodes.flatMap(node => node.outputs.map(output => [output, node] as const)))
  const readers = new Map<string, OnnxNode[]>()
  for (const node of nodes) {
    for (const input of node.inputs) {
      const list = readers.get(input)
      if (list) list.push(node)
      else readers.set(input, [node])
    }
  }
  const isOutput = new Set(outputs.map(({ name }) => name))
  return {
    maker: name => (name === undefined ? undefined : makers.get(name)),
    onlyReader: name => (isOutput.has(name) || readers.get(name)?.length !== 1 ? undefined : readers.get(name)![0]),
    number: name => {
      const list = name === undefined ? undefined : numbers(name)
      return list?.length === 1 ? list[0] : undefined
    },
    numbers,
  }
}

/** The last node of a pattern, and what it becomes. */
interface Found {
  readonly last: OnnxNode
  readonly as: Pick<OnnxNode, 'op' | 'inputs' | 'attributes'>
}

const is = (node: OnnxNode | undefined, op: string): node is OnnxNode => node?.op === op && node.domain === ''
const isNear = (value: number | undefined, target: number): boolean =>
  value !== undefined && Math.abs(value - target) < 1e-6 * target
/** The other input of two. */
const otherInput = ({ inputs }: OnnxNode, name: string): string | undefined => inputs.find(input => input !== name)

function geluOf(erf: OnnxNode, { maker, onlyReader, number }: Links): Found | undefined {
  /** x of x · factor, in whichever order. */
  const scaledBy = (node: OnnxNode | undefined, factor: number): string | undefined => {
    const [a, b] = node?.inputs ?? []
    if (is(node, 'Mul') && isNear(number(b), factor)) return a
    if (is(node, 'Mul') && isNear(number(a), factor)) return b
    return is(node, 'Div') && isNear(number(b), 1 / factor) ? a : undefined
  }
  const x = scaledBy(maker(erf.inputs[0]), Math.SQRT1_2)
  const sum = onlyReader(erf.outputs[0]!)
  if (x === undefined || !is(sum, 'Add') || !isNear(number(otherInput(sum, erf.outputs[0]!)), 1)) return undefined
  // Products follow until x and ½ are both in.
  let [last, hasX, hasHalf] = [sum, false, false]
  while (!(hasX && hasHalf)) {
    const product = onlyReader(last.outputs[0]!)
    const other = is(product, 'Mul') ? otherInput(product, last.outputs[0]!) : undefined
    if (!product || other === undefined) return undefined
    if (other === x && !hasX) hasX = true
    else if (isNear(number(other), 0.5) && !hasHalf) hasHalf = true
    else if (scaledBy(maker(other), 0.5) === x && !hasX && !hasHalf) [hasX, hasHalf] = [true, true]
    else return undefined
    last = product
  }
  return { last, as: { op: 'Gelu', inputs: [x], attributes: {} } }
}

function normalizationOf(root: OnnxNode, { maker, onlyReader, number, numbers }: Links): Found | undefined {
  const sum = maker(root.inputs[0])
  if (!is(sum, 'Add')) return undefined
  const [a, b] = sum.inputs
  const [variance, epsilon] = number(b) === undefined ? [maker(b), number(a)] : [maker(a), number(b)]
  const square = is(variance, 'ReduceMean') ? maker(variance.inputs[0]) : undefined
  const difference = square && squaredBy(square, number)
  const centred = maker(difference)
  const mean = is(centred, 'Sub') ? maker(centred.inputs[1]) : undefined
  const x = centred?.inputs[0]
  if (epsilon === undefined || x === undefined || !is(mean, 'ReduceMean') || mean.inputs[0] !== x) return undefined
  const axes = axesOf(mean, numbers)
  if (!axes || axes.join() !== axesOf(variance!, numbers)?.join()) return undefined
  const quotient = onlyReader(root.outputs[0]!)
  if (!is(quotient, 'Div') || quotient.inputs[0] !== difference) return undefined
  const product = onlyReader(quotient.outputs[0]!)
  const scale = is(product, 'Mul') ? otherInput(product, quotient.outputs[0]!) : undefined
  const last = product && onlyReader(product.outputs[0]!)
  const offset = is(last, 'Add') ? otherInput(last, product!.outputs[0]!) : undefined
  if (!last || scale === undefined || offset === undefined) return undefined
  const attributes = { axes: { kind: 'ints', value: axes }, epsilon: { kind: 'float', value: epsilon } } as const
  return { last, as: { op: 'LayerNormalization', inputs: [x, scale, offset], attributes } }
}

/** x of x² or x · x. */
function squaredBy({ op, domain, inputs: [a, b] }: OnnxNode, number: Links['number']): string | undefined {
  const isSquare = domain === '' && (op === 'Pow' ? number(b) === 2 : op === 'Mul' && a === b)
  return isSquare ? a : undefined
}

/** Of a mean that keeps its axes. */
function axesOf({ inputs, attributes }: OnnxNode, numbers: Numbers): readonly number[] | undefined {
  const { axes, keepdims } = attributes
  if (keepdims?.kind === 'int' && keepdims.value !== 1) return undefined
  if (axes?.kind === 'ints') return axes.value
  const listed = inputs[1] === undefined ? undefined : numbers(inputs[1])
  return listed && Array.from(listed)
}
