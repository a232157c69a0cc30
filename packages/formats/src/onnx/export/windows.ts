/**
 * Layers with kernels and windows: dense layers, convolutions, poolings. Pictures are taken channels first. Padding is always written out,
 * as the network computes it from the extents of its pictures: ONNX's own ways to choose it differ from program to program.
 */

import { windowGeometry } from 'fovea/internal/layers/conv'
import type { Conv2dTransposeOptions } from 'fovea/internal/layers/conv-transpose'
import { spreadOf } from 'fovea/internal/layers/spread'
import { paddingOf, type WindowGeometry } from 'fovea/internal/layers/window'
import type { OnnxAttribute } from '../onnx-model.ts'
import {
  configOf,
  extentsOfPicture,
  finished,
  type GivenWeight,
  type OnnxRow,
  pictureOrder,
  type WrittenCall,
} from './call.ts'
import { type Attributes, int, ints } from './graph.ts'
import { channelsFirst, formOf, isFlattened, newValue, type WrittenValue } from './value.ts'

type Pair = readonly [number, number]
interface WindowConfig {
  readonly kernelSize: Pair
  readonly strides: Pair
  readonly padding: 'valid' | 'same'
  readonly dilationRate: Pair
}
interface PoolingConfig {
  readonly poolSize: Pair
  readonly strides: Pair
  readonly padding: 'valid' | 'same'
}

/** A dense layer behind a flattened picture has the rows of its kernel in the order in which the picture lies. */
export const denseRow: OnnxRow = (call, x) => {
  const { graph, weights, outputShape } = call
  const { shape, data } = weights['kernel']!
  const [features, units] = shape as [number, number]
  const rank = x.shape.length
  if (rank === 1) {
    const form = formOf(x)
    const kernel = isFlattened(x)
      ? graph.weight('kernel', [...x.axes, units], data, [...form.order, x.axes.length], [features, units])
      : graph.weight('kernel', shape, data)
    const bias = biasOf(call)
    const y =
      bias.length === 0 ? graph.node('MatMul', [form.name, kernel]) : graph.node('Gemm', [form.name, kernel, ...bias])
    return newValue(outputShape, finished(call, y, 1))
  }
  const form = formOf(x)
  if (rank === 3 && form.order[0] === 2) {
    // Along the channels: a convolution of one pixel.
    const kernel = graph.weight('kernel', [1, 1, features, units], data, [3, 2, 0, 1])
    const inputs = [graph.tensor(x, channelsFirst), kernel, ...biasOf(call)]
    const y = graph.node('Conv', inputs, convolution(onePixel, [1, 1], 1))
    return newValue(outputShape, finished(call, y, 1), channelsFirst)
  }
  const product = graph.node('MatMul', [graph.plain(x), graph.weight('kernel', shape, data)])
  const [bias] = biasOf(call)
  const y = bias === undefined ? product : graph.node('Add', [product, bias])
  return newValue(outputShape, finished(call, y, rank))
}

const onePixel: WindowGeometry = { size: [1, 1], strides: [1, 1], dilation: [1, 1], padding: 'valid' }

const biasOf = ({ graph, weights: { bias } }: WrittenCall): string[] =>
  bias === undefined ? [] : [graph.weight('bias', bias.shape, bias.data)]

const convolution = (geometry: WindowGeometry, extents: Pair, groups: number): Attributes => ({
  kernel_shape: ints(...geometry.size),
  strides: ints(...geometry.strides),
  dilations: ints(...geometry.dilation),
  pads: pads(geometry, extents),
  group: int(groups),
})

/** Before both axes, then behind them. */
function pads(geometry: WindowGeometry, [height, width]: Pair): OnnxAttribute {
  const { top, left, bottom, right } = paddingOf(geometry, height, width)
  return ints(top, left, bottom, right)
}

/** Kernels [height, width, inputs of a group, filters] become [filters, inputs, height, width]. */
export const convolutionRow: OnnxRow = (call, x) => {
  const { groups } = configOf<{ groups: number }>(call)
  return convolved(call, x, 'kernel', call.weights['kernel']!, groups, true)
}

