/**
 * Metrics on counts of right and wrong decisions at thresholds: true and false positives and negatives, precision, recall, and
 * the best of one rate where another is at least a given value. Keras 3's semantics: positive means prediction > threshold.
 */

import type { Json } from '../base/json.ts'
import { list, number, optional, orNull, union, whole } from '../base/schema.ts'
import { broadcastTo, type MetricState, type MetricStateRule, matchRanks, ratio, type Values } from './metric-values.ts'

/** Weighted counts, one per threshold. */
export interface Counts {
  readonly truePositives: Float64Array
  readonly falsePositives: Float64Array
  readonly trueNegatives: Float64Array
  readonly falseNegatives: Float64Array
}

export interface CountOptions {
  readonly thresholds: readonly number[]
  /** Only the k largest predictions of each row can be positive. */
  readonly topK?: number | null
  /** Look at this class only. */
  readonly classId?: number | null
}

export function emptyCounts(thresholds: number): Counts {
  const zeros = () => new Float64Array(thresholds)
  return { truePositives: zeros(), falsePositives: zeros(), trueNegatives: zeros(), falseNegatives: zeros() }
}

/** Adds a batch to `counts`. */
export function count(
  counts: Counts,
  options: CountOptions,
  target: Values,
  prediction: Values,
  sampleWeight?: Values,
): void {
  const [p, y] = matchRanks(prediction, target)
  const weights = sampleWeight === undefined ? undefined : broadcastTo(perElement(sampleWeight, y), p.shape)
  const scores = options.topK == null ? Float64Array.from(p.data) : topScores(p, options.topK)
  const classes = p.shape.at(-1) ?? 1
  for (let index = 0; index < scores.length; index++) {
    if (options.classId != null && index % classes !== options.classId) continue
    const weight = weights?.[index] ?? 1
    const positive = y.data[index] !== 0
    const score = Math.fround(scores[index]!)
    for (const [place, threshold] of options.thresholds.entries()) {
      const decided = score > Math.fround(threshold)
      const cell = decided
        ? positive
          ? counts.truePositives
          : counts.falsePositives
        : positive
          ? counts.falseNegatives
          : counts.trueNegatives
      cell[place] = cell[place]! + weight
    }
  }
}

/** A weight per row gets a last axis to broadcast over the classes. */
function perElement(weight: Values, target: Values): Values {
  const column = { shape: [...weight.shape, 1], data: weight.data }
  return column.shape.length > target.shape.length ? weight : column
}

/** All but the k largest of each row (the first of equals) become −∞. */
function topScores(p: Values, k: number): Float64Array {
  const classes = p.shape.at(-1)!
  const scores = new Float64Array(p.data.length).fill(Number.NEGATIVE_INFINITY)
  for (let row = 0; row < scores.length; row += classes) {
    const order = Array.from({ length: classes }, (_, place) => row + place)
    order.sort((a, b) => p.data[b]! - p.data[a]! || a - b)
    for (const index of order.slice(0, k)) scores[index] = p.data[index]!
  }
  return scores
}

type Config = Readonly<Record<string, Json>>
type Rate = (counts: Counts, place: number) => number

export const precisionAt: Rate = (c, i) => ratio(c.truePositives[i]!, c.truePositives[i]! + c.falsePositives[i]!)
export const recallAt: Rate = (c, i) => ratio(c.truePositives[i]!, c.truePositives[i]! + c.falseNegatives[i]!)
const specificityAt: Rate = (c, i) => ratio(c.trueNegatives[i]!, c.trueNegatives[i]! + c.falsePositives[i]!)

function counting(options: CountOptions, finish: (counts: Counts) => number | readonly number[]): MetricState {
  let counts = emptyCounts(options.thresholds.length)
  return {
    update: (target, prediction, sampleWeight) => count(counts, options, target, prediction, sampleWeight),
    result: () => finish(counts),
    reset: () => {
      counts = emptyCounts(options.thresholds.length)
    },
  }
}

const share = number({ least: 0, most: 1 })

/** One number for one threshold, else a list. */
function atThresholds(rate: Rate, fallback: (config: Config) => number): MetricStateRule {
  return {
    options: {
      thresholds: orNull(union(share, list(share, 'thresholds in 0 … 1', { least: 1 }))),
      topK: orNull(whole(1)),
      classId: orNull(whole(0)),
    },
    make(config) {
      const given = config['thresholds'] as number | readonly number[] | null
      const thresholds = given === null ? [fallback(config)] : typeof given === 'number' ? [given] : given
      const options = { thresholds, topK: config['topK'] as number | null, classId: config['classId'] as number | null }
      return counting(options, counts => {
        const rates = thresholds.map((_, place) => rate(counts, place))
        return Array.isArray(given) && given.length > 1 ? rates : rates[0]!
      })
    },
  }
}

/** thresholds 0, 1/(n−1), …, 1. */
function evenThresholds(count: number): number[] {
  return count === 1 ? [0.5] : Array.from({ length: count }, (_, index) => index / (count - 1))
}

/** The largest `rate` over all thresholds at which `constrained` is at least the option `key`. */
function bestWhere(key: string, constrained: Rate, rate: Rate): MetricStateRule {
  return {
    options: { [key]: optional(share, 0.5), numThresholds: optional(whole(1, 1e6), 200), classId: orNull(whole(0)) },
    make(config) {
      const thresholds = evenThresholds(config['numThresholds'] as number)
      const least = config[key] as number
      return counting({ thresholds, classId: config['classId'] as number | null }, counts => {
        const fitting = thresholds.map((_, place) => place).filter(place => constrained(counts, place) >= least)
        return fitting.reduce((best, place) => Math.max(best, rate(counts, place)), 0)
      })
    },
  }
}

const half = () => 0.5
/** With top-k the ranking decides: whatever is among the k counts as positive. */
const halfOrRank = (config: Config) => (config['topK'] === null ? 0.5 : -1e10)

export const confusionMetrics: Readonly<Record<string, MetricStateRule>> = {
  TruePositives: atThresholds((c, i) => c.truePositives[i]!, half),
  FalsePositives: atThresholds((c, i) => c.falsePositives[i]!, half),
  TrueNegatives: atThresholds((c, i) => c.trueNegatives[i]!, half),
  FalseNegatives: atThresholds((c, i) => c.falseNegatives[i]!, half),
  Precision: atThresholds(precisionAt, halfOrRank),
  Recall: atThresholds(recallAt, halfOrRank),
  SensitivityAtSpecificity: bestWhere('specificity', specificityAt, recallAt),
  SpecificityAtSensitivity: bestWhere('sensitivity', recallAt, specificityAt),
  PrecisionAtRecall: bestWhere('recall', recallAt, precisionAt),
  RecallAtPrecision: bestWhere('precision', precisionAt, recallAt),
}
