/**
 * A value of the network and the tensors of the graph that hold it. Fovea's pictures are height, width, channels; ONNX computes on
 * channels, height, width. So a value is kept in the order of axes in which it was computed, and another order is made where one is
 * needed, once. A flattened picture remembers its axes: the order then is that of its elements, and a dense layer behind it has its
 * kernel permuted instead. Shapes are without the batch.
 */
import { type Shape, stridesOf } from 'fovea/internal/base/shape'
import { inOrder } from 'fovea/internal/base/strided'

/** Place by place, the axis of the value that lies there: [2, 0, 1] is channels first. */
export type AxisOrder = readonly number[]

export interface Form {
  /** The tensor's name in the graph. */
  readonly name: string
  readonly order: AxisOrder
}

export interface WrittenValue {
  /** As the network has it. */
  readonly shape: Shape
  /** What `order` is about: the shape, or that of the picture which was flattened. */
  readonly axes: Shape
  /** At least one; more are added as they are made. */
  readonly forms: Form[]
}

export const channelsFirst: AxisOrder = [2, 0, 1]
export const plainOrder = (rank: number): AxisOrder => Array.from({ length: rank }, (_, axis) => axis)

export const isFlattened = ({ shape, axes }: WrittenValue): boolean => axes.length > shape.length
export const sameOrder = (a: AxisOrder, b: AxisOrder): boolean =>
  a.length === b.length && a.every((axis, i) => axis === b[i])
export const isPlain = (order: AxisOrder): boolean => order.every((axis, place) => axis === place)

export const newValue = (shape: Shape, name: string, order: AxisOrder = plainOrder(shape.length)): WrittenValue => ({
  shape,
  axes: shape,
  forms: [{ name, order }],
})

/** Of the same axes as another value, in the order of one of its forms: what an operation by elements gives. */
export const alike = ({ shape, axes }: WrittenValue, { order }: Form, name: string): WrittenValue => ({
  shape,
  axes,
  forms: [{ name, order }],
})

/** The form that computing goes on with: the one that is not in the network's own order, as long as there is one. */
export const formOf = ({ forms }: WrittenValue): Form => forms.find(({ order }) => !isPlain(order)) ?? forms[0]!

/** The place of an axis in the tensor, whose place 0 is the batch. A flattened value has one. */
export const placeInTensor = (value: WrittenValue, { order }: Form, axis: number): number =>
  isFlattened(value) ? 1 : order.indexOf(axis) + 1

/** Whether elements lie one after the other as in the plain order: where only axes of one element have moved. */
export const isUnmoved = (axes: Shape, order: AxisOrder): boolean => {
  const moved = order.filter(axis => axes[axis] !== 1)
  return moved.every((axis, index) => index === 0 || moved[index - 1]! < axis)
}

/** Numbers of these extents with the axes in another order; axes of one element may be missing there. */
export function reordered(data: Float32Array, extents: Shape, order: AxisOrder): Float32Array {
  const strides = stridesOf(extents)
  const [shape, steps] = [order.map(axis => extents[axis]!), order.map(axis => strides[axis]!)]
  return inOrder(data, shape, steps, 0, 'A weight') as Float32Array
}
