/**
 * How far a float32 device may be from the oracle, element by element, per operation. u = 2⁻²⁴ is the unit roundoff.
 * Sums of K products: 4 √K u Σ|a||b|, with Σ|a||b| the same operation on absolute values. Element-wise: 4 units in the last
 * place (8 for exp, expm1, elu, tanh, sigmoid and normalCdf). Data movement, comparisons, choices and random numbers: none.
 */
import { type Shape, sizeOf } from '../../packages/fovea/src/base/shape.ts'
import type { Node, NodeOf } from '../../packages/fovea/src/graph/node.ts'
import type { BinaryFn, OpKind, UnaryFn } from '../../packages/fovea/src/graph/ops.ts'
import { evaluationRules, realShape } from '../../packages/fovea/src/graph/oracle/evaluate.ts'
import type { OracleTensor } from '../../packages/fovea/src/graph/oracle/evaluate-elementwise.ts'

/** Allowed |received − exact| per element of `exact`, the oracle's value of the node. */
export type Tolerance = (index: number) => number

export interface Values {
  readonly inputs: readonly OracleTensor[]
  readonly exact: Float64Array
  readonly n: number
}

type ToleranceRule<K extends OpKind> = (node: NodeOf<K>, values: Values) => Tolerance

const unit = 2 ** -24
const none: Tolerance = () => 0
const exactly = (): Tolerance => none

/** One unit in the last place of a float32 as large as x. */
function unitInLastPlace(x: number): number {
  const size = Math.abs(x)
  if (!(size >= 2 ** -126)) return 2 ** -149
  return 2 ** (Math.floor(Math.log2(size)) - 23)
}

const units =
  (count: number) =>
  (_: unknown, { exact }: Values): Tolerance =>
  index =>
    count * unitInLastPlace(exact[index]!)

const unaryUnits: { readonly [F in UnaryFn]: number } = {
  neg: 0,
  abs: 0,
  sign: 0,
  square: 4,
  sqrt: 4,
  reciprocal: 4,
  floor: 0,
  exp: 8,
  expm1: 8,
  log: 4,
  log1p: 4,
  tanh: 8,
  sigmoid: 8,
  erf: 4,
  normalCdf: 8,
  sin: 4,
  cos: 4,
  relu: 0,
  elu: 8,
}
const binaryUnits: { readonly [F in BinaryFn]: number } = {
  add: 4,
  sub: 4,
  mul: 4,
  div: 4,
  max: 0,
  min: 0,
  pow: 4,
  equal: 0,
  less: 0,
  lessEqual: 0,
}

