/** Numbers of a graph that are known before it runs: weights, shapes, indices. An extent that is the batch's is NaN, and what is computed of it. */
import { type Shape, sizeOf } from 'fovea/internal/base/shape'
import type { OnnxTensor, OnnxType } from './onnx-model.ts'

export interface Constant {
  readonly dims: Shape
  readonly data: Float32Array | Float64Array
  readonly type: OnnxType
}

export const constantOf = ({ dims, data, type }: OnnxTensor): Constant => ({ dims, data, type })

export const isFloat = (type: OnnxType): boolean => type.endsWith('float16') || type.startsWith('float')

/** For numbers of this type. Float types but float64 are computed in float32. */
export const numbersFor = (type: OnnxType, size: number): Float32Array | Float64Array =>
  isFloat(type) && type !== 'float64' ? new Float32Array(size) : new Float64Array(size)

/** Whole numbers of an input that lists axes, extents … */
export const listOf = ({ data }: Constant): number[] => [...data]

/** Of each axis, how far its next number lies in row-major order; 0 along axes of 1, which are stretched. */
export const stretchedStrides = (dims: Shape): number[] =>
  dims.map((extent, axis) => (extent === 1 ? 0 : sizeOf(dims.slice(axis + 1))))

/** Calls `visit` with the places in several tensors for each place of a shape, in row-major order. */
export function walk(
  shape: Shape,
  strides: readonly (readonly number[])[],
  visit: (at: number, places: number[]) => void,
): void {
  const size = sizeOf(shape)
  const index = shape.map(() => 0)
  const places = strides.map(() => 0)
  for (let at = 0; at < size; at++) {
    visit(at, places)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++
      for (const [tensor, steps] of strides.entries()) places[tensor]! += steps[axis]!
      if (index[axis]! < shape[axis]!) break
      index[axis] = 0
      for (const [tensor, steps] of strides.entries()) places[tensor]! -= steps[axis]! * shape[axis]!
    }
  }
}

/** Axes in another order: axis i is input axis perm[i]. */
export function transposedConstant({ dims, data, type }: Constant, perm: readonly number[]): Constant {
  const own = dims.map((_, axis) => sizeOf(dims.slice(axis + 1)))
  const shape = perm.map(axis => dims[axis]!)
  const strides = perm.map(axis => own[axis]!)
  const moved = numbersFor(type, data.length)
  const [length, step] = [shape.at(-1) ?? 1, strides.at(-1) ?? 0]
  walk(shape.slice(0, -1), [strides.slice(0, -1)], (row, [place]) => {
    const first = row * length
    for (let at = 0; at < length; at++) moved[first + at] = data[place! + at * step]!
  })
  return { dims: shape, data: moved, type }
}