/** Kernels [height, width, channels, multiplier]: as many groups as channels. */
export const depthwiseRow: OnnxRow = (call, x) => {
  const { shape, data } = call.weights['kernel']!
  return convolved(call, x, 'kernel', byChannel({ shape, data }), shape[2]!, true)
}

export const separableRow: OnnxRow = (call, x) => {
  const { depthwiseKernel, pointwiseKernel } = call.weights
  const spread = convolved(call, x, 'depthwiseKernel', byChannel(depthwiseKernel!), depthwiseKernel!.shape[2]!, false)
  const { shape, data } = pointwiseKernel!
  const kernel = call.graph.weight('pointwiseKernel', shape, data, [3, 2, 0, 1])
  const y = call.graph.node('Conv', [spread.forms[0]!.name, kernel, ...biasOf(call)], convolution(onePixel, [1, 1], 1))
  return newValue(call.outputShape, finished(call, y, 1), pictureOrder(call))
}

const byChannel = ({ shape: [height, width, channels, multiplier], data }: GivenWeight): GivenWeight => ({
  shape: [height!, width!, 1, channels! * multiplier!],
  data,
})

function convolved(
  call: WrittenCall,
  x: WrittenValue,
  name: string,
  { shape, data }: GivenWeight,
  groups: number,
  finish: boolean,
): WrittenValue {
  const { graph } = call
  const order = pictureOrder(call)
  const kernel = graph.weight(name, shape, data, [3, 2, 0, 1])
  const geometry = windowGeometry(configOf<WindowConfig>(call))
  const attributes = convolution(geometry, extentsOfPicture(call, x), groups)
  const y = graph.node('Conv', [graph.tensor(x, order), kernel, ...(finish ? biasOf(call) : [])], attributes)
  return newValue(call.outputShape, finish ? finished(call, y, 1) : y, order)
}

/** Kernels [height, width, filters, inputs] become [inputs, filters, height, width]. */
export const transposedConvolutionRow: OnnxRow = (call, x) => {
  const { graph } = call
  const { shape, data } = call.weights['kernel']!
  const config = configOf<WindowConfig & Pick<Conv2dTransposeOptions, 'outputPadding'>>(call)
  const geometry = windowGeometry(config)
  const extra = config.outputPadding as Pair | null
  const axes = extentsOfPicture(call, x).map((inputs, axis) => {
    const spread = spreadOf(geometry, extra, axis as 0 | 1, inputs)
    const whole = (inputs - 1) * geometry.strides[axis]! + geometry.dilation[axis]! * (geometry.size[axis]! - 1) + 1
    return { ...spread, added: spread.outputs - (whole - spread.before - spread.after) }
  })
  const order = pictureOrder(call)
  const kernel = graph.weight('kernel', shape, data, [3, 2, 0, 1])
  const y = graph.node('ConvTranspose', [graph.tensor(x, order), kernel, ...biasOf(call)], {
    kernel_shape: ints(...geometry.size),
    strides: ints(...geometry.strides),
    dilations: ints(...geometry.dilation),
    pads: ints(...axes.map(({ before }) => before), ...axes.map(({ after }) => after)),
    output_padding: ints(...axes.map(({ added }) => added)),
    group: int(1),
  })
  return newValue(call.outputShape, finished(call, y, 1), order)
}

export const poolingRow =
  (op: 'MaxPool' | 'AveragePool'): OnnxRow =>
  (call, x) => {
    const { poolSize, strides, padding } = configOf<PoolingConfig>(call)
    const order = pictureOrder(call)
    const y = call.graph.node(op, [call.graph.tensor(x, order)], {
      kernel_shape: ints(...poolSize),
      strides: ints(...strides),
      pads: pads({ size: poolSize, strides, dilation: [1, 1], padding }, extentsOfPicture(call, x)),
    })
    return newValue(call.outputShape, y, order)
  }

export const globalPoolingRow =
  (op: 'GlobalMaxPool' | 'GlobalAveragePool'): OnnxRow =>
  (call, x) => {
    const { graph, outputShape } = call
    const order = pictureOrder(call)
    const pooled = graph.node(op, [graph.tensor(x, order)])
    if (outputShape.length === 3) return newValue(outputShape, pooled, order)
    return newValue(outputShape, graph.node('Flatten', [pooled], { axis: int(1) }))
  }
