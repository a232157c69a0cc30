/**
 * Orthogonal first values (Saxe et al. 2013, as in Keras): a random normal matrix [product of the first axes, last axis] made
 * orthonormal along its shorter side by modified Gram–Schmidt in double precision, times `gain`.
 */
import { type Shape, sizeOf } from '../base/shape.ts'

/** `draw(index)` gives standard normal numbers. */
export function orthogonalRows(shape: Shape, gain: number, draw: (index: number) => number): Float32Array {
  const columns = shape.at(-1) ?? 1
  const rows = sizeOf(shape) / columns
  const [vectors, length] = rows < columns ? [rows, columns] : [columns, rows]
  const basis: Float64Array[] = []
  for (let vector = 0; vector < vectors; vector++) {
    const current = Float64Array.from({ length }, (_, index) => draw(vector * length + index))
    for (const earlier of basis) {
      const share = dot(current, earlier)
      for (let index = 0; index < length; index++) current[index] = current[index]! - share * earlier[index]!
    }
    const size = Math.sqrt(dot(current, current))
    basis.push(current.map(value => value / size))
  }
  return Float32Array.from({ length: rows * columns }, (_, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns]
    return gain * (rows < columns ? basis[row]![column]! : basis[column]![row]!)
  })
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!
  return sum
}
