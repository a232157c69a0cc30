/**
 * Activations in the operators of opset 17: one row for each of Fovea's. Where ONNX has no operator of the same formula, several are put
 * together. In: the name of a tensor, and the place of the axis that softmax runs over. Out: the name of the result.
 */
import { type ActivationConfig, type ActivationName, activationTable } from 'fovea/internal/layers/activations'
import { int, type LayerGraph, real } from './graph.ts'

type Parameters = Readonly<Record<string, number>>
type OnnxRow = (graph: LayerGraph, x: string, parameters: Parameters, place: number) => string

/** An operator with the same formula and no numbers. */
const operator =
  (op: string): OnnxRow =>
  (graph, x) =>
    graph.node(op, [x])

const clipped = (graph: LayerGraph, x: string, low: number, high: number): string =>
  graph.node('Clip', [x, graph.number(low), graph.number(high)])

/** min(x, maxValue) above the threshold, negativeSlope · (x − threshold) below. */
const relu: OnnxRow = (graph, x, { negativeSlope, maxValue, threshold }) => {
  const limit = maxValue ?? null
  if (negativeSlope === 0 && threshold === 0) {
    return limit === null || limit < 0 ? atMost(graph, graph.node('Relu', [x]), limit) : clipped(graph, x, 0, limit)
  }
  if (threshold === 0) return atMost(graph, graph.node('LeakyRelu', [x], { alpha: real(negativeSlope!) }), limit)
  if (negativeSlope === 0) {
    return atMost(graph, graph.node('ThresholdedRelu', [x], { alpha: real(threshold!) }), limit)
  }
  const passes = graph.node('Less', [graph.number(threshold!), x])
  const below = graph.node('Mul', [graph.node('Sub', [x, graph.number(threshold!)]), graph.number(negativeSlope!)])
  return atMost(graph, graph.node('Where', [passes, x, below]), limit)
}

const atMost = (graph: LayerGraph, x: string, limit: number | null): string =>
  limit === null ? x : graph.node('Min', [x, graph.number(limit)])

/** x · Φ(x) by erf, or its approximation by tanh. */
const gelu: OnnxRow = (graph, x, { approximate }) => {
  const { node, number } = graph
  const half = node('Mul', [x, number(0.5)])
  if (!approximate) {
    const erf = node('Erf', [node('Div', [x, number(Math.SQRT2)])])
    return node('Mul', [half, node('Add', [erf, number(1)])])
  }
  const cubic = node('Add', [node('Mul', [node('Mul', [x, x]), number(0.044715)]), number(1)])
  const inner = node('Mul', [node('Mul', [x, cubic]), number(Math.sqrt(2 / Math.PI))])
  return node('Mul', [half, node('Add', [node('Tanh', [inner]), number(1)])])
}

/** Shrink is for thresholds from 0 on. */
const softShrink: OnnxRow = ({ node, number }, x, { threshold }) => {
  if (threshold! >= 0) return node('Shrink', [x], { lambd: real(threshold!), bias: real(threshold!) })
  const above = node('Relu', [node('Sub', [x, number(threshold!)])])
  return node('Add', [above, node('Min', [node('Add', [x, number(threshold!)]), number(0)])])
}

/** 0 up to −1, (x + 1)² / 4 up to 1, then x. */
const sparsePlus: OnnxRow = (graph, x) => {
  const { node, number } = graph
  const shifted = node('Add', [clipped(graph, x, -1, 1), number(1)])
  const curve = node('Mul', [node('Mul', [shifted, shifted]), number(0.25)])
  return node('Where', [node('Less', [x, number(1)]), curve, x])
}

/** max(x − t, 0), where t makes each row sum to 1: elements are compared pair by pair (Fovea's `sparsemax` says how t is found). */
const sparsemax: OnnxRow = ({ node, number, integers }, x, _, place) => {
  const sum = (of: string, axis: number, keepdims = 1): string =>
    node('ReduceSum', [of, integers(axis)], { keepdims: int(keepdims) })
  const pairs = node('Sub', [node('Unsqueeze', [x, integers(place)]), node('Unsqueeze', [x, integers(place + 1)])])
  const above = sum(node('Relu', [pairs]), place + 1, 0)
  const support = node('Cast', [node('Less', [above, number(1)])], { to: int(1) })
  const excess = node('Sub', [sum(node('Mul', [support, x]), place), number(1)])
  return node('Relu', [node('Sub', [x, node('Div', [excess, sum(support, place)])])])
}

const rows: Readonly<Record<ActivationName, OnnxRow>> = {
  linear: (_, x) => x,
  relu,
  relu6: (graph, x) => clipped(graph, x, 0, 6),
  leakyRelu: ({ node }, x, { negativeSlope }) => node('LeakyRelu', [x], { alpha: real(negativeSlope!) }),
  elu: ({ node }, x, { alpha }) => node('Elu', [x], { alpha: real(alpha!) }),
  selu: operator('Selu'),
  celu: ({ node }, x, { alpha }) => node('Celu', [x], { alpha: real(alpha!) }),
  gelu,
  silu: ({ node }, x) => node('Mul', [x, node('Sigmoid', [x])]),
  tanh: operator('Tanh'),
  sigmoid: operator('Sigmoid'),
  softmax: ({ node }, x, _, place) => node('Softmax', [x], { axis: int(place) }),
  logSoftmax: ({ node }, x, _, place) => node('LogSoftmax', [x], { axis: int(place) }),
  exponential: operator('Exp'),
  sparsemax,
  softplus: operator('Softplus'),
  sparsePlus,
  softsign: operator('Softsign'),
  sparseSigmoid: ({ node }, x) => node('HardSigmoid', [x], { alpha: real(0.5), beta: real(0.5) }),
  logSigmoid: ({ node }, x) => node('Neg', [node('Softplus', [node('Neg', [x])])]),
  hardSigmoid: ({ node }, x, { alpha, beta }) => node('HardSigmoid', [x], { alpha: real(alpha!), beta: real(beta!) }),
  hardSilu: operator('HardSwish'),
  hardTanh: (graph, x) => clipped(graph, x, -1, 1),
  mish: ({ node }, x) => node('Mul', [x, node('Tanh', [node('Softplus', [x])])]),
  tanhShrink: ({ node }, x) => node('Sub', [x, node('Tanh', [x])]),
  softShrink,
  hardShrink: ({ node }, x, { threshold }) =>
    threshold! < 0 ? x : node('Shrink', [x], { lambd: real(threshold!), bias: real(0) }),
  threshold: ({ node, number }, x, { threshold, value }) =>
    value === 0
      ? node('ThresholdedRelu', [x], { alpha: real(threshold!) })
      : node('Where', [node('Less', [number(threshold!), x]), x, number(value!)]),
  squareplus: ({ node, number }, x, { b }) => {
    const root = node('Sqrt', [node('Add', [node('Mul', [x, x]), number(b!)])])
    return node('Mul', [node('Add', [x, root]), number(0.5)])
  },
}

export function activated(graph: LayerGraph, config: ActivationConfig, x: string, place: number): string {
  const { type, ...given } = typeof config === 'string' ? { type: config } : config
  return rows[type](graph, x, { ...activationTable[type].parameters, ...given } as Parameters, place)
}
