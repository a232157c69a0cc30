/**
 * A data set: labelled pictures of one size in a training and a test part, as bytes. Pictures lie one after the other
 * (N, H, W, C, 0 … 255), so a batch is a gather of whole blocks and preprocessing happens in the compiled step.
 */

import { anyText, bytes, checkArguments, fits, numbers, pictureShape } from '../base/arguments.ts'
import { type Problem, UserError } from '../base/errors.ts'
import type { Picture } from '../base/picture.ts'
import { integer, list, record, type Schema, that, whole } from '../base/schema.ts'

/** Pictures one after the other, each with its class. */
export interface Split {
  /** count · height · width · channels bytes. */
  readonly images: Uint8Array
  /** count class numbers, 0 … classes − 1. */
  readonly labels: Uint8Array | Int32Array
  readonly count: number
}

/** A split, as far as can be said without the pictures' size. */
export const splitValue: Schema<Split> = that(
  'labelled pictures {images, labels, count}: bytes, and a class number for each picture',
  value => {
    const { images, labels, count } = Object(value) as Partial<Split>
    const isSplit = fits(bytes, images) && (fits(bytes, labels) || labels instanceof Int32Array)
    return isSplit && fits(whole(0), count) && labels!.length === count
  },
)

/** Labelled pictures of one size, in a part to train on and a part to test on. */
export interface Dataset {
  readonly name: string
  /** Height, width, channels of every picture. */
  readonly shape: readonly [number, number, number]
  /** Class c is called classNames[c]. */
  readonly classNames: readonly string[]
  readonly train: Split
  readonly test: Split
}

/** Whose numbers need not fit each other: what does not is told in detail. */
const looseSplit = record({ images: bytes, labels: numbers, count: whole(0) })
const datasetFields = {
  name: anyText,
  shape: list(
    that('a number', value => typeof value === 'number'),
    'numbers',
  ),
  classNames: list(anyText, 'texts'),
  train: looseSplit,
  test: looseSplit,
}

/** Gives the data set back if its arrays fit its shape and classes. @throws UserError listing everything that does not. */
export function checkDataset(dataset: Dataset): Dataset {
  const { name, shape, classNames, train, test } = Object(dataset) as Dataset
  checkArguments('The data set', datasetFields, { name, shape, classNames, train, test })
  const problems: Problem[] = []
  if (dataset.shape.length !== 3 || dataset.shape.some(extent => !Number.isInteger(extent) || extent < 1))
    problems.push({
      what: `Data set ${dataset.name}: the picture shape is unusable.`,
      expected: 'height, width and channels, each at least 1',
      received: `[${dataset.shape.join(', ')}]`,
    })
  if (dataset.classNames.length === 0) problems.push({ what: `Data set ${dataset.name}: there are no class names.` })
  if (problems.length === 0)
    for (const part of ['train', 'test'] as const) problems.push(...splitProblems(dataset, part, dataset[part]))
  if (problems.length > 0) throw new UserError(problems)
  return dataset
}

function splitProblems(dataset: Dataset, part: string, split: Split): Problem[] {
  const problems: Problem[] = []
  const [height, width, channels] = dataset.shape
  const bytes = split.count * height * width * channels
  const where = `Data set ${dataset.name}, ${part} part`
  if (split.images.length !== bytes)
    problems.push({
      what: `${where}: the pictures have the wrong number of bytes.`,
      expected: `${split.count} pictures × ${height}×${width}×${channels} = ${bytes}`,
      received: String(split.images.length),
    })
  if (split.labels.length !== split.count)
    problems.push({
      what: `${where}: pictures and labels differ in number.`,
      expected: `${split.count} labels`,
      received: String(split.labels.length),
    })
  const wrong = split.labels.findIndex((label: number) => label < 0 || label >= dataset.classNames.length)
  if (wrong >= 0)
    problems.push({
      what: `${where}: label ${wrong} is out of range.`,
      expected: `0 to ${dataset.classNames.length - 1}`,
      received: String(split.labels[wrong]),
    })
  return problems
}

/** The first `count` samples (views, nothing is copied); all of them when there are fewer. */
export function takeFirst(split: Split, count: number): Split {
  checkArguments('takeFirst', { split: splitValue, count: whole(0) }, { split, count })
  return rangeOf(split, 0, Math.min(count, split.count))
}

/** Samples `begin` … `end` − 1, as views. */
export function rangeOf(split: Split, begin: number, end: number): Split {
  const bytes = bytesPerPicture(split)
  return {
    images: split.images.subarray(begin * bytes, end * bytes),
    labels: split.labels.subarray(begin, end),
    count: end - begin,
  }
}

function bytesPerPicture(split: Split): number {
  return split.count === 0 ? 0 : split.images.length / split.count
}

/** The samples with these numbers, in this order, copied. */
export function gather(split: Split, indices: ArrayLike<number>): Split {
  const bytes = bytesPerPicture(split)
  const images = new Uint8Array(indices.length * bytes)
  const labels = split.labels instanceof Uint8Array ? new Uint8Array(indices.length) : new Int32Array(indices.length)
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row]!
    images.set(split.images.subarray(index * bytes, (index + 1) * bytes), row * bytes)
    labels[row] = split.labels[index]!
  }
  return { images, labels, count: indices.length }
}

/** One picture of a split, as a view. */
export function pictureOf(shape: Dataset['shape'], split: Split, index: number): Picture {
  checkArguments('pictureOf', { shape: pictureShape, split: splitValue, index: integer }, { shape, split, index })
  if (!Number.isInteger(index) || index < 0 || index >= split.count)
    throw new UserError({
      what: `There is no picture ${index}.`,
      expected: `0 to ${split.count - 1}`,
      received: String(index),
    })
  const [height, width, channels] = shape
  const bytes = height * width * channels
  return {
    width,
    height,
    channels: channels as Picture['channels'],
    data: split.images.subarray(index * bytes, (index + 1) * bytes),
  }
}
