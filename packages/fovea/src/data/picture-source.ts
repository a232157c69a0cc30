/**
 * A picture source: labelled pictures of one size that are read when they are needed. It knows where the pixels are: in memory,
 * in files, in a function that makes them. Nobody else asks. Labels are in memory, for orders and splits are made of them.
 */
import { anyText, bytes, checkArguments, fits, pictureShape } from '../base/arguments.ts'
import { type Problem, UserError } from '../base/errors.ts'
import { type PreprocessSpec, parseSpec } from '../base/preprocess-spec.ts'
import { functionOf, list, optional, type Schema, that, whole } from '../base/schema.ts'
import { sameShape } from '../base/shape.ts'

/** Height, width, channels. */
export type PictureShape = readonly [height: number, width: number, channels: number]
export type Labels = Uint8Array | Int32Array

/** Labelled pictures of one size, read when they are needed: from memory, from disk, made by a function. */
export interface PictureSource {
  /** Of every picture. */
  readonly shape: PictureShape
  /** Class c is called classNames[c]. */
  readonly classNames: readonly string[]
  readonly count: number
  /** `count` class numbers, 0 … classes − 1. */
  readonly labels: Labels
  /** What each picture is called, if it has a name: the file it comes from. */
  readonly names?: readonly string[] | undefined
  /** How the pictures were made of others, if they were: a model trained on them makes those it is asked about in the same way. */
  readonly preprocess?: PreprocessSpec | undefined
  /**
   * Writes the pictures of these numbers (0 … count − 1, in any order) into `into`, one after the other, height · width · channels
   * bytes each: at once, or by the time that its promise resolves. A number is the same picture whenever it is read.
   */
  read(indices: Int32Array, into: Uint8Array): void | Promise<void>
}

export const labelsValue: Schema<Labels> = that(
  'class numbers in a Uint8Array or an Int32Array',
  value => fits(bytes, value) || value instanceof Int32Array,
)

/** Of many pictures: looked at once each, without a problem for every one. */
export const namesValue: Schema<readonly string[]> = that(
  'a name for each picture',
  value => Array.isArray(value) && value.every(name => typeof name === 'string'),
)

/** Fields that are as they must be each on its own; whether they fit each other is told by `labelProblems`. */
export const sourceFields = {
  shape: pictureShape,
  classNames: list(anyText, 'texts', { least: 1 }),
  labels: labelsValue,
}

/** Whether a value is meant as a source, whatever else is wrong with it. A class may have `read` on its prototype. */
export function isPictureSource(value: unknown): value is PictureSource {
  return typeof value === 'object' && value !== null && 'labels' in value && typeof Object(value).read === 'function'
}

/** Throws UserError for what keeps no contract of a source, as far as can be told without reading a picture. */
export function checkSource(source: PictureSource, where: string): void {
  const { shape, classNames, count, labels, read, names, preprocess } = source
  const fields = {
    ...sourceFields,
    count: whole(0),
    read: functionOf('picture numbers and the bytes to fill'),
    names: optional(namesValue),
  }
  checkArguments(where, fields, { shape, classNames, count, labels, read, names })
  checkSpecOf(where, shape, preprocess)
  const problems = labelProblems(where, source)
  if (problems.length > 0) throw new UserError(problems)
}

/** One label for each picture, each of them a class. */
export function labelProblems(
  where: string,
  { labels, count, classNames, names }: Pick<PictureSource, 'labels' | 'count' | 'classNames' | 'names'>,
): Problem[] {
  const problems: Problem[] = []
  if (names !== undefined && names.length !== count)
    problems.push({
      what: `${where}: pictures and names differ in number.`,
      expected: `${count} names`,
      received: String(names.length),
    })
  if (labels.length !== count)
    problems.push({
      what: `${where}: pictures and labels differ in number.`,
      expected: `${count} labels`,
      received: String(labels.length),
    })
  const wrong = labels.findIndex((label: number) => label < 0 || label >= classNames.length)
  if (wrong >= 0)
    problems.push({
      what: `${where}: label ${wrong} is out of range.`,
      expected: `0 to ${classNames.length - 1}`,
      received: String(labels[wrong]),
    })
  return problems
}

/** Throws UserError for what is no specification, or gives pictures of another shape. */
export function checkSpecOf(where: string, shape: PictureShape, preprocess: unknown): void {
  if (preprocess === undefined) return
  const made = parseSpec(preprocess).shape
  if (sameShape(made, shape)) return
  throw new UserError({
    what: `${where}: preprocess gives pictures of another shape.`,
    expected: shape.join('×'),
    received: made.join('×'),
    fix: 'give the specification that its pictures were made with',
  })
}

/** The field as it is carried on: left out where nothing is known. */
export const carried = ({ preprocess }: Pick<PictureSource, 'preprocess'>): Pick<PictureSource, 'preprocess'> =>
  preprocess === undefined ? {} : { preprocess }

/** The same of names. `chosen`: those of some of the pictures. */
export const carriedNames = (
  { names }: Pick<PictureSource, 'names'>,
  chosen: (names: readonly string[]) => readonly string[] = all => all,
): Pick<PictureSource, 'names'> => (names === undefined ? {} : { names: chosen(names) })

/** Bytes of one picture. */
export function pictureBytes({ shape: [height, width, channels] }: Pick<PictureSource, 'shape'>): number {
  return height * width * channels
}

/** Does something when a read is done: at once where it was done at once. */
export function afterRead(reading: void | Promise<void>, work: () => void | Promise<void>): void | Promise<void> {
  return typeof reading?.then === 'function' ? reading.then(work) : work()
}
