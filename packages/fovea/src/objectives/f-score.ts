/**
 * F-β per class or averaged (`micro`: over all decisions, `macro`: the mean of the classes, `weighted`: by how often each occurs).
 * Without a threshold the largest prediction of a row is positive, as in Keras 3; a single output, which has no other to be larger
 * than, is positive above 0.5 (in Keras always).
 */
import { number, oneOf, optional, orNull } from '../base/schema.ts'
import { addDecision, countsPerSet, falseNegativesOf, fBetaOf, setsOf, truePositivesOf } from './decision-counts.ts'
import {
  labelsLike,
  type MetricFormula,
  type MetricRule,
  type MetricValues,
  ratio,
  weightsLike,
} from './metric-values.ts'

const { abs, fround, max } = Math
const { NEGATIVE_INFINITY: minusInfinity } = Number

interface Config {
  readonly average: 'micro' | 'macro' | 'weighted' | null
  readonly beta: number
  readonly threshold: number | null
}

const averaging = {
  average: orNull(oneOf(['micro', 'macro', 'weighted'])),
  threshold: orNull(number({ above: 0, most: 1 })),
}

export const fScoreMetrics = {
  FBetaScore: {
    options: { ...averaging, beta: optional(number({ above: 0 }), 1) },
    make: config => fScore(config as unknown as Config),
  },
  F1Score: {
    options: averaging,
    make: config => fScore({ ...(config as unknown as Config), beta: 1 }),
  },
} as const satisfies Readonly<Record<string, MetricRule>>

/** One set of counts for each class, or for all of them. */
function fScore({ average, beta, threshold }: Config): MetricFormula {
  return {
    size: shape => (average === 'micro' ? 1 : (shape.at(-1) ?? 1)) * countsPerSet,
    add(counts, target, prediction, sampleWeight) {
      const classes = prediction.shape.at(-1) ?? 1
      const labels = labelsLike(prediction, target).data
      const weights = sampleWeight && weightsLike(prediction, sampleWeight)
      const decided = decisions(prediction, threshold)
      for (let index = 0; index < decided.length; index++) {
        const set = average === 'micro' ? 0 : index % classes
        addDecision(counts, set, decided[index]!, labels[index]!, weights?.[index])
      }
    },
    result(counts) {
      const scores = Array.from({ length: setsOf(counts) }, (_, set) => fBetaOf(counts, set, beta))
      if (average === null) return scores.length === 1 ? scores[0]! : scores
      const shares = scores.map((_, set) =>
        average === 'weighted' ? truePositivesOf(counts, set) + falseNegativesOf(counts, set) : 1,
      )
      const weighted = scores.reduce((sum, score, set) => sum + score * shares[set]!, 0)
      return ratio(
        weighted,
        shares.reduce((sum, share) => sum + share, 0),
      )
    },
  }
}

/** 1 for positive: above the threshold, or the row's largest (every one of equals, but never 0). */
function decisions(prediction: MetricValues, given: number | null): Float64Array {
  const classes = prediction.shape.at(-1) ?? 1
  const threshold = given ?? (classes === 1 ? 0.5 : null)
  return Float64Array.from(prediction.data, (value, index) => {
    if (threshold !== null) return fround(value) > fround(threshold) ? 1 : 0
    const start = index - (index % classes)
    let largest = minusInfinity
    for (let place = 0; place < classes; place++) largest = max(largest, prediction.data[start + place]!)
    return value >= largest && abs(value) > 1e-9 ? 1 : 0
  })
}
