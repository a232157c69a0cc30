/**
 * Activations and normalizations that ONNX has no operator for, or not at the version of a file: the operators that stand for one become one
 * node again. What the formulas are, export/ says, which writes them; x · sigmoid(x) and some others look the same in files of PyTorch. In:
 * nodes of a graph. Out: nodes, of which those of the domain `fovea` are called after what they stand for, with its numbers as attributes.
 */
import type { ActivationConfig } from 'fovea/internal/layers/activations'
import { activated } from './export/activations.ts'
import type { LayerGraph } from './export/graph.ts'
import type { OnnxAttribute, OnnxGraph, OnnxNode } from './onnx-model.ts'

/** What is looked for: x, a number or a tensor of the file (any where it has a name), or a node of these. */
type Term =
  | { readonly kind: 'x' }
  | { readonly kind: 'number'; readonly value: number; readonly parameter: string | undefined }
  | { readonly kind: 'tensor' }
  | {
      readonly kind: 'node'
      readonly op: string
      readonly inputs: readonly Term[]
      /** As JSON; undefined: axes of any number, which are kept. */
      readonly attributes: string | undefined
    }

interface Formula {
  /** An activation, or a layer. */
  readonly type: string
  /** What is no number of the file: `approximate`, and the axis of sparsemax. */
  readonly fixed: Readonly<Record<string, OnnxAttribute>>
  readonly term: Term
}

/** What stands in a graph where a formula has names. */
interface Found {
  x?: string
  tensor?: string
  axes?: readonly number[]
  readonly numbers: Record<string, number>
}

export const formulaDomain = 'fovea'

/** Stand for numbers that are read from the file; nobody writes them. */
const [any, other] = [0.7182818459045, 0.3819660112501]

const configs: readonly ActivationConfig[] = [
  'silu',
  'mish',
  'tanhShrink',
  'logSigmoid',
  'sparsePlus',
  'sparsemax',
  { type: 'gelu', approximate: true },
  { type: 'relu', negativeSlope: any, threshold: other },
  { type: 'threshold', threshold: any, value: other },
  { type: 'squareplus', b: any },
  { type: 'softShrink', threshold: -any },
]

/** Only sparsemax runs along an axis: its place in tensors of up to five. */
const places = (config: ActivationConfig): readonly number[] => (config === 'sparsemax' ? [1, 2, 3, 4] : [1])

const nodeOf = (op: string, ...inputs: readonly Term[]): Term => ({ kind: 'node', op, inputs, attributes: '{}' })
const over = (op: string, of: Term): Term => ({ kind: 'node', op, inputs: [of], attributes: undefined })
const numberOf = (value: number, parameter?: string): Term => ({ kind: 'number', value, parameter })
const x: Term = { kind: 'x' }
const weight: Term = { kind: 'tensor' }
const overRoot = (mean: Term): Term => nodeOf('Div', x, nodeOf('Sqrt', nodeOf('Add', mean, numberOf(0, 'epsilon'))))
const difference = nodeOf('Sub', x, over('ReduceMean', x))
const overDeviation = overRoot(over('ReduceMean', nodeOf('Mul', difference, difference)))
const overLength = nodeOf('Sqrt', nodeOf('Max', over('ReduceSumSquare', x), numberOf(1e-24)))

const formulas: readonly Formula[] = [
  ...configs.flatMap(config => places(config).map(place => formulaOf(config, place))),
  {
    type: 'RMSNormalization',
    fixed: {},
    term: nodeOf('Mul', overRoot(over('ReduceMean', nodeOf('Mul', x, x))), weight),
  },
  { type: 'UnitNormalization', fixed: {}, term: nodeOf('Div', x, overLength) },
  { type: 'LayerNormalization', fixed: {}, term: nodeOf('Mul', overDeviation, weight) },
  { type: 'LayerNormalization', fixed: {}, term: overDeviation },
]

