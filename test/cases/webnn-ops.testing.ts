/** WebNN's operations as compositions of graph operations: one row each. Pictures default to NCHW there. */
import { type Shape, sizeOf } from '../../packages/fovea/src/base/shape.ts'
import type { Node } from '../../packages/fovea/src/graph/node.ts'
import { activationFormula } from '../../packages/fovea/src/layers/activations.ts'
import type { Layer } from '../../packages/fovea/src/layers/layer.ts'
import { layerNormalization } from '../../packages/fovea/src/layers/layer-normalization.ts'
import { resizing } from '../../packages/fovea/src/layers/resizing.ts'
import { unknownSamples } from '../../packages/fovea/src/layers/sample-nodes.ts'
import type { Bench } from './bench.testing.ts'
import type { Tensor } from './case-files.testing.ts'

/** A tensor, number, list or record of options. */
export type Argument = unknown
type Options = Readonly<Record<string, unknown>>
type Build = (bench: Bench, ...args: Argument[]) => Node

class Unsupported extends Error {}

const fed = ({ input }: Bench, tensor: Argument): Node => input(tensor as Tensor, false)
const allAxes = (x: Node): number[] => x.shape.map((_, axis) => axis)

/** Swaps an axis with the last one. */
const swapWithLast = (x: Node, axis: number): number[] =>
  allAxes(x).map(index => (index === axis ? x.shape.length - 1 : index === x.shape.length - 1 ? axis : index))

function onLastAxis(bench: Bench, x: Node, axis: number, build: (x: Node) => Node): Node {
  const order = swapWithLast(x, axis)
  return bench.graph.transpose(build(bench.graph.transpose(x, order)), order)
}

const unary =
  (build: (bench: Bench, x: Node, options: Options) => Node): Build =>
  (bench, x, options) =>
    build(bench, fed(bench, x), (options ?? {}) as Options)
const binary =
  (build: (bench: Bench, a: Node, b: Node) => Node): Build =>
  (bench, a, b) =>
    build(bench, fed(bench, a), fed(bench, b))
const named = (name: Parameters<Bench['graph']['unary']>[0]): Build => unary(({ graph }, x) => graph.unary(name, x))

const reduction = (build: (bench: Bench, x: Node, axes: number[]) => Node): Build =>
  unary((bench, x, { axes, keepDimensions }) => {
    const over = (axes as number[] | undefined) ?? allAxes(x)
    const reduced = build(bench, x, over)
    const kept = x.shape.map((extent, axis) => (over.includes(axis) ? 1 : extent))
    return keepDimensions ? bench.graph.reshape(reduced, kept) : reduced
  })

const sum = ({ graph }: Bench, x: Node, axes: number[]): Node => graph.sum(x, axes)

/** Factors are taken apart along each axis, the last first, and multiplied. */
function product({ graph }: Bench, x: Node, axes: number[]): Node {
  return [...axes]
    .sort((a, b) => b - a)
    .reduce((value, axis) => {
      const shape = value.shape.map((extent, index) => (index === axis ? 1 : extent))
      const parts = Array.from({ length: value.shape[axis]! }, (_, at) =>
        graph.slice(
          value,
          value.shape.map((_, index) => (index === axis ? at : 0)),
          shape,
        ),
      )
      return graph.reshape(
        parts.reduce((a, b) => graph.mul(a, b)),
        shape.filter((_, index) => index !== axis),
      )
    }, x)
}

/** To NHWC and back. */
function onPictures(bench: Bench, x: Node, layout: unknown, build: (x: Node) => Node): Node {
  if (layout === 'nhwc') return build(x)
  return bench.graph.transpose(build(bench.graph.transpose(x, [0, 2, 3, 1])), [0, 3, 1, 2])
}

/** Filter layouts as permutations to height, width, in, out. */
const filterOrder: Readonly<Record<string, number[]>> = {
  oihw: [2, 3, 1, 0],
  hwio: [0, 1, 2, 3],
  ohwi: [1, 2, 3, 0],
  ihwo: [1, 2, 0, 3],
}
/** For transposed convolutions: to height, width, out, in. */
const transposedOrder: Readonly<Record<string, number[]>> = {
  iohw: [2, 3, 1, 0],
  hwoi: [0, 1, 2, 3],
  ohwi: [1, 2, 0, 3],
}
const both = (value: unknown): [number, number] => (value ?? [1, 1]) as [number, number]
const padding = (value: unknown) => {
  const [top, bottom, left, right] = (value ?? [0, 0, 0, 0]) as [number, number, number, number]
  return { top, bottom, left, right }
}

