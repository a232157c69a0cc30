/** Normalizations in inference. In: values in any order of axes. Out: the same order, but where an operator wants the channels first. */
import { sizeOf } from 'fovea/internal/base/shape'
import { along, configOf, type OnnxRow, pictureOrder, type WrittenCall } from './call.ts'
import { axisFromKeras } from './elementwise.ts'
import { int, ints, real } from './graph.ts'
import {
  alike,
  type Form,
  formOf,
  isFlattened,
  newValue,
  placeInTensor,
  plainOrder,
  type WrittenValue,
} from './value.ts'

interface AffineConfig {
  readonly axis: number
  readonly epsilon: number
}

/** A value with this axis right behind the batch. */
function withFirst(call: WrittenCall, x: WrittenValue, axis: number): Form {
  if (isFlattened(x)) return formOf(x)
  const fits = ({ order }: Form): boolean => order[0] === axis
  const form = [formOf(x), ...x.forms].find(fits)
  if (form) return form
  const order = [axis, ...plainOrder(x.shape.length).filter(other => other !== axis)]
  return { name: call.graph.tensor(x, order), order }
}

/** One number for each channel: a weight, or what stands for one that the layer does not have. */
function channelWeight(
  call: WrittenCall,
  x: WrittenValue,
  form: Form,
  axis: number,
  name: string,
  otherwise: number,
): string {
  const channels = x.shape[axis]!
  const data = call.weights[name]?.data ?? new Float32Array(channels).fill(otherwise)
  return isFlattened(x) ? along(call, name, x, form, [channels], data) : call.graph.weight(name, [channels], data)
}

export const batchNormalizationRow: OnnxRow = (call, x) => {
  const { axis, epsilon } = configOf<AffineConfig>(call)
  const channelAxis = axisFromKeras(axis, x)
  const form = withFirst(call, x, channelAxis)
  const weight = (name: string, otherwise: number): string => channelWeight(call, x, form, channelAxis, name, otherwise)
  const inputs = [
    form.name,
    weight('gamma', 1),
    weight('beta', 0),
    weight('movingMean', 0),
    weight('movingVariance', 1),
  ]
  return alike(x, form, call.graph.node('BatchNormalization', inputs, { epsilon: real(epsilon) }))
}

/** Each group of channels, with all places, becomes one row of an instance normalization (ONNX has groups from opset 18 on). */
export const groupNormalizationRow: OnnxRow = (call, x) => {
  const { graph } = call
  const { axis, epsilon, groups: given } = configOf<AffineConfig & { groups: number }>(call)
  const channelAxis = axisFromKeras(axis, x)
  const channels = x.shape[channelAxis]!
  const groups = given === -1 ? channels : given
  // Groups are neighbours, so that a flattened value has to be in its own order.
  const form = isFlattened(x) ? { name: graph.plain(x), order: plainOrder(1) } : withFirst(call, x, channelAxis)
  const value: WrittenValue = { shape: x.shape, axes: x.shape, forms: [form] }
  const ones = graph.weight('one', [groups], new Float32Array(groups).fill(1))
  const zeros = graph.weight('zero', [groups], new Float32Array(groups))
  const grouped = graph.node('Reshape', [form.name, graph.integers(0, groups, sizeOf(x.shape) / groups)])
  const normal = graph.node('InstanceNormalization', [grouped, ones, zeros], { epsilon: real(epsilon) })
  const shape = form.order.map(each => x.shape[each]!)
  return alike(
    value,
    form,
    affine(call, value, form, [channelAxis], graph.node('Reshape', [normal, graph.integers(0, ...shape)])),
  )
}

/** Times gamma plus beta, where the layer has them; both lie along the axes. */
function affine(call: WrittenCall, x: WrittenValue, form: Form, axes: readonly number[], y: string): string {
  const extents = x.shape.map((extent, axis) => (axes.includes(axis) ? extent : 1))
  const steps = [
    ['gamma', 'Mul'],
    ['scale', 'Mul'],
    ['beta', 'Add'],
  ] as const
  return steps.reduce((result, [name, op]) => {
    const weight = call.weights[name]
    return weight === undefined
      ? result
      : call.graph.node(op, [result, along(call, name, x, form, extents, weight.data)])
  }, y)
}

/** The axes that each example is normalized over, ascending. */
const normalizedAxes = (call: WrittenCall, x: WrittenValue): readonly number[] =>
  [configOf<{ axis: number | readonly number[] }>(call).axis]
    .flat()
    .map(axis => axisFromKeras(axis, x))
    .sort((a, b) => a - b)

