/**
 * A data set: labelled pictures of one size in a training part and mostly a test part. A part is an array of bytes with labels, or
 * a source that reads its pictures when they are needed. Preprocessing happens in the compiled step.
 */

import { anyText, bytes, checkArguments, fits, numbers, pictureShape } from '../base/arguments.ts'
import { type Problem, UserError } from '../base/errors.ts'
import type { Picture } from '../base/picture.ts'
import type { PreprocessSpec } from '../base/preprocess-spec.ts'
import { integer, list, record, type Schema, that, union, whole } from '../base/schema.ts'
import { sameShape } from '../base/shape.ts'
import { shortList } from '../base/text.ts'
import { checkedSource } from './checked-source.ts'
import { inMemory } from './memory-source.ts'
import { sourceRange } from './parts-of-source.ts'
import {
  carried,
  checkSource,
  checkSpecOf,
  isPictureSource,
  labelProblems,
  type PictureShape,
  type PictureSource,
} from './picture-source.ts'
import { pictureOfBytes } from './read-pictures.ts'

/** Labelled pictures in memory, one after the other (N, H, W, C, 0 … 255). */
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

/**
 * Labelled pictures of one size, in a part to train on and a part to test on.
 * @typeParam Part what its parts are: pictures in memory, or sources.
 */
export interface Dataset<Part extends Split | PictureSource = Split | PictureSource> {
  readonly name: string
  /** Height, width, channels of every picture. */
  readonly shape: PictureShape
  /** Class c is called classNames[c]. */
  readonly classNames: readonly string[]
  /** How pictures from outside become ones like these, if that is known; models trained on them keep it. */
  readonly preprocess?: PreprocessSpec | undefined
  readonly train: Part
  /** What was held out of the training part already, if it was. */
  readonly validation?: Part | undefined
  /** May be missing: then nothing can be tested on it. */
  readonly test?: Part | undefined
}

/** A data set in memory as a whole. */
export interface LoadedDataset extends Dataset<Split> {
  readonly test: Split
}

/** Whose numbers need not fit each other: what does not is told in detail. */
const loosePart = union(
  record({ images: bytes, labels: numbers, count: whole(0) }),
  that('a picture source', isPictureSource),
)
const datasetFields = {
  name: anyText,
  shape: list(
    that('a number', value => typeof value === 'number'),
    'numbers',
  ),
  classNames: list(anyText, 'texts'),
  train: loosePart,
}

/** Gives the data set back if its parts fit its shape and classes. @throws UserError listing everything that does not. */
export function checkDataset<D extends Dataset>(dataset: D): D {
  const { name, shape, classNames, train, validation, test } = Object(dataset) as D
  const others = Object.fromEntries(Object.entries({ validation, test }).filter(([, part]) => part !== undefined))
  const fields = { ...datasetFields, ...Object.fromEntries(Object.keys(others).map(part => [part, loosePart])) }
  checkArguments('The data set', fields, { name, shape, classNames, train, ...others })
  const problems: Problem[] = []
  if (dataset.shape.length !== 3 || dataset.shape.some(extent => !Number.isInteger(extent) || extent < 1))
    problems.push({
      what: `Data set ${dataset.name}: the picture shape is unusable.`,
      expected: 'height, width and channels, each at least 1',
      received: `[${dataset.shape.join(', ')}]`,
    })
  if (dataset.classNames.length === 0) problems.push({ what: `Data set ${dataset.name}: there are no class names.` })
  if (problems.length === 0) {
    problems.push(...partProblems(dataset, 'train', train))
    if (validation !== undefined) problems.push(...partProblems(dataset, 'validation', validation))
    if (test !== undefined) problems.push(...partProblems(dataset, 'test', test))
  }
  if (problems.length > 0) throw new UserError(problems)
  checkSpecOf(`Data set ${dataset.name}`, shape, dataset.preprocess)
  return dataset
}

function partProblems(dataset: Dataset, name: string, part: Split | PictureSource): Problem[] {
  const where = `Data set ${dataset.name}, ${name} part`
  const { labels, count } = part
  if (isPictureSource(part)) return sourceProblems(dataset, where, part)
  const bytes = count * dataset.shape.reduce((product, extent) => product * extent, 1)
  const problems: Problem[] = []
  if (part.images.length !== bytes)
    problems.push({
      what: `${where}: the pictures have the wrong number of bytes.`,
      expected: `${count} pictures × ${dataset.shape.join('×')} = ${bytes}`,
      received: String(part.images.length),
    })
  return [...problems, ...labelProblems(where, { labels, count, classNames: dataset.classNames })]
}