const conv2d: Build = (bench, input, filter, given) => {
  const options = (given ?? {}) as Options
  const { graph } = bench
  const kernel = graph.transpose(fed(bench, filter), filterOrder[(options['filterLayout'] ?? 'oihw') as string]!)
  return onPictures(bench, fed(bench, input), options['inputLayout'], x => {
    const y = graph.conv2d(x, kernel, {
      strides: both(options['strides']),
      padding: padding(options['padding']),
      dilation: both(options['dilations']),
      groups: (options['groups'] ?? 1) as number,
    })
    return options['bias'] === undefined ? y : graph.add(y, fed(bench, options['bias']))
  })
}

/** The input gradient of a convolution is the transposed convolution. */
const convTranspose2d: Build = (bench, input, filter, given) => {
  const options = (given ?? {}) as Options
  const { graph } = bench
  const kernel = graph.transpose(fed(bench, filter), transposedOrder[(options['filterLayout'] ?? 'iohw') as string]!)
  const attributes = {
    strides: both(options['strides']),
    padding: padding(options['padding']),
    dilation: both(options['dilations']),
    groups: (options['groups'] ?? 1) as number,
  }
  return onPictures(bench, fed(bench, input), options['inputLayout'], x => {
    const pads = [
      attributes.padding.top + attributes.padding.bottom,
      attributes.padding.left + attributes.padding.right,
    ]
    const extra = (options['outputPadding'] ?? [0, 0]) as number[]
    const sizes = [0, 1].map(
      axis =>
        attributes.strides[axis]! * (x.shape[axis + 1]! - 1) +
        attributes.dilation[axis]! * (kernel.shape[axis]! - 1) +
        1 -
        pads[axis]! +
        extra[axis]!,
    )
    const [height, width] = (options['outputSizes'] ?? sizes) as [number, number]
    const inputShape = [x.shape[0]!, height, width, kernel.shape[2]! * attributes.groups]
    const y = graph.conv2dInputGrad(x, kernel, { ...attributes, inputShape })
    return options['bias'] === undefined ? y : graph.add(y, fed(bench, options['bias']))
  })
}

const pooling = (op: 'averagePool2d' | 'maxPool2d'): Build =>
  unary((bench, input, options) =>
    onPictures(bench, input, options['layout'], x => {
      if (both(options['dilations']).some(dilation => dilation !== 1)) throw new Unsupported('dilated pooling')
      const size = (options['windowDimensions'] ?? [x.shape[1], x.shape[2]]) as [number, number]
      const strides = both(options['strides'])
      const pads = padding(options['padding'])
      // A larger result than rounding down gives reads more rows and columns beyond the edge.
      const outputs = [x.shape[1]! + pads.top + pads.bottom, x.shape[2]! + pads.left + pads.right].map(
        (extent, axis) => {
          const steps = (extent - size[axis]!) / strides[axis]!
          const rounded = options['roundingType'] === 'ceil' ? Math.ceil(steps) : Math.floor(steps)
          const wanted = (options['outputSizes'] as number[] | undefined)?.[axis] ?? rounded + 1
          return Math.max(0, (wanted - 1) * strides[axis]! + size[axis]! - extent)
        },
      )
      const reach = { ...pads, bottom: pads.bottom + outputs[0]!, right: pads.right + outputs[1]! }
      return bench.graph[op](x, { size, strides, padding: reach })
    }),
  )

function matmul({ graph }: Bench, a: Node, b: Node): Node {
  if (a.shape.length === 1) return matmulRow(graph, a, b)
  if (b.shape.length === 1) return graph.matmul(a, graph.reshape(b, [b.shape[0]!, 1]))
  const leading = a.shape.slice(0, -2)
  if (leading.length === 0) return graph.matmul(a, b)
  const [rows, inner, columns] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!]
  const count = sizeOf(leading)
  const flatA = graph.reshape(a, [count, rows, inner])
  const pick = (x: Node, index: number, shape: Shape): Node =>
    graph.reshape(graph.slice(x, [index, 0, 0], [1, ...shape]), shape)
  const products = Array.from({ length: count }, (_, index) => {
    const right = b.shape.length === 2 ? b : pick(graph.reshape(b, [count, inner, columns]), index, [inner, columns])
    return graph.matmul(pick(flatA, index, [rows, inner]), right)
  })
  return graph.reshape(graph.concat(products, 0), [...leading, rows, columns])
}

