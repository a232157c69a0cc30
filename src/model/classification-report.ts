/**
 * What can be read off a classifier's predictions on a data set: confusion matrix, precision, recall and F1 of each class,
 * top-k accuracy and calibration. In: class numbers and rows of probabilities. Rates are 0 where nothing was counted.
 */

import { checkArguments } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { type NumberList, numberList, numberRows } from '../base/number-list.ts'
import { that, whole } from '../base/schema.ts'
import { ratio } from './metric-values.ts'

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
  const classes = matrix.map((row, index) => {
    const right = row[index]!
    const support = row.reduce((sum, n) => sum + n, 0)
    const claimed = matrix.reduce((sum, other) => sum + other[index]!, 0)
    const [precision, recall] = [ratio(right, claimed), ratio(right, support)]
    return { precision, recall, f1: ratio(2 * precision * recall, precision + recall), support }
  })
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
  const probabilities = numberRows(predictions, classes, 'The predictions')
  return Int32Array.from({ length: probabilities.length / classes }, (_, row) => {
    let best = 0
    for (let place = 1; place < classes; place++) {
      if (probabilities[row * classes + place]! > probabilities[row * classes + best]!) best = place
    }
    return best
  })
}

/** Share of rows whose true class has fewer than k classes above it. */
export function topKAccuracy(trueClasses: NumberList, predictions: NumberList, classes: number, k: number): number {
  checkArguments('topKAccuracy', { classes: classCount, k: whole(1) }, { classes, k })
  const labels = numberList(trueClasses, 'The labels')
  const probabilities = numberRows(predictions, classes, 'The predictions', labels.length)
  let hits = 0
  for (let row = 0; row < labels.length; row++) {
    const own = probabilities[row * classes + labels[row]!]!
    let above = 0
    for (let place = 0; place < classes; place++) if (probabilities[row * classes + place]! > own) above++
    if (above < k) hits++
  }
  return ratio(hits, labels.length)
}

export interface CalibrationBin {
  readonly from: number
  readonly to: number
  readonly count: number
  /** Mean probability of the predicted class. */
  readonly confidence: number
  readonly accuracy: number
}

/**
 * Expected calibration error (Guo et al. 2017): predictions fall into bins by the probability of the predicted class;
 * Σ count / N · |accuracy − confidence|. Default 15 bins, a value on a border belongs to the lower one.
 */
export function calibrationError(
  trueClasses: NumberList,
  predictions: NumberList,
  classes: number,
  binCount = 15,
): { readonly error: number; readonly bins: readonly CalibrationBin[] } {
  checkArguments('calibrationError', { classes: classCount, binCount: whole(1, 1e6) }, { classes, binCount })
  const labels = numberList(trueClasses, 'The labels')
  const probabilities = numberRows(predictions, classes, 'The predictions', labels.length)
  const sums = Array.from({ length: binCount }, () => ({ count: 0, confidence: 0, right: 0 }))
  const predicted = predictedClasses(probabilities, classes)
  predicted.forEach((choice, row) => {
    const confidence = probabilities[row * classes + choice]!
    const place = Math.min(binCount - 1, Math.max(0, Math.ceil(confidence * binCount) - 1))
    const bin = sums[place]!
    bin.count++
    bin.confidence += confidence
    if (labels[row] === choice) bin.right++
  })
  const bins = sums.map((bin, index) => ({
    from: index / binCount,
    to: (index + 1) / binCount,
    count: bin.count,
    confidence: ratio(bin.confidence, bin.count),
    accuracy: ratio(bin.right, bin.count),
  }))
  const error = bins.reduce((sum, bin) => sum + bin.count * Math.abs(bin.accuracy - bin.confidence), 0)
  return { error: ratio(error, predicted.length), bins }
}
