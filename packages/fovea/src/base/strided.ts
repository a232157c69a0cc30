/** Views with strides, as ndarray libraries make them by slicing and transposing, copied into row order. */
import { UserError } from './errors.ts'
import { formatShape, type NumericArray, type Shape, sameShape, sizeOf, stridesOf } from './shape.ts'

/** The element at (i, j, …) lies at offset + i · strides[0] + j · strides[1] + …; strides may be negative or 0. */
export function inOrder(
  data: NumericArray,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  what: string,
): NumericArray {
  checkReach(data.length, shape, strides, offset, what)
  const size = sizeOf(shape)
  if (sameShape(strides, stridesOf(shape))) return data.subarray(offset, offset + size)
  const result = new (data.constructor as new (length: number) => NumericArray)(size)
  const index = shape.map(() => 0)
  let from = offset
  for (let to = 0; to < size; to++) {
    result[to] = data[from]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!
      if (++index[axis]! < shape[axis]!) break
      from -= strides[axis]! * shape[axis]!
      index[axis] = 0
    }
  }
  return result
}

function checkReach(length: number, shape: Shape, strides: readonly number[], offset: number, what: string): void {
  const whole = [...strides, offset].every(Number.isSafeInteger) && strides.length === shape.length
  const ends = shape.map((extent, axis) => Math.max(0, extent - 1) * strides[axis]!)
  const lowest = ends.reduce((sum, end) => sum + Math.min(0, end), offset)
  const highest = ends.reduce((sum, end) => sum + Math.max(0, end), offset)
  if (whole && (sizeOf(shape) === 0 || (lowest >= 0 && highest < length))) return
  throw new UserError({
    what: `${what}: the strides do not fit the data`,
    expected: `a whole number for each axis of ${formatShape(shape)}, reaching places 0 … ${length - 1}`,
    received: whole ? `places ${lowest} … ${highest}` : `strides ${formatShape(strides)}, offset ${offset}`,
  })
}
