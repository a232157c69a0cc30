/**
 * A map of pictures: their features in the two directions in which they differ most (principal component analysis). Orthogonal iteration
 * on the covariance, from a fixed start, so the map of a run is the same each time; each axis points to where its largest weight is
 * positive. Source: Golub and Van Loan, "Matrix Computations", section 8.2.
 */
import { keyOf, uniform } from '../base/random.ts'
import { standardised } from './columns.ts'

const axes = 2
const iterations = 200

export interface PictureMap {
  /** [count, 2], the first axis first. */
  readonly places: Float64Array
  /** Of the variance, what each axis shows. */
  readonly shares: readonly [number, number]
}

/** Of rows [count, size]; every feature counts alike. */
export function pictureMap(rows: Float32Array, count: number): PictureMap {
  const size = rows.length / count
  const features = standardised(rows, count)
  const covariance = covarianceOf(features, size)
  let basis = Float64Array.from({ length: axes * size }, (_, at) => uniform(keyOf(1), at) - 0.5)
  for (let turn = 0; turn < iterations; turn++) basis = orthonormal(multiplied(covariance, basis, size), size)
  const total = Array.from({ length: size }, (_, at) => covariance[at * size + at]!).reduce((sum, own) => sum + own, 0)
  const stretched = multiplied(covariance, basis, size)
  const shareOf = (axis: number): number => {
    let along = 0
    for (let at = axis * size; at < (axis + 1) * size; at++) along += basis[at]! * stretched[at]!
    return total > 0 ? along / total : 0
  }
  const places = new Float64Array(count * axes)
  for (let axis = 0; axis < axes; axis++) {
    const own = basis.subarray(axis * size, (axis + 1) * size)
    const sign = own.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0) < 0 ? -1 : 1
    for (let row = 0; row < count; row++) {
      let place = 0
      for (let at = 0; at < size; at++) place += own[at]! * features[row * size + at]!
      places[row * axes + axis] = sign * place
    }
  }
  return { places, shares: [shareOf(0), shareOf(1)] }
}

function covarianceOf(features: Float32Array, size: number): Float64Array {
  const covariance = new Float64Array(size * size)
  for (let begin = 0; begin < features.length; begin += size) {
    for (let row = 0; row < size; row++) {
      const value = features[begin + row]!
      if (value === 0) continue
      for (let column = 0; column < size; column++) {
        covariance[row * size + column] = covariance[row * size + column]! + value * features[begin + column]!
      }
    }
  }
  return covariance
}

/** Every vector times the symmetric matrix. */
function multiplied(matrix: Float64Array, vectors: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const result = new Float64Array(vectors.length)
  for (let vector = 0; vector < vectors.length; vector += size) {
    for (let row = 0; row < size; row++) {
      let sum = 0
      for (let column = 0; column < size; column++) sum += matrix[row * size + column]! * vectors[vector + column]!
      result[vector + row] = sum
    }
  }
  return result
}

/** Gram and Schmidt; what has no length stays 0. */
function orthonormal(vectors: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  for (let begin = 0; begin < vectors.length; begin += size) {
    const own = vectors.subarray(begin, begin + size)
    for (let earlier = 0; earlier < begin; earlier += size) {
      let along = 0
      for (let at = 0; at < size; at++) along += own[at]! * vectors[earlier + at]!
      for (let at = 0; at < size; at++) own[at] = own[at]! - along * vectors[earlier + at]!
    }
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0))
    for (let at = 0; at < size; at++) own[at] = length > 1e-12 ? own[at]! / length : 0
  }
  return vectors
}
