/**
 * Labels in the form that the loss wants, whichever way they were given: class numbers or one-hot rows, one class per sample or one
 * at each position. In: a column of labels, their form, the output's shape. Out: a `FeedColumn`, checked.
 */

import { UserError } from '../base/errors.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../base/shape.ts'
import { capitalised } from '../base/text.ts'
import type { Column } from './arrays.ts'
import type { FeedColumn } from './feed-column.ts'
import { asClassNumber, asOneHot } from './label-forms.ts'

const { floor, min } = Math
const { isInteger } = Number

/** What form the labels of an output have as they are fed (batch axis first). */
export interface OutputTarget {
  readonly output: string
  readonly shape: Shape
  readonly dtype: 'f32' | 'i32' | 'u8'
  /** Values must lie within 0 … 1. */
  readonly probabilities?: boolean | undefined
  /** A label that is not a class but counts for nothing. */
  readonly ignoredClass?: number | undefined
}

/**
 * Chooses between class numbers and one-hot rows, whichever way they were given, and checks them. An output (…, C) has a class
 * at each of its positions: labels are one number per position (…) or C values (…, C); axes of 1 at the end are no other data.
 */
export function targetColumn(labels: Column, form: OutputTarget, outputShape: Shape, what: string): FeedColumn {
  const classes = outputShape.at(-1) ?? 1
  const positions = outputShape.slice(0, -1)
  const slotRowSize = sizeOf(form.shape.slice(1))
  const { data, rowSize } = labels
  if (form.dtype === 'i32') {
    if (fits(labels, positions)) {
      checkClasses(labels, classCount(outputShape), what, form.ignoredClass)
      return { data, rowSize, form: 'copy', slotRowSize }
    }
    if (fits(labels, outputShape)) {
      checkOneHot(labels, classes, what)
      return { data, rowSize, form: asClassNumber, slotRowSize }
    }
  } else {
    if (fits(labels, outputShape)) {
      if (form.probabilities) checkProbabilities(labels, what)
      return { data, rowSize, form: 'copy', slotRowSize }
    }
    if (fits(labels, positions)) {
      checkClasses(labels, classes, what)
      return { data, rowSize, form: asOneHot, slotRowSize }
    }
  }
  throw wrongShape(labels, outputShape, what)
}

/** Rows given without a shape fit by their size. */
function fits({ rowShape, rowSize }: Column, shape: Shape): boolean {
  return rowShape ? sameShape(withoutOnes(rowShape), withoutOnes(shape)) : rowSize === sizeOf(shape)
}

function withoutOnes(shape: Shape): Shape {
  return shape.slice(0, shape.findLastIndex(extent => extent !== 1) + 1)
}

function wrongShape({ count, rowShape, rowSize }: Column, outputShape: Shape, what: string): UserError {
  const positions = outputShape.slice(0, -1)
  const isPerPosition = positions.length > 0
  const numbers = `class numbers ${formatShape([-1, ...positions])}`
  return new UserError({
    what: `${capitalised(what)} have the wrong shape`,
    expected: `${numbers} or rows ${formatShape([-1, ...outputShape])}`,
    received: formatShape([count, ...(rowShape ?? [rowSize])]),
    ...(isPerPosition &&
      rowShape?.every(extent => extent === 1) && {
        fix: `for one class per sample put flatten() or globalAveragePooling2d() before the last layer: now it gives ${formatShape(outputShape)} for each`,
      }),
  })
}

/** How many classes an output tells apart; a single value says yes or no. */
function classCount(outputShape: Shape): number {
  const units = outputShape.at(-1) ?? 1
  return units === 1 ? 2 : units
}

function checkOneHot({ data, rowSize }: Column, classes: number, what: string): void {
  for (let begin = 0; begin < data.length; begin += classes) {
    let ones = 0
    let zeros = 0
    for (let index = begin; index < begin + classes; index++) {
      if (data[index] === 1) ones++
      else if (data[index] === 0) zeros++
    }
    if (ones === 1 && zeros === classes - 1) continue
    throw new UserError({
      what: `${capitalised(what)} hold a row that is not one-hot`,
      expected: 'one 1, all others 0',
      received: `[${data.subarray(begin, begin + min(classes, 12)).join(', ')}] at sample ${floor(begin / rowSize)}`,
      fix: 'for labels that are probabilities use the loss categoricalCrossentropy',
    })
  }
}

function checkProbabilities({ data, rowSize }: Column, what: string): void {
  const wrong = data.findIndex((value: number) => !(value >= 0 && value <= 1))
  if (wrong < 0) return
  throw new UserError({
    what: `${capitalised(what)} hold a value that is not a probability`,
    expected: 'values within 0 … 1, for a crossentropy',
    received: `${data[wrong]} at sample ${floor(wrong / rowSize)}`,
    fix: 'for class numbers give the last layer as many units as there are classes; for other values choose another loss',
  })
}

function checkClasses({ data, rowSize }: Column, classes: number, what: string, ignored?: number): void {
  const wrong = data.findIndex(
    (label: number) => !(isInteger(label) && label >= 0 && label < classes) && label !== ignored,
  )
  if (wrong < 0) return
  throw new UserError({
    what: `${capitalised(what)} hold a number that is not a class of the model`,
    expected: `whole numbers 0 … ${classes - 1}, for an output of ${classes} classes`,
    received: `${data[wrong]} at sample ${floor(wrong / rowSize)}`,
    fix: 'check the labels, or give the last layer as many units as there are classes',
  })
}
