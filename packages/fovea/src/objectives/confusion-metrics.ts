/**
 * Metrics on counts of right and wrong decisions at thresholds: true and false positives and negatives, precision, recall, and
 * the best of one rate where another is at least a given value. Names, defaults and rules are Keras 3's.
 */
import { UserError } from '../base/errors.ts'
import { list, number, optional, orNull, union, whole } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import {
  countsPerSet,
  type DecisionCounts,
  falseNegativesOf,
  falsePositivesOf,
  precisionOf,
  type Rate,
  recallOf,
  specificityOf,
  trueNegativesOf,
  truePositivesOf,
} from './decision-counts.ts'
import type { MetricConfig, MetricFormula, MetricResult, MetricRule } from './metric-values.ts'
import { addAtThresholds, type ThresholdOptions } from './threshold-counts.ts'

function counting(options: ThresholdOptions, result: (counts: DecisionCounts) => MetricResult): MetricFormula {
  return {
    size: () => options.thresholds.length * countsPerSet,
    check: shape => checkClass(options.classId ?? null, shape),
    add: (sums, target, prediction, sampleWeight) => addAtThresholds(sums, options, target, prediction, sampleWeight),
    result,
  }
}

function checkClass(classId: number | null, shape: Shape): void {
  const classes = shape.at(-1) ?? 1
  if (classId === null || classId < classes) return
  throw new UserError({
    what: 'A metric looks at a class that the output does not have.',
    expected: `classId from 0 to ${classes - 1}`,
    received: String(classId),
  })
}

const share = number({ least: 0, most: 1 })

/** One number for one threshold, else a list. */
function atThresholds(rate: Rate, fallback: (config: MetricConfig) => number): MetricRule {
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
        return rates.length > 1 ? rates : rates[0]!
      })
    },
  }
}

/** thresholds 0, 1/(n−1), …, 1. */
function evenThresholds(count: number): number[] {
  return count === 1 ? [0.5] : Array.from({ length: count }, (_, index) => index / (count - 1))
}

/** The largest `rate` over all thresholds at which `constrained` is at least the option `key`. */
function bestWhere(key: string, constrained: Rate, rate: Rate): MetricRule {
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
const halfOrRank = (config: MetricConfig) => (config['topK'] === null ? 0.5 : -1e10)

export const confusionMetrics = {
  TruePositives: atThresholds(truePositivesOf, half),
  FalsePositives: atThresholds(falsePositivesOf, half),
  TrueNegatives: atThresholds(trueNegativesOf, half),
  FalseNegatives: atThresholds(falseNegativesOf, half),
  Precision: atThresholds(precisionOf, halfOrRank),
  Recall: atThresholds(recallOf, halfOrRank),
  SensitivityAtSpecificity: bestWhere('specificity', specificityOf, recallOf),
  SpecificityAtSensitivity: bestWhere('sensitivity', recallOf, specificityOf),
  PrecisionAtRecall: bestWhere('recall', recallOf, precisionOf),
  RecallAtPrecision: bestWhere('precision', precisionOf, recallOf),
} as const satisfies Readonly<Record<string, MetricRule>>
