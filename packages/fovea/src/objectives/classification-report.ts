/**
 * What can be read off a classifier's predictions on a data set: confusion matrix, precision, recall and F1 of each class,
 * top-k accuracy and calibration. In: class numbers and rows of probabilities. Rates are 0 where nothing was counted.
 * The formulas are those of the metrics.
 */

import { checkArguments } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { type NumberList, numberList, numberRows } from '../base/number-list.ts'
import { that, whole } from '../base/schema.ts'
import { type CalibrationBin, calibration, calibrationBins } from './class-metrics.ts'
import { addDecision, countsPerSet, fBetaOf, precisionOf, recallOf } from './decision-counts.ts'
import { largestOfRows, ratio } from './metric-values.ts'
import { metricFromConfig } from './metrics.ts'

export type { CalibrationBin } from './class-metrics.ts'

const classCount = whole(1, 1e5)

/** counts[true class][predicted class]. Throws UserError for class numbers out of range. */
export function confusionMatrix(trueClasses: NumberList, predictions: NumberList, classes: number): number[][] {
  checkArguments('confusionMatrix', { classes: classCount }, { classes })
  const labels = numberList(trueClasses, 'The labels')
  const predicted = numberList(predictions, 'The predicted classes')
  if (labels.length !== predicted.length) {
    throw new UserError({
      what: 'There are not as many predictions as labels.',
      expected: `${labels.length} predictions`,
      received: String(predicted.length),
    })
  }
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (let index = 0; index < labels.length; index++) {
    const row = counts[labels[index]!]
    const column = predicted[index]!
    if (row === undefined || row[column] === undefined) {
      throw new UserError({
        what: `Sample ${index} has a class out of range.`,
        expected: `whole numbers from 0 to ${classes - 1}`,
        received: `label ${labels[index]}, predicted ${column}`,
      })
    }
    row[column]++
  }
  return counts
}

export interface ClassScores {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** How many samples are of this class. */
  readonly support: number
}

const squareCounts = that('a confusion matrix: as many rows as columns, of numbers', value => {
  const isRow = (row: unknown): boolean =>
    Array.isArray(row) && row.length === (value as unknown[]).length && row.every(Number.isFinite)
  return Array.isArray(value) && value.every(isRow)
})

/** Scores of each class from a confusion matrix, their plain mean, and their mean weighted by support. */
export function classScores(matrix: readonly (readonly number[])[]): {
  classes: ClassScores[]
  macro: ClassScores
  weighted: ClassScores
} {
  checkArguments('classScores', { matrix: squareCounts }, { matrix })
  const counts = new Float64Array(matrix.length * countsPerSet)
  for (const [label, row] of matrix.entries()) {
    for (const [predicted, weight] of row.entries()) {
      addDecision(counts, label, predicted === label ? 1 : 0, 1, weight)
      if (predicted !== label) addDecision(counts, predicted, 1, 0, weight)
    }
  }
  const classes = matrix.map((row, label) => ({
    precision: precisionOf(counts, label),
    recall: recallOf(counts, label),
    f1: fBetaOf(counts, label),
    support: row.reduce((sum, n) => sum + n, 0),
  }))
  const support = classes.reduce((sum, c) => sum + c.support, 0)
  const mean = (weight: (scores: ClassScores) => number): ClassScores => {
    const all = classes.reduce((sum, c) => sum + weight(c), 0)
    const of = (key: keyof ClassScores) =>
      ratio(
        classes.reduce((sum, c) => sum + weight(c) * c[key], 0),
        all,
      )
    return { precision: of('precision'), recall: of('recall'), f1: of('f1'), support }
  }
  return { classes, macro: mean(() => 1), weighted: mean(c => c.support) }
}

/** The class with the highest probability of each row (the first of equals). */
export function predictedClasses(predictions: NumberList, classes: number): Int32Array {
  checkArguments('predictedClasses', { classes: classCount }, { classes })
  return largestOfRows(numberRows(predictions, classes, 'The predictions'), classes)
}

/** Share of rows whose true class has fewer than k classes above it. */
export function topKAccuracy(trueClasses: NumberList, predictions: NumberList, classes: number, k: number): number {
  checkArguments('topKAccuracy', { classes: classCount, k: whole(1) }, { classes, k })
  const { labels, probabilities } = labelledRows(trueClasses, predictions, classes)
  const accuracy = metricFromConfig('SparseTopKCategoricalAccuracy', { k })
  accuracy.update(labels, probabilities)
  return accuracy.result() as number
}

/** Default 15 bins. */
export function calibrationError(
  trueClasses: NumberList,
  predictions: NumberList,
  classes: number,
  binCount = 15,
): { readonly error: number; readonly bins: readonly CalibrationBin[] } {
  checkArguments('calibrationError', { classes: classCount, binCount: whole(1, 1e6) }, { classes, binCount })
  const { labels, probabilities } = labelledRows(trueClasses, predictions, classes)
  const formula = calibration(binCount)
  const sums = new Float64Array(formula.size(probabilities.shape))
  formula.add(sums, labels, probabilities)
  return { error: formula.result(sums) as number, bins: calibrationBins(sums) }
}

function labelledRows(trueClasses: NumberList, predictions: NumberList, classes: number) {
  const labels = numberList(trueClasses, 'The labels')
  const data = numberRows(predictions, classes, 'The predictions', labels.length)
  return {
    labels: { shape: [labels.length], data: labels },
    probabilities: { shape: [labels.length, classes], data },
  }
}