function formulaOf(config: ActivationConfig, place: number): Formula {
  const { type, ...numbers } = typeof config === 'string' ? { type: config } : config
  const free = Object.entries(numbers).filter(([, value]) => [any, other].includes(Math.abs(Number(value))))
  const fixed = Object.entries(numbers).filter(([name]) => !free.some(([parameter]) => parameter === name))
  const terms = new Map<string, Term>([['x', x]])
  const said = (term: Term): string => {
    const name = `term ${terms.size}`
    terms.set(name, term)
    return name
  }
  const number = (value: number): string =>
    said({ kind: 'number', value, parameter: free.find(([, own]) => own === value)?.[0] })
  const graph: Pick<LayerGraph, 'node' | 'number' | 'integers'> = {
    number,
    integers: (...values) => number(values[0]!),
    node: (op, inputs, attributes = {}) =>
      said({ kind: 'node', op, inputs: inputs.map(name => terms.get(name)!), attributes: JSON.stringify(attributes) }),
  }
  const result = activated(graph as LayerGraph, config, 'x', place)
  return {
    type,
    fixed: {
      ...Object.fromEntries(fixed.map(([name, value]) => [name, { kind: 'int', value: Number(value) }])),
      ...(config === 'sparsemax' && { axis: { kind: 'int', value: place } }),
    },
    term: terms.get(result)!,
  }
}

/** One node for each formula. `numbersOf`: numbers of the file by their name. */
export function withFormulas(
  nodes: readonly OnnxNode[],
  { inputs, initializers }: OnnxGraph,
  numbersOf: (name: string) => ArrayLike<number> | undefined,
): readonly OnnxNode[] {
  const makers = new Map(nodes.flatMap(node => node.outputs.map(output => [output, node] as const)))
  const given = new Set(initializers.map(({ name }) => name))
  // What depends on no input is computed beforehand, operator by operator.
  const computed = new Set(inputs.map(({ name }) => name).filter(name => !given.has(name)))
  for (const node of nodes) {
    if (node.inputs.some(name => computed.has(name))) for (const output of node.outputs) computed.add(output)
  }
  return nodes.map(node => {
    for (const { type, fixed, term } of formulas) {
      const found: Found = { numbers: {} }
      if (!matches(term, node.outputs[0] ?? '', found) || !computed.has(found.x!)) continue
      const numbers = Object.entries(found.numbers).map(([name, value]) => [name, { kind: 'float', value }] as const)
      const axes = found.axes && { axes: { kind: 'ints', value: found.axes } as const }
      const attributes = { ...fixed, ...axes, ...Object.fromEntries(numbers) }
      const weights = found.tensor === undefined ? [] : [found.tensor]
      return { ...node, op: type, domain: formulaDomain, inputs: [found.x!, ...weights], attributes }
    }
    return node
  })

  function matches(term: Term, name: string, found: Found): boolean {
    if (term.kind === 'x') {
      found.x ??= name
      return found.x === name
    }
    if (term.kind === 'tensor') {
      found.tensor ??= name
      return found.tensor === name && given.has(name)
    }
    if (term.kind === 'number') {
      const list = numbersOf(name)
      const value = list?.length === 1 ? list[0] : undefined
      if (value === undefined) return false
      if (term.parameter === undefined) return value === Math.fround(term.value)
      found.numbers[term.parameter] ??= value
      return found.numbers[term.parameter] === value
    }
    const node = makers.get(name)
    if (!node || node.op !== term.op || node.domain !== '' || node.inputs.length !== term.inputs.length) return false
    const fits =
      term.attributes === undefined ? keepsAxes(node, found) : JSON.stringify(node.attributes) === term.attributes
    return fits && term.inputs.every((input, at) => matches(input, node.inputs[at]!, found))
  }
}

/** A reduction over the same axes as the others, which are kept with one element. */
function keepsAxes({ attributes: { axes, keepdims } }: OnnxNode, found: Found): boolean {
  if (axes?.kind !== 'ints' || (keepdims?.kind === 'int' && keepdims.value !== 1)) return false
  found.axes ??= axes.value
  return String(found.axes) === String(axes.value)
}