function matmulRow(graph: Bench['graph'], a: Node, b: Node): Node {
  const row = graph.reshape(a, [1, a.shape[0]!])
  if (b.shape.length > 1) return graph.matmul(row, b)
  return graph.reshape(graph.matmul(row, graph.reshape(b, [b.shape[0]!, 1])), [])
}

const gemm: Build = (bench, first, second, given) => {
  const { graph } = bench
  const { alpha = 1, beta = 1, aTranspose, bTranspose, c } = (given ?? {}) as Record<string, number>
  const turned = (x: Node, turn: unknown): Node => (turn ? graph.transpose(x, [1, 0]) : x)
  const scaled = graph.mul(
    graph.matmul(turned(fed(bench, first), aTranspose), turned(fed(bench, second), bTranspose)),
    alpha,
  )
  return c === undefined ? scaled : graph.add(scaled, graph.mul(fed(bench, c), beta))
}

function lowered({ graph, randomKey }: Bench, layer: Layer, x: Node, weights: Record<string, Node> = {}): Node {
  const samples = unknownSamples(graph, randomKey)
  const context = { graph, training: false, randomKey, samples, update: () => undefined }
  return layer.lower(context, [x], weights)
}

const layerNorm: Build = (bench, tensor, given) => {
  const { axes, scale, bias, epsilon = 1e-5 } = (given ?? {}) as Record<string, unknown>
  const x = bench.input(tensor as Tensor, true)
  const over = (axes as number[] | undefined) ?? allAxes(x).slice(1)
  // The weights' axes follow `axes`; Fovea's are ascending.
  const ascending = over.map((_, index) => index).sort((a, b) => over[a]! - over[b]!)
  const weight = (values: unknown): Node => bench.graph.transpose(fed(bench, values), ascending)
  const options = { axis: over, epsilon: epsilon as number, scale: scale !== undefined, center: bias !== undefined }
  const weights = {
    ...(scale === undefined ? {} : { gamma: weight(scale) }),
    ...(bias === undefined ? {} : { beta: weight(bias) }),
  }
  return lowered(bench, layerNormalization(options), x, weights)
}

/** Mean and variance over each picture's height and width. */
const instanceNorm = unary((bench, input, { scale, bias, epsilon = 1e-5, layout }) =>
  onPictures(bench, input, layout, x => {
    const { graph } = bench
    const mean = (of: Node): Node => graph.reshape(graph.mean(of, [1, 2]), [x.shape[0]!, 1, 1, x.shape[3]!])
    const difference = graph.sub(x, mean(x))
    const deviation = graph.unary('sqrt', graph.add(mean(graph.unary('square', difference)), epsilon as number))
    const scaled = graph.mul(graph.div(difference, deviation), scale === undefined ? 1 : fed(bench, scale))
    return graph.add(scaled, bias === undefined ? 0 : fed(bench, bias))
  }),
)

const batchNorm: Build = (bench, tensor, mean, variance, given) => {
  const { axis = 1, scale, bias, epsilon = 1e-5 } = (given ?? {}) as Record<string, unknown>
  const { graph } = bench
  return onLastAxis(bench, fed(bench, tensor), axis as number, x => {
    const channels = x.shape.at(-1)!
    const row = (values: Argument): Node => graph.reshape(fed(bench, values), [1, channels])
    const gamma = scale === undefined ? graph.constant(1, [channels]) : fed(bench, scale)
    const beta = bias === undefined ? graph.constant(0, [channels]) : fed(bench, bias)
    return graph.batchNorm(x, graph.concat([row(mean), row(variance)], 0), gamma, beta, epsilon as number)
  })
}