/** The same axes as places of the tensor. */
function normalized(call: WrittenCall, x: WrittenValue) {
  const axes = normalizedAxes(call, x)
  const form = formOf(x)
  const places = axes.map(axis => placeInTensor(x, form, axis)).sort((a, b) => a - b)
  return { axes, form, places, over: { axes: ints(...places), keepdims: int(1) } }
}

/** ONNX's operator runs over the last axes, so these are where the others are brought. */
export const layerNormalizationRow: OnnxRow = (call, x) => {
  const { epsilon, rmsScaling } = configOf<AffineConfig & { rmsScaling: boolean }>(call)
  if (rmsScaling) return byDeviation(call, x, epsilon)
  const { graph, weights } = call
  const axes = normalizedAxes(call, x)
  const form = isFlattened(x) ? formOf(x) : withLast(call, x, axes)
  const order = isFlattened(x) ? form.order : axes
  const extents = isFlattened(x) ? x.axes : x.shape.map((extent, axis) => (axes.includes(axis) ? extent : 1))
  const size = sizeOf(extents)
  const dims = isFlattened(x) ? [size] : axes.map(axis => x.shape[axis]!)
  const weight = (name: string, data: Float32Array): string => graph.weight(name, extents, data, order, dims)
  const gamma = weight('gamma', weights['gamma']?.data ?? new Float32Array(size).fill(1))
  const beta = weights['beta'] && weight('beta', weights['beta'].data)
  const attributes = { axis: int(isFlattened(x) ? 1 : 1 + x.shape.length - axes.length), epsilon: real(epsilon) }
  const inputs = [form.name, gamma, ...(beta === undefined ? [] : [beta])]
  return alike(x, form, graph.node('LayerNormalization', inputs, attributes))
}

/** A value with these axes behind all others. */
function withLast(call: WrittenCall, x: WrittenValue, axes: readonly number[]): Form {
  const order = [...plainOrder(x.shape.length).filter(axis => !axes.includes(axis)), ...axes]
  return { name: call.graph.tensor(x, order), order }
}

/** x / √(variance + epsilon) · gamma. */
function byDeviation(call: WrittenCall, x: WrittenValue, epsilon: number): WrittenValue {
  const { node, number } = call.graph
  const { axes, form, over } = normalized(call, x)
  const difference = node('Sub', [form.name, node('ReduceMean', [form.name], over)])
  const variance = node('ReduceMean', [node('Mul', [difference, difference])], over)
  const scaled = node('Div', [form.name, node('Sqrt', [node('Add', [variance, number(epsilon)])])])
  return alike(x, form, affine(call, x, form, axes, scaled))
}

export const rmsNormalizationRow: OnnxRow = (call, x) => {
  const { node, number } = call.graph
  const { axes, form, over } = normalized(call, x)
  const meanSquare = node('ReduceMean', [node('Mul', [form.name, form.name])], over)
  const length = node('Sqrt', [node('Add', [meanSquare, number(configOf<AffineConfig>(call).epsilon)])])
  return alike(x, form, affine(call, x, form, axes, node('Div', [form.name, length])))
}

/** Over one axis ONNX has an operator; over several, the least length is Fovea's, so that zeros stay zeros. */
export const unitNormalizationRow: OnnxRow = (call, x) => {
  const { node, number } = call.graph
  const { form, places, over } = normalized(call, x)
  if (places.length === 1) {
    return alike(x, form, node('LpNormalization', [form.name], { axis: int(places[0]!), p: int(2) }))
  }
  const sum = node('ReduceSumSquare', [form.name], over)
  return alike(x, form, node('Div', [form.name, node('Sqrt', [node('Max', [sum, number(1e-24)])])]))
}

/** ONNX divides alpha by the number of neighbours. */
export const localResponseRow: OnnxRow = (call, x) => {
  const { depthRadius, bias, alpha, beta } = configOf<Record<'depthRadius' | 'bias' | 'alpha' | 'beta', number>>(call)
  const order = pictureOrder(call)
  const size = 2 * depthRadius + 1
  const y = call.graph.node('LRN', [call.graph.tensor(x, order)], {
    size: int(size),
    alpha: real(alpha * size),
    beta: real(beta),
    bias: real(bias),
  })
  return newValue(call.outputShape, y, order)
}
