/** Class numbers to rows with a single 1, as categorical cross-entropy wants them. */
import { UserError } from '../base/errors.ts'
import { type NumberList, numberList } from '../base/number-list.ts'
import { show } from '../base/show.ts'

const { max } = Math
const { isInteger } = Number

export interface OneHot {
  /** Samples, classes. */
  readonly shape: readonly [number, number]
  /** Row by row; 1 at the label's class, else 0. */
  readonly data: Float32Array
}

/**
 * `toCategorical([1, 0], 3)` → shape [2, 3], data 0 1 0, 1 0 0. Without `classes`: the largest label + 1, as in Keras's
 * `to_categorical`. @throws UserError when a label is no whole number in 0 … classes − 1.
 */
export function toCategorical(given: NumberList, classes?: number): OneHot {
  const labels = numberList(given, 'toCategorical')
  let columns = classes ?? 0
  if (classes === undefined) for (let row = 0; row < labels.length; row++) columns = max(columns, labels[row]! + 1)
  if (!isInteger(columns) || columns < 0)
    throw new UserError({
      what: 'toCategorical: the number of classes is unusable.',
      expected: 'a whole number, at least 1',
      received: show(classes),
    })
  const data = new Float32Array(labels.length * columns)
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!
    if (!isInteger(label) || label < 0 || label >= columns)
      throw new UserError({
        what: `toCategorical: label ${row} is not a class number.`,
        expected: `a whole number from 0 to ${columns - 1}`,
        received: show(label),
      })
    data[row * columns + label] = 1
  }
  return { shape: [labels.length, columns], data }
}