/** Two axes of the picture are resized; they become height and width. */
const resample = unary((bench, x, { mode, scales, sizes, axes = [2, 3] }) => {
  const [rows, columns] = axes as [number, number]
  const others = allAxes(x).filter(axis => axis !== rows && axis !== columns)
  const order = [others[0]!, rows, columns, others[1]!]
  const extents = [x.shape[rows]!, x.shape[columns]!]
  const [height, width] = (sizes ??
    extents.map((extent, i) => Math.floor(extent * (scales as number[])[i]!))) as number[]
  const interpolation = mode === 'linear' ? 'bilinear' : 'nearest'
  const layer = resizing({ height: height!, width: width!, interpolation })
  const back = order.map((_, axis) => order.indexOf(axis))
  return bench.graph.transpose(lowered(bench, layer, bench.graph.transpose(x, order)), back)
})

const clamp = ({ graph }: Bench, x: Node, low?: unknown, high?: unknown): Node => {
  const raised = low === undefined ? x : graph.max(x, low as number)
  return high === undefined ? raised : graph.min(raised, high as number)
}

export const webnnOps: Readonly<Record<string, Build>> = {
  add: binary(({ graph }, a, b) => graph.add(a, b)),
  sub: binary(({ graph }, a, b) => graph.sub(a, b)),
  mul: binary(({ graph }, a, b) => graph.mul(a, b)),
  div: binary(({ graph }, a, b) => graph.div(a, b)),
  max: binary(({ graph }, a, b) => graph.max(a, b)),
  min: binary(({ graph }, a, b) => graph.min(a, b)),
  pow: binary(({ graph }, a, b) => graph.binary('pow', a, b)),
  abs: named('abs'),
  cos: named('cos'),
  erf: named('erf'),
  exp: named('exp'),
  floor: named('floor'),
  neg: named('neg'),
  reciprocal: named('reciprocal'),
  relu: named('relu'),
  sigmoid: named('sigmoid'),
  sign: named('sign'),
  sqrt: named('sqrt'),
  tanh: named('tanh'),
  ceil: unary(({ graph }, x) => graph.unary('neg', graph.unary('floor', graph.unary('neg', x)))),
  tan: unary(({ graph }, x) => graph.div(graph.unary('sin', x), graph.unary('cos', x))),
  identity: unary((_, x) => x),
  clamp: unary((bench, x, { minValue, maxValue }) => clamp(bench, x, minValue, maxValue)),
  linear: unary(({ graph }, x, { alpha = 1, beta = 0 }) => graph.add(graph.mul(x, alpha as number), beta as number)),
  elu: unary(({ graph }, x, { alpha = 1 }) => activationFormula(graph, { type: 'elu', alpha: alpha as number }, x)),
  gelu: unary(({ graph }, x) => activationFormula(graph, 'gelu', x)),
  hardSwish: unary(({ graph }, x) => activationFormula(graph, 'hardSilu', x)),
  leakyRelu: unary(({ graph }, x, { alpha = 0.01 }) =>
    activationFormula(graph, { type: 'leakyRelu', negativeSlope: alpha as number }, x),
  ),
  softplus: unary(({ graph }, x) => activationFormula(graph, 'softplus', x)),
  softsign: unary(({ graph }, x) => activationFormula(graph, 'softsign', x)),
  hardSigmoid: unary(({ graph }, x, { alpha = 0.2, beta = 0.5 }) =>
    activationFormula(graph, { type: 'hardSigmoid', alpha: alpha as number, beta: beta as number }, x),
  ),
  prelu: binary(({ graph }, x, slope) =>
    graph.select(graph.binary('less', graph.constant(0), x), x, graph.mul(x, slope)),
  ),
  softmax: (bench, x, axis) => onLastAxis(bench, fed(bench, x), axis as number, last => bench.graph.softmax(last)),
  argMax: (bench, x, axis, options) => arg(bench, fed(bench, x), axis as number, options as Options),
  argMin: (bench, x, axis, options) =>
    arg(bench, bench.graph.unary('neg', fed(bench, x)), axis as number, options as Options),
  /** Float to whole numbers cuts towards zero. */
  cast: (bench, x, type) => {
    const value = fed(bench, x)
    if ((type as string).startsWith('float')) return value
    const { graph } = bench
    return graph.mul(graph.unary('sign', value), graph.unary('floor', graph.unary('abs', value)))
  },
  reshape: (bench, tensor, shape) => {
    const x = fed(bench, tensor)
    const known = (shape as (number | null)[]).map(extent => extent ?? 1)
    const rest = sizeOf(x.shape) / sizeOf(known)
    return bench.graph.reshape(
      x,
      (shape as (number | null)[]).map(extent => extent ?? rest),
    )
  },
  transpose: unary(({ graph }, x, { permutation }) =>
    graph.transpose(x, (permutation as number[] | undefined) ?? allAxes(x).reverse()),
  ),
  expand: (bench, tensor, shape) => {
    const x = fed(bench, tensor)
    const target = shape as number[]
    const rank = Math.max(target.length, x.shape.length)
    const full = Array.from({ length: rank }, (_, axis) =>
      Math.max(target[axis - rank + target.length] ?? 1, x.shape[axis - rank + x.shape.length] ?? 1),
    )
    return bench.graph.broadcast(x, full, false)
  },
  pad: (bench, tensor, before, after, options) => {
    const { mode = 'constant', value = 0 } = (options ?? {}) as Record<string, unknown>
    if (mode !== 'constant') throw new Unsupported(`padding mode ${mode}`)
    return bench.graph.pad(fed(bench, tensor), before as number[], after as number[], value as number)
  },
  slice: (bench, tensor, begin, sizes, options) => {
    if (((options ?? {}) as Options)['strides'] !== undefined) throw new Unsupported('slices with strides')
    return bench.graph.slice(fed(bench, tensor), begin as number[], sizes as number[])
  },
  concat: (bench, tensors, axis) =>
    bench.graph.concat(
      (tensors as Tensor[]).map(tensor => fed(bench, tensor)),
      axis as number,
    ),
  reduceSum: reduction(sum),
  reduceMax: reduction(({ graph }, x, axes) => graph.reduceMax(x, axes)),
  reduceMin: reduction(({ graph }, x, axes) => graph.unary('neg', graph.reduceMax(graph.unary('neg', x), axes))),
  reduceMean: reduction(({ graph }, x, axes) => graph.mean(x, axes)),
  reduceProduct: reduction(product),
  reduceL1: reduction((bench, x, axes) => sum(bench, bench.graph.unary('abs', x), axes)),
  reduceL2: reduction((bench, x, axes) => bench.graph.unary('sqrt', sum(bench, bench.graph.unary('square', x), axes))),
  reduceSumSquare: reduction((bench, x, axes) => sum(bench, bench.graph.unary('square', x), axes)),
  reduceLogSum: reduction((bench, x, axes) => bench.graph.unary('log', sum(bench, x, axes))),
  reduceLogSumExp: reduction((bench, x, axes) =>
    bench.graph.unary('log', sum(bench, bench.graph.unary('exp', x), axes)),
  ),
  conv2d,
  convTranspose2d,
  averagePool2d: pooling('averagePool2d'),
  maxPool2d: pooling('maxPool2d'),
  matmul: binary(matmul),
  gemm,
  batchNormalization: batchNorm,
  instanceNormalization: instanceNorm,
  layerNormalization: layerNorm,
  resample2d: resample,
}

function arg({ graph }: Bench, x: Node, axis: number, { keepDimensions }: Options): Node {
  const order = [...allAxes(x).filter(index => index !== axis), axis]
  const found = graph.argmax(graph.transpose(x, order))
  return keepDimensions
    ? graph.reshape(
        found,
        x.shape.map((extent, index) => (index === axis ? 1 : extent)),
      )
    : found
}

/** One part of a tensor cut along an axis into `splits` equal parts, or parts of the given extents. */
export function splitPart(bench: Bench, tensor: Argument, splits: Argument, options: Argument, part: number): Node {
  const x = fed(bench, tensor)
  const axis = (((options ?? {}) as Options)['axis'] ?? 0) as number
  const extents =
    typeof splits === 'number' ? new Array<number>(splits).fill(x.shape[axis]! / splits) : (splits as number[])
  const start = extents.slice(0, part).reduce((total, extent) => total + extent, 0)
  const begin = x.shape.map((_, index) => (index === axis ? start : 0))
  return bench.graph.slice(
    x,
    begin,
    x.shape.map((extent, index) => (index === axis ? extents[part]! : extent)),
  )
}
