/**
 * Decisions at thresholds, counted as Keras 3 does: positive means prediction > threshold, compared in float32. In: a batch. Out: added
 * to one set of counts for each threshold. Values are sorted in between two thresholds first, so that many thresholds cost little.
 */
import { addDecision } from './decision-counts.ts'
import { labelsLike, type MetricValues, weightsLike } from './metric-values.ts'

const { fround } = Math
const { NEGATIVE_INFINITY: minusInfinity } = Number

export interface ThresholdOptions {
  readonly thresholds: readonly number[]
  /** Only the k largest predictions of each row can be positive. */
  readonly topK?: number | null | undefined
  /** Look at this class only. */
  readonly classId?: number | null | undefined
}

export function addAtThresholds(
  counts: Float64Array,
  { thresholds, topK, classId }: ThresholdOptions,
  target: MetricValues,
  prediction: MetricValues,
  sampleWeight?: MetricValues,
): void {
  const labels = labelsLike(prediction, target).data
  const weights = sampleWeight && weightsLike(prediction, sampleWeight)
  const scores = topK == null ? prediction.data : topScores(prediction, topK)
  const classes = prediction.shape.at(-1) ?? 1
  const order = thresholds.map((_, place) => place).sort((a, b) => thresholds[a]! - thresholds[b]!)
  const sorted = Float32Array.from(order, place => thresholds[place]!)
  // Weight of the positives and of the negatives that are above so many thresholds.
  const [positives, negatives] = [new Float64Array(sorted.length + 1), new Float64Array(sorted.length + 1)]
  for (let index = 0; index < scores.length; index++) {
    if (classId != null && index % classes !== classId) continue
    const side = labels[index] !== 0 ? positives : negatives
    const place = countBelow(sorted, fround(scores[index]!))
    side[place] = side[place]! + (weights?.[index] ?? 1)
  }
  const above = { positive: sum(positives), negative: sum(negatives) }
  const below = { positive: 0, negative: 0 }
  for (const [rank, set] of order.entries()) {
    const [positive, negative] = [positives[rank]!, negatives[rank]!]
    below.positive += positive
    below.negative += negative
    addDecision(counts, set, 1, 1, above.positive - below.positive)
    addDecision(counts, set, 1, 0, above.negative - below.negative)
    addDecision(counts, set, 0, 1, below.positive)
    addDecision(counts, set, 0, 0, below.negative)
  }
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

/** How many of the sorted thresholds lie below the score. NaN is above none. */
function countBelow(sorted: Float32Array, score: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < score) low = middle + 1
    else high = middle
  }
  return low
}

/** All but the k largest of each row (the first of equals) become −∞. */
function topScores(p: MetricValues, k: number): Float64Array {
  const classes = p.shape.at(-1)!
  const scores = new Float64Array(p.data.length).fill(minusInfinity)
  for (let row = 0; row < scores.length; row += classes) {
    const order = Array.from({ length: classes }, (_, place) => row + place)
    order.sort((a, b) => p.data[b]! - p.data[a]! || a - b)
    for (const index of order.slice(0, k)) scores[index] = p.data[index]!
  }
  return scores
}
