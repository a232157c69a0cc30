/**
 * How alike pictures are: exp(−d²), d the distance of what the network sees of them (every feature at deviation 1) and of their looks, each
 * scaled so that half of the pairs lie nearer than 1. In: both as rows, and some pictures as landmarks. Out: a picture's likeness to each
 * landmark. Rows are scaled one at a time: 50,000 of them are not copied.
 */
import { exp } from '../base/math.ts'
import { columnMoments } from './columns.ts'

export interface SeenPictures {
  readonly count: number
  /** [count, any], what a network sees of them. */
  readonly features: Float32Array
  /** [count, any], how they look without a network. */
  readonly appearance: Float32Array
}

/** Writes a picture's likeness to every landmark. `lookWeight`: of the squared distance of looks; 0 leaves them out. */
export function likeness(
  { count, features, appearance }: SeenPictures,
  landmarks: Int32Array,
  lookWeight: number,
): (picture: number, into: Float64Array) => void {
  const seen = scaledRows(features, count, landmarks, { weight: 1, isStandardised: true })
  const looks = scaledRows(appearance, count, landmarks, { weight: lookWeight, isStandardised: false })
  const parts = lookWeight > 0 ? [seen, looks] : [seen]
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  const rowOf = (picture: number, into: Float64Array): Float64Array => {
    let at = 0
    for (const part of parts) {
      part.write(picture, into, at)
      at += part.size
    }
    return into
  }
  const marks = Array.from(landmarks, picture => rowOf(picture, new Float64Array(size)))
  const norms = marks.map(mark => dot(mark, mark))
  const row = new Float64Array(size)
  return (picture, into) => {
    rowOf(picture, row)
    const norm = dot(row, row)
    for (let at = 0; at < marks.length; at++) into[at] = exp(-Math.max(0, norm + norms[at]! - 2 * dot(row, marks[at]!)))
  }
}

interface ScaledRows {
  readonly size: number
  write(picture: number, into: Float64Array, begin: number): void
}

function scaledRows(
  rows: Float32Array,
  count: number,
  landmarks: Int32Array,
  { weight, isStandardised }: { readonly weight: number; readonly isStandardised: boolean },
): ScaledRows {
  const { means, deviations } = columnMoments(rows, count)
  const size = means.length
  const own = deviations.map(deviation => (deviation === 0 ? 0 : isStandardised ? 1 / deviation : 1))
  const median = weight > 0 ? medianDistance(rows, landmarks, own) : 0
  const scales = own.map(scale => (median > 0 ? scale * Math.sqrt(weight / median) : 0))
  return {
    size,
    write(picture, into, begin) {
      for (let column = 0; column < size; column++) {
        const value = rows[picture * size + column]!
        into[begin + column] = Number.isFinite(value) ? (value - means[column]!) * scales[column]! : 0
      }
    },
  }
}

/** Squared, between the landmarks. */
function medianDistance(rows: Float32Array, landmarks: Int32Array, scales: Float64Array): number {
  const size = scales.length
  const distances: number[] = []
  for (let at = 1; at < landmarks.length; at++) {
    for (let other = 0; other < at; other++) {
      let sum = 0
      const [a, b] = [landmarks[at]! * size, landmarks[other]! * size]
      for (let column = 0; column < size; column++) {
        const difference = (rows[a + column]! - rows[b + column]!) * scales[column]!
        if (Number.isFinite(difference)) sum += difference * difference
      }
      distances.push(sum)
    }
  }
  return Float64Array.from(distances).sort()[distances.length >> 1] ?? 0
}

/** Four sums side by side: one would wait for itself at every step. */
function dot(a: Float64Array, b: Float64Array): number {
  let [first, second, third, fourth] = [0, 0, 0, 0]
  let at = 0
  for (; at + 3 < a.length; at += 4) {
    first += a[at]! * b[at]!
    second += a[at + 1]! * b[at + 1]!
    third += a[at + 2]! * b[at + 2]!
    fourth += a[at + 3]! * b[at + 3]!
  }
  for (; at < a.length; at++) first += a[at]! * b[at]!
  return first + second + (third + fourth)
}
