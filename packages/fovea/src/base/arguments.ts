/**
 * What functions are handed besides options: bytes, pictures, lists of numbers. In: the arguments by name, as they came. Out: nothing,
 * or a UserError that names every argument that cannot be, by the same schemas as options.
 */
import { type Fields, list, parse, record, type Schema, text, that, unfit, whole } from './schema.ts'
import type { NumericArray } from './shape.ts'

/** Throws UserError. `owner` is the function, as in `takeFirst`. */
export function checkArguments<F extends Fields>(
  owner: string,
  fields: F,
  given: Readonly<Record<keyof F, unknown>>,
): void {
  parse(record(fields), given, owner, 'Argument')
}

/** Whether a schema takes a value. */
export const fits = <T>(schema: Schema<T>, value: unknown): value is T =>
  schema.read(value, { owner: '', member: '', path: '', problems: [] }) !== unfit

/** By the tag, not by the class: bytes of another realm (a test runner, a frame) are bytes too. */
const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1)

export const bytes: Schema<Uint8Array> = that('bytes (a Uint8Array)', value => tagOf(value) === 'Uint8Array')

/** Of a file, or what lies in it. */
export const pathOrBytes: Schema<string | Uint8Array> = that(
  'a path, or bytes (a Uint8Array)',
  value => (typeof value === 'string' && value !== '') || tagOf(value) === 'Uint8Array',
)

export const path: Schema<string> = { ...text, expected: 'a path' }

/** Also an empty one: a name that is looked up, where the error for unknown ones lists those there are. */
export const anyText: Schema<string> = that('a text', value => typeof value === 'string')

/** Numbers one after the other: a list or a typed array. Their values are not looked at. */
export const numbers: Schema<NumericArray | readonly number[]> = that(
  'a list of numbers, or a typed array',
  value => Array.isArray(value) || (ArrayBuffer.isView(value) && !/^(DataView|Big)/.test(tagOf(value))),
)

/** Height, width, channels. */
export const pictureShape: Schema<readonly number[]> = list(whole(1), 'height, width, channels', { least: 3, most: 3 })

/** A record with these members, each a function or, where the name ends in `[]`, a list. */
export function shaped<T>(expected: string, ...members: readonly string[]): Schema<T> {
  return that(expected, value =>
    members.every(member => {
      const found = (Object(value) as Readonly<Record<string, unknown>>)[member.replace('[]', '')]
      return member.endsWith('[]') ? Array.isArray(found) : typeof found === 'function'
    }),
  )
}