export const toleranceRules: { readonly [K in OpKind]: ToleranceRule<K> } = {
  input: exactly,
  state: exactly,
  constant: exactly,
  batchSize: exactly,
  iota: exactly,
  unary: (node, values) => units(unaryUnits[node.attributes.fn])(node, values),
  binary: (node, values) => units(binaryUnits[node.attributes.fn])(node, values),
  select: exactly,
  cast: exactly,
  randomUniform: exactly,
  reshape: exactly,
  transpose: exactly,
  pad: exactly,
  slice: exactly,
  concat: exactly,
  broadcast: exactly,
  reduce: (node, values) => (node.attributes.fn === 'max' ? none : ofSum(node, values, inputsPerOutput(values))),
  argmax: exactly,
  matmul: (node, values) => {
    const [a] = values.inputs
    return ofSum(node, values, a!.shape[node.attributes.transposeA ? 0 : 1]!)
  },
  conv2d: (node, values) => ofSum(node, values, sizeOf(values.inputs[1]!.shape.slice(0, 3))),
  conv2dInputGrad: (node, values) => {
    const [r, s, , k] = values.inputs[1]!.shape as [number, number, number, number]
    return ofSum(node, values, (r * s * k) / node.attributes.groups)
  },
  conv2dFilterGrad: (node, values) => ofSum(node, values, sizeOf(values.inputs[1]!.shape.slice(0, 3))),
  maxPool2d: exactly,
  maxPool2dGrad: (node, values) => {
    const [x, y, dy] = values.inputs
    return scaled(4 * unit * windowArea(node), rule(node, [x!, y!, absolute(dy!)], values.n))
  },
  averagePool2d: (node, values) => ofSum(node, values, windowArea(node)),
  averagePool2dGrad: (node, values) => ofSum(node, values, windowArea(node)),
  // exp(x − max): the difference is rounded first, which the exponential turns into a relative error.
  softmax: (_, { inputs, exact }) =>
    rowwise(inputs[0]!, (shift, width, index) => exact[index]! * (shift + 16 + Math.sqrt(width)) * 2 * unit),
  logSoftmax: (_, { inputs, exact }) =>
    rowwise(inputs[0]!, (shift, width, index) => (shift + Math.abs(exact[index]!) + Math.sqrt(width) + 4) * 2 * unit),
  batchMoments: (_, { inputs, exact }) => {
    const x = inputs[0]!
    const channels = x.shape.at(-1)!
    const count = x.data.length / channels
    const mean = perChannel(channels, x.data, value => Math.abs(value))
    const largest = new Float64Array(channels)
    const deviation = perChannel(channels, x.data, (value, channel) => {
      largest[channel] = Math.max(largest[channel]!, Math.abs(value))
      return Math.abs(value - exact[channel]!)
    })
    return index => {
      if (index < channels) return (4 * Math.sqrt(count) * unit * mean[index]!) / count
      const channel = index - channels
      // Each squared deviation from the rounded mean; a variance by E[x²] − mean² would not pass far from 0.
      return (
        (4 * Math.sqrt(count) * exact[index]! + (8 * deviation[channel]! * largest[channel]!) / count) * unit +
        (4 * unit * largest[channel]!) ** 2
      )
    }
  },
  batchNorm: (node, { inputs }) => {
    const [x, moments, gamma, beta] = inputs
    const channels = gamma!.data.length
    const size = absoluteStandardized(x!, moments!, node.attributes.epsilon)
    return index =>
      8 * unit * (Math.abs(gamma!.data[index % channels]!) * size(index) + Math.abs(beta!.data[index % channels]!))
  },
  batchNormSums: (node, { inputs }) => {
    const [x, dy, moments] = inputs
    const channels = x!.shape.at(-1)!
    const count = dy!.data.length / channels
    const size = absoluteStandardized(x!, moments!, node.attributes.epsilon)
    const plain = perChannel(channels, dy!.data, value => Math.abs(value))
    const weighted = perChannel(channels, dy!.data, (value, _, index) => Math.abs(value) * size(index))
    return index => (4 * Math.sqrt(count) + 8) * unit * (index < channels ? plain[index]! : weighted[index - channels]!)
  },
  batchNormInputGrad: (node, { inputs }) => {
    const [x, dy, gamma, moments, sums] = inputs
    const channels = gamma!.data.length
    const count = dy!.data.length / channels
    const size = absoluteStandardized(x!, moments!, node.attributes.epsilon)
    return index => {
      const channel = index % channels
      const scale =
        Math.abs(gamma!.data[channel]!) / Math.sqrt(moments!.data[channels + channel]! + node.attributes.epsilon)
      const common = Math.abs(sums!.data[channel]!) + size(index) * Math.abs(sums!.data[channels + channel]!)
      return 8 * unit * scale * (Math.abs(dy!.data[index]!) + common / count)
    }
  },
  affineSample: (node, { inputs }) => {
    if (node.attributes.interpolation === 'nearest') return none
    const [x, transform] = inputs
    const [, height, width] = x!.shape as [number, number, number]
    const largest = x!.data.reduce((max, value) => Math.max(max, Math.abs(value)), Math.abs(node.attributes.fillValue))
    const reach = transform!.data.reduce((max, value) => Math.max(max, Math.abs(value)), 1) * (height + width + 1)
    // The place is rounded (relative to its terms), and the picture may change by 2 · largest from pixel to pixel.
    return () => (4 * reach * 2 + 8) * largest * unit
  },
}

export function toleranceOf(node: Node, values: Values): Tolerance {
  return (toleranceRules[node.kind] as ToleranceRule<OpKind>)(node, values)
}

/** For a chain of operations: relative to the largest element. */
export function compositeTolerance(exact: Float64Array): Tolerance {
  const largest = exact.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  return () => 1e-5 * largest
}

/** The node's value on other inputs. */
export function rule(node: Node, inputs: readonly OracleTensor[], n: number): Float64Array {
  const evaluateRule = evaluationRules[node.kind] as (...values: unknown[]) => Float64Array
  return evaluateRule(node, inputs, realShape(node, n), { n })
}

export const absolute = (x: OracleTensor): OracleTensor => ({ shape: x.shape, data: x.data.map(Math.abs) })

function scaled(factor: number, values: Float64Array): Tolerance {
  return index => factor * values[index]!
}

/** 4 √K u Σ|terms|. */
function ofSum(node: Node, { inputs, n }: Values, terms: number): Tolerance {
  return scaled(4 * Math.sqrt(terms) * unit, rule(node, inputs.map(absolute), n))
}

const inputsPerOutput = ({ inputs, exact }: Values): number => inputs[0]!.data.length / exact.length
const windowArea = (node: { attributes: { size: readonly [number, number] } }): number =>
  node.attributes.size[0] * node.attributes.size[1]

function perChannel(
  channels: number,
  data: Float64Array,
  term: (value: number, channel: number, index: number) => number,
): Float64Array {
  const sums = new Float64Array(channels)
  data.forEach((value, index) => {
    sums[index % channels]! += term(value, index % channels, index)
  })
  return sums
}

/** (|x| + |mean|) / σ: what x̂ is computed from. */
function absoluteStandardized(x: OracleTensor, moments: OracleTensor, epsilon: number): Tolerance {
  const channels = moments.shape[1]!
  return index => {
    const channel = index % channels
    const spread = Math.sqrt(moments.data[channels + channel]! + epsilon)
    return (Math.abs(x.data[index]!) + Math.abs(moments.data[channel]!)) / spread
  }
}

/** Hands over max − x of the element's row. */
function rowwise(
  x: { shape: Shape; data: Float64Array },
  bound: (shift: number, width: number, index: number) => number,
): Tolerance {
  const width = x.shape.at(-1)!
  return index => {
    const begin = index - (index % width)
    const largest = x.data.subarray(begin, begin + width).reduce((a, b) => Math.max(a, b))
    return bound(largest - x.data[index]!, width, index)
  }
}
