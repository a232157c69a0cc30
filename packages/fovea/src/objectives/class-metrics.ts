/**
 * Metrics on which class was predicted: how often each was taken for each (the confusion matrix), and how far confidence is from
 * accuracy (expected calibration error). The predicted class is the most probable one (the first of equals); a single output says yes
 * above 0.5. Keras has neither.
 */
import { UserError } from '../base/errors.ts'
import { optional, whole } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import {
  labelsLike,
  largestOfRows,
  type MetricFormula,
  type MetricRule,
  type MetricValues,
  ratio,
  rowWeights,
} from './metric-values.ts'

const { abs, ceil, max, min, sqrt } = Math

export const classMetrics = {
  ConfusionMatrix: { options: {}, make: () => confusions },
  CalibrationError: {
    options: { bins: optional(whole(1, 1e6), 15) },
    make: config => calibration(config['bins'] as number),
  },
} as const satisfies Readonly<Record<string, MetricRule>>

/** Each of its cells is a log of every epoch. */
const mostClasses = 100
const classesOf = (shape: Shape): number => max(2, shape.at(-1) ?? 1)

/** Counts of true class × predicted class. */
const confusions: MetricFormula = {
  size: shape => classesOf(shape) ** 2,
  check(shape) {
    if (classesOf(shape) <= mostClasses) return
    throw new UserError({
      what: 'The confusion matrix of this output has too many cells to log each of them in every epoch.',
      expected: `at most ${mostClasses} classes`,
      received: String(classesOf(shape)),
      fix: 'After training, take it from all predictions: confusionMatrix(labels, predictedClasses(probabilities, classes), classes).',
    })
  },
  add(sums, target, prediction, sampleWeight) {
    const { actual, predicted } = choices(target, prediction)
    const weights = sampleWeight && rowWeights(prediction, sampleWeight)
    const classes = classesOf(prediction.shape)
    for (const [row, label] of actual.entries()) {
      if (label < 0) continue
      const cell = label * classes + predicted[row]!
      sums[cell] = sums[cell]! + (weights?.[row] ?? 1)
    }
  },
  result(sums) {
    const classes = sqrt(sums.length)
    return Array.from({ length: classes }, (_, row) => Array.from(sums.subarray(row * classes, (row + 1) * classes)))
  },
}

/** What is kept of a bin: weight of the samples, of their confidences, of the right ones. */
const sumsPerBin = 3

export interface CalibrationBin {
  readonly from: number
  readonly to: number
  readonly count: number
  /** Mean probability of the predicted class. */
  readonly confidence: number
  readonly accuracy: number
}

export function calibrationBins(sums: ArrayLike<number>): CalibrationBin[] {
  const count = sums.length / sumsPerBin
  return Array.from({ length: count }, (_, bin) => {
    const [weight, confidence, right] = [0, 1, 2].map(part => sums[bin * sumsPerBin + part]!) as [
      number,
      number,
      number,
    ]
    const [from, to] = [bin / count, (bin + 1) / count]
    return { from, to, count: weight, confidence: ratio(confidence, weight), accuracy: ratio(right, weight) }
  })
}

/**
 * Expected calibration error (Guo et al. 2017): predictions fall into bins by the probability of the predicted class;
 * Σ count / N · |accuracy − confidence|. A value on a border belongs to the lower bin.
 */
export function calibration(binCount: number): MetricFormula {
  return {
    size: () => binCount * sumsPerBin,
    add(sums, target, prediction, sampleWeight) {
      const { actual, predicted, confidence } = choices(target, prediction)
      const weights = sampleWeight && rowWeights(prediction, sampleWeight)
      for (const [row, sure] of confidence.entries()) {
        const bin = min(binCount - 1, max(0, ceil(sure * binCount) - 1))
        const weight = weights?.[row] ?? 1
        const values = [weight, weight * sure, actual[row] === predicted[row] ? weight : 0]
        for (const [part, value] of values.entries()) {
          sums[bin * sumsPerBin + part] = sums[bin * sumsPerBin + part]! + value
        }
      }
    },
    result(sums) {
      const bins = calibrationBins(sums)
      const error = bins.reduce((sum, bin) => sum + bin.count * abs(bin.accuracy - bin.confidence), 0)
      return ratio(
        error,
        bins.reduce((sum, bin) => sum + bin.count, 0),
      )
    },
  }
}

/** Of each row the true class (−1: none), the predicted one and its probability. */
function choices(target: MetricValues, prediction: MetricValues) {
  const { data, shape } = prediction
  const units = shape.at(-1) ?? 1
  const labels = labelsLike(prediction, target).data
  const predicted = largestOfRows(data, units)
  const actual = largestOfRows(labels, units).map((label, row) =>
    units === 1 || labels[row * units + label]! > 0 ? label : -1,
  )
  const confidence = Array.from(predicted, (choice, row) =>
    units > 1 ? data[row * units + choice]! : choice === 1 ? data[row]! : 1 - data[row]!,
  )
  return { actual, predicted, confidence }
}
