/** Layers that compute element by element, and those that join values: in the order of axes in which their inputs are. */
import type { ActivationConfig } from 'fovea/internal/layers/activations'
import { activated } from './activations.ts'
import { along, configOf, type OnnxRow, type WrittenCall } from './call.ts'
import { int, type LayerGraph } from './graph.ts'
import {
  alike,
  type Form,
  formOf,
  isFlattened,
  isPlain,
  placeInTensor,
  plainOrder,
  sameOrder,
  type WrittenValue,
} from './value.ts'

/** What is there for training alone: dropout, noise, augmentation. */
export const passingRow: OnnxRow = (_, x) => x

const lastPlace = (x: WrittenValue, form: Form): number => placeInTensor(x, form, x.shape.length - 1)

/** Layers that are an activation by themselves have it among their traits. */
export const activationRow: OnnxRow = ({ graph, layer }, x) => {
  const form = formOf(x)
  return alike(x, form, activated(graph, layer.traits.activation as ActivationConfig, form.name, lastPlace(x, form)))
}

export const softmaxRow: OnnxRow = (call, x) => {
  const form = formOf(x)
  const place = placeInTensor(x, form, axisFromKeras(configOf<{ axis: number }>(call).axis, x))
  return alike(x, form, call.graph.node('Softmax', [form.name], { axis: int(place) }))
}

/** An axis as Keras counts it, behind the batch. */
export const axisFromKeras = (axis: number, { shape }: Pick<WrittenValue, 'shape'>): number =>
  axis < 0 ? axis + shape.length : axis - 1

export const preluRow: OnnxRow = (call, x) => {
  const form = formOf(x)
  const { shape, data } = call.weights['alpha']!
  return alike(x, form, call.graph.node('PRelu', [form.name, along(call, 'alpha', x, form, shape, data)]))
}

type Numbers = number | readonly number[]

/** A number, or one for each channel (last axis). */
function perChannel(call: WrittenCall, name: string, x: WrittenValue, form: Form, values: Numbers): string {
  const list = [values].flat()
  if (list.length === 1) return call.graph.number(list[0]!)
  return along(call, name, x, form, [list.length], Float32Array.from(list))
}

const areAll = (values: Numbers, one: number): boolean => [values].flat().every(value => value === one)

export const rescalingRow: OnnxRow = (call, x) => {
  const { scale, offset } = configOf<{ scale: Numbers; offset: Numbers }>(call)
  const form = formOf(x)
  const { node } = call.graph
  const scaled = areAll(scale, 1) ? form.name : node('Mul', [form.name, perChannel(call, 'scale', x, form, scale)])
  return alike(x, form, areAll(offset, 0) ? scaled : node('Add', [scaled, perChannel(call, 'offset', x, form, offset)]))
}

/** (x − mean) / deviation, or undone. */
export const zScoreRow: OnnxRow = (call, x) => {
  const { mean, variance, epsilon, invert } = configOf<{
    mean: Numbers
    variance: Numbers
    epsilon: number
    invert: boolean
  }>(call)
  const form = formOf(x)
  const { node } = call.graph
  const deviations = [variance].flat().map(value => Math.max(Math.sqrt(value) + epsilon, 1e-7))
  const centre = perChannel(call, 'mean', x, form, mean)
  const spread = perChannel(call, 'deviation', x, form, deviations)
  const y = invert
    ? node('Add', [node('Mul', [form.name, spread]), centre])
    : node('Div', [node('Sub', [form.name, centre]), spread])
  return alike(x, form, y)
}

/** Values in one order: the one that computing goes on with, if one of them is in it. */
function together(graph: LayerGraph, values: readonly WrittenValue[]): readonly (readonly [WrittenValue, Form])[] {
  const forms = values.map(formOf)
  const flattened = values.filter(isFlattened)
  const [first] = flattened
  const asOne =
    flattened.length === values.length &&
    values.every(
      (value, index) => sameOrder(value.axes, first!.axes) && sameOrder(forms[index]!.order, forms[0]!.order),
    )
  const moved = forms.find(({ order }) => !isPlain(order))
  const order = flattened.length > 0 && !asOne ? undefined : moved?.order
  return values.map(value => {
    const wanted = order ?? plainOrder(value.axes.length)
    return [value, { name: graph.tensor(value, wanted), order: wanted }]
  })
}

/** Two by two, from the first to the last. */
export const mergingRow =
  (op: 'Add' | 'Sub' | 'Mul' | 'Max' | 'Min'): OnnxRow =>
  ({ graph, outputShape }, ...values) => {
    const inputs = together(graph, values)
    const name = inputs.map(([, form]) => form.name).reduce((a, b) => graph.node(op, [a, b]))
    const [value, form] = inputs[0]!
    const axes = isFlattened(value) ? value.axes : outputShape
    return { shape: outputShape, axes, forms: [{ name, order: form.order }] }
  }

export const averageRow: OnnxRow = (call, x, ...others) => {
  const sum = mergingRow('Add')(call, x, ...others)
  const form = formOf(sum)
  return alike(sum, form, call.graph.node('Mul', [form.name, call.graph.number(1 / (1 + others.length))]))
}

export const concatenationRow: OnnxRow = (call, ...values) => {
  const { graph, outputShape } = call
  const axis = axisFromKeras(configOf<{ axis: number }>(call).axis, { shape: outputShape })
  // Pictures that lie in different orders cannot be told apart once they are one vector.
  const inputs = values.some(isFlattened)
    ? values.map(value => ({ name: graph.plain(value), order: plainOrder(1) }))
    : together(graph, values).map(([, form]) => form)
  const { order } = inputs[0]!
  const name = graph.node(
    'Concat',
    inputs.map(form => form.name),
    { axis: int(order.indexOf(axis) + 1) },
  )
  return { shape: outputShape, axes: outputShape, forms: [{ name, order }] }
}
