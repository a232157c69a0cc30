/**
 * Would more pictures help? A head alone (a linear discriminant of the features) is fitted on a quarter, a half, three quarters and
 * all of the training pictures of every class, and what it finds of each class among held-out pictures is measured. In: features and
 * labels of both. Out: recalls. The network that made the features has seen all training pictures, so the curves are flatter than
 * those of networks trained on fewer.
 */
import { fold, keyOf, permutation } from '../base/random.ts'
import { standardised } from './columns.ts'
import { cholesky, solved } from './linear-systems.ts'

export interface HeadCurves {
  /** Of the training pictures of each class. */
  readonly shares: readonly number[]
  /** [share][class], the mean of the draws; NaN for a class without held-out pictures. */
  readonly recall: readonly (readonly number[])[]
  /** Training pictures of each class. */
  readonly pictures: readonly number[]
  /** Held-out pictures of each class. */
  readonly heldOut: readonly number[]
  readonly draws: number
}

const shares = [0.25, 0.5, 0.75, 1] as const
const draws = 8
/** Added to the variance within classes, on features at deviation 1. */
const ridge = 0.1
/** More training pictures of a class say no more about the form of the curve, and cost time. */
const mostOfClass = 500

export interface HeadData {
  readonly count: number
  readonly classes: number
  readonly features: Float32Array
  readonly labels: ArrayLike<number>
  /** Whether a row was trained on; all others are held out. */
  isTraining(row: number): boolean
}

/** Undefined where nothing is held out, or no class has four training pictures. */
export function headCurves({ count, classes, features, labels, isTraining }: HeadData): HeadCurves | undefined {
  const rows = standardised(features, count)
  const size = rows.length / count
  const training: number[][] = Array.from({ length: classes }, () => [])
  const heldOut: number[][] = Array.from({ length: classes }, () => [])
  for (let row = 0; row < count; row++) (isTraining(row) ? training : heldOut)[labels[row]!]!.push(row)
  if (heldOut.every(own => own.length === 0) || training.every(own => own.length < 4)) return undefined
  const orders = (draw: number) =>
    training.map((own, label) => {
      const order = permutation(fold(fold(keyOf(0), draw), label), own.length)
      return Array.from(order.subarray(0, mostOfClass), place => own[place]!)
    })
  const recallOf = (share: number, draw: number): number[] => {
    const chosen = orders(draw).map(own => own.slice(0, Math.ceil(share * own.length)))
    const weights = fitted(rows, size, chosen)
    return heldOut.map(
      (own, label) => own.filter(row => classOf(rows, size, row, weights) === label).length / own.length,
    )
  }
  const recall = shares.map(share => {
    const times = share === 1 ? 1 : draws
    const found = Array.from({ length: times }, (_, draw) => recallOf(share, draw))
    return heldOut.map((_, label) => found.reduce((sum, own) => sum + own[label]!, 0) / times)
  })
  return {
    shares,
    recall,
    pictures: training.map(own => own.length),
    heldOut: heldOut.map(own => own.length),
    draws,
  }
}

/**
 * [size + 1, classes], the last row is the bias: scores μᵀ Σ⁻¹ x − ½ μᵀ Σ⁻¹ μ of each class, with its mean μ and the covariance Σ within
 * classes. Every class weighs alike, however many pictures it has; one without any is never found.
 */
function fitted(rows: Float32Array, size: number, chosen: readonly (readonly number[])[]): Float64Array {
  const classes = chosen.length
  const within = new Float64Array(size * size)
  const means = new Float64Array(size * classes)
  const row = new Float64Array(size)
  for (const [label, own] of chosen.entries()) {
    for (let at = 0; at < size; at++) {
      means[at * classes + label] = own.reduce((sum, picture) => sum + rows[picture * size + at]!, 0) / own.length
    }
    for (const picture of own) {
      for (let at = 0; at < size; at++) row[at] = rows[picture * size + at]! - means[at * classes + label]!
      for (let at = 0; at < size; at++) {
        const value = row[at]! / (own.length * classes)
        for (let other = 0; other <= at; other++)
          within[at * size + other] = within[at * size + other]! + value * row[other]!
      }
    }
  }
  for (let at = 0; at < size; at++) within[at * size + at] = within[at * size + at]! + ridge
  const weights = new Float64Array((size + 1) * classes)
  weights.set(solved(cholesky(within, size), means, size, classes))
  for (let label = 0; label < classes; label++) {
    let along = 0
    for (let at = 0; at < size; at++) along += weights[at * classes + label]! * means[at * classes + label]!
    weights[size * classes + label] = -along / 2
  }
  return weights
}

function classOf(rows: Float32Array, size: number, row: number, weights: Float64Array): number {
  const classes = weights.length / (size + 1)
  let [best, most] = [-1, Number.NEGATIVE_INFINITY]
  for (let label = 0; label < classes; label++) {
    let score = weights[size * classes + label]!
    for (let at = 0; at < size; at++) score += rows[row * size + at]! * weights[at * classes + label]!
    // NaN for a class without pictures.
    if (score > most) [best, most] = [label, score]
  }
  return best
}
