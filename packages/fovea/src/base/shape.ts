/** Shapes: how many elements along each axis, outermost first (pictures are N, H, W, C). */

export type Shape = readonly number[]

/** Types an element can have in a graph: float32 for computing, int32 for labels and random keys, uint8 for pictures. */
export type DType = 'f32' | 'i32' | 'u8'

export const bytesOf: Record<DType, number> = { f32: 4, i32: 4, u8: 1 }

export type NumericArray = Float32Array | Float64Array | Int32Array | Uint8Array

/** Elements in a tensor of this shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let product = 1
  for (let axis = 0; axis < shape.length; axis++) product *= shape[axis]!
  return product
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false
  return true
}

/** `(28, 28, 1)`; a free batch axis, written -1, prints as `None`, as in Keras. */
export function formatShape(shape: Shape): string {
  const extents = shape.map(extent => (extent === -1 ? 'None' : String(extent)))
  return `(${extents.join(', ')}${shape.length === 1 ? ',' : ''})`
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!
  return strides
}

/** The shape two operands broadcast to (NumPy's rule), or undefined when they do not fit. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  if (a.length === 0 || sameShape(a, b)) return b
  if (b.length === 0) return a
  const rank = Math.max(a.length, b.length)
  const result: number[] = []
  for (let axis = 0; axis < rank; axis++) {
    const extentA = a[a.length - rank + axis] ?? 1
    const extentB = b[b.length - rank + axis] ?? 1
    if (extentA !== extentB && extentA !== 1 && extentB !== 1) return undefined
    result.push(extentA === 1 ? extentB : extentA)
  }
  return result
}
