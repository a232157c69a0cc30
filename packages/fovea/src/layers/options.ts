/**
 * What the options of layers have in common: the three that every layer takes, and the schemas of windows, borders and shapes.
 * Words may be written in Keras's snake_case too ('glorot_uniform', 'channels_last').
 */
import {
  boolean,
  custom,
  type Fields,
  list,
  number,
  oneOf,
  optional,
  type ParsedFields,
  parse,
  record,
  type Schema,
  that,
  union,
  whole,
} from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'

/** Options every layer takes. */
export interface LayerOptions {
  /** Unique within the model; given by the model (`conv2d`, `conv2d_1` …) when absent. */
  readonly name?: string | undefined
  /** False freezes the layer: its weights are not trained, batch norm uses its moving statistics. Default true. */
  readonly trainable?: boolean | undefined
  /** Shape of one example, without the batch axis; for the first layer of a sequential model. */
  readonly inputShape?: Shape | undefined
}

/** An extent of a shape, or a number of units; indices have 32 bits. */
export const positiveInteger: Schema<number> = whole(1, 2 ** 31 - 1, 'a positive whole number below 2³¹')

/** Of one example, without the batch axis. */
export const shapeField: Schema<Shape> = list(
  positiveInteger,
  'positive whole numbers without the batch axis, such as [28, 28, 1]',
  { least: 1, most: 8 },
)

const commonFields = {
  name: optional(that<string>('a text', value => typeof value === 'string')),
  trainable: optional(boolean),
  inputShape: optional(shapeField),
}

/** What Keras's layers take too, and where it is said here. */
const elsewhere: Readonly<Record<string, string>> = {
  seed: 'say the seed of the whole model: sequential([…], {seed: 1})',
  dtype: 'leave it out: all numbers are float32',
}

/** The options of one type of layer with every default filled in, without those all layers take. Throws a UserError with every problem. */
export function readOptions<F extends Fields>(type: string, options: object, fields: F): ParsedFields<F> {
  const read = parse(record({ ...fields, ...commonFields }, elsewhere), options, type) as ParsedFields<
    F & typeof commonFields
  >
  return Object.fromEntries(Object.keys(fields).map(name => [name, read[name]])) as ParsedFields<F>
}

/** A number, or a flat list of them. */
export function oneOrMoreNumbers(each: Schema<number> = number()): Schema<number | readonly number[]> {
  return union(each, list(each, 'numbers', { least: 1 }))
}

export const integers: Schema<readonly number[]> = list(whole(-(2 ** 31), 2 ** 31 - 1), 'whole numbers')

/** Of windows, their steps and borders, in pixels: no picture is wider, and places in one stay far below 2³¹. */
export const widest = 2 ** 16

/** Height and width; one number stands for both. */
export const pair: Schema<readonly [number, number]> = custom(
  `a positive whole number of at most ${widest}, or two: [height, width]`,
  value => {
    const [height, width, ...rest] = Array.isArray(value) ? (value as unknown[]) : [value, value]
    return rest.length === 0 && isExtent(height) && isExtent(width) ? [height, width] : undefined
  },
)

/** Rows and columns added or cut: n, [rows, columns] or [[top, bottom], [left, right]]; normalised to the last form. */
export const border: Schema<readonly [readonly [number, number], readonly [number, number]]> = custom(
  `a whole number from 0 to ${widest}, [rows, columns] or [[top, bottom], [left, right]]`,
  value => {
    const sides = Array.isArray(value) ? value : [value, value]
    if (sides.length !== 2) return undefined
    const both = sides.map(side => (Array.isArray(side) ? side : [side, side]))
    const fine = both.every(side => side.length === 2 && side.every(n => n === 0 || isExtent(n)))
    return fine ? [both[0] as [number, number], both[1] as [number, number]] : undefined
  },
)

const isExtent = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= widest

/** One of the words. */
export const choice = <const Words extends readonly string[]>(...words: Words): Schema<Words[number]> =>
  oneOf(words, toCamel)

/** `glorot_uniform` → `glorotUniform`; camelCase stays. */
export function toCamel(word: string): string {
  return word.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