/** What of a source is not as the data set says. */
function sourceProblems(
  dataset: Pick<Dataset, 'shape' | 'classNames'>,
  where: string,
  source: PictureSource,
): Problem[] {
  checkSource(source, where)
  const { shape, classNames } = source
  const problems: Problem[] = []
  if (!sameShape(shape, dataset.shape))
    problems.push({
      what: `${where}: its pictures have another shape than those of the data set.`,
      expected: dataset.shape.join('×'),
      received: shape.join('×'),
    })
  if (classNames.length !== dataset.classNames.length || classNames.some((name, at) => name !== dataset.classNames[at]))
    problems.push({
      what: `${where}: its classes are not those of the data set.`,
      expected: shortList(dataset.classNames),
      received: shortList(classNames),
    })
  return problems
}

/** The data set with all its parts as sources. @throws UserError as `checkDataset` does. */
export function withSources(dataset: Dataset): Dataset<PictureSource> {
  const { name, shape, classNames, train, validation, test } = checkDataset(dataset)
  const sourceOf = (part: Split | PictureSource): PictureSource =>
    isPictureSource(part)
      ? checkedSource(part)
      : inMemory({ images: part.images, labels: part.labels, shape, classNames })
  return {
    name,
    shape,
    classNames,
    ...carried(dataset),
    train: sourceOf(train),
    ...(validation !== undefined && { validation: sourceOf(validation) }),
    ...(test !== undefined && { test: sourceOf(test) }),
  }
}

/** Part `name` of a data set, if it is labelled pictures that fit it. @throws UserError. */
export function checkedPart(
  dataset: Pick<Dataset, 'shape' | 'classNames' | 'train' | 'test'>,
  name: 'train' | 'test',
): Split | PictureSource {
  const part = dataset[name]
  if (part === undefined && name === 'test') throw noTestPart('The data set')
  if (!isPictureSource(part)) {
    checkArguments('The data set', { [name]: splitValue }, { [name]: part })
    return part!
  }
  const { shape, classNames } = dataset
  checkArguments('The data set', { shape: pictureShape, classNames: list(anyText, 'texts') }, { shape, classNames })
  const problems = sourceProblems(dataset, `The ${name} part of the data set`, part)
  if (problems.length > 0) throw new UserError(problems)
  return checkedSource(part)
}

/** The test part. @throws UserError where there is none. */
export function testPart<Part extends Split | PictureSource>(dataset: Pick<Dataset<Part>, 'name' | 'test'>): Part {
  if (dataset.test === undefined) throw noTestPart(`Data set ${dataset.name}`)
  return dataset.test
}

/** The validation part. @throws UserError where there is none. */
export function validationPart<Part extends Split | PictureSource>({
  name,
  validation,
}: Pick<Dataset<Part>, 'name' | 'validation'>): Part {
  if (validation !== undefined) return validation
  throw new UserError({
    what: `Data set ${name} has no validation part.`,
    expected: 'validation: {images, labels, count} or a picture source',
    received: 'none',
    fix: "let the recipe hold pictures out: validation: {kind: 'stratified', count: 100}",
  })
}

function noTestPart(where: string): UserError {
  return new UserError({
    what: `${where} has no test part.`,
    expected: 'test: {images, labels, count} or a picture source',
    received: 'only train',
    fix: 'hold pictures out: splitValidation(dataset.train, {fraction: 0.2}), and give them as test',
  })
}

export const partValue = union(splitValue, that<PictureSource>('a picture source', isPictureSource))

/** The first `count` samples (views, nothing is copied); all of them when there are fewer. */
export function takeFirst<Part extends Split | PictureSource>(split: Part, count: number): Part
export function takeFirst(split: Split | PictureSource, count: number): Split | PictureSource {
  checkArguments('takeFirst', { split: partValue, count: whole(0) }, { split, count })
  const end = Math.min(count, split.count)
  return isPictureSource(split) ? sourceRange(checkedSource(split), 0, end) : rangeOf(split, 0, end)
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
  return pictureOfBytes({ shape }, split.images, index)
}
