/**
 * Samples ready to be fed: a column of rows for every input of a model, and where they are labelled (labelled-rows.ts) for the labels and
 * weights of every output. In: the user's arrays (of picture sources: picture-rows.ts). Out: `Rows`, checked: shapes and counts.
 */
import { UserError } from '../base/errors.ts'
import { sizeOf } from '../base/shape.ts'
import { kindOf } from '../base/show.ts'
import { type ArrayLikeInput, inputColumn, isOneArray, isTypedArray } from './arrays.ts'
import type { FeedColumn } from './feed-column.ts'
import type { Ends, FeedRows } from './feed-rows.ts'
import { isForeign } from './foreign-arrays.ts'

/** One value per input or output: alone when there is one, else as a list in the model's order or a record by name. */
export type Several<T> = T | readonly T[] | Readonly<Record<string, T>>
export type Inputs = Several<ArrayLikeInput>
export type Targets = Several<ArrayLikeInput>

/** Gives each of the model's inputs (or outputs) its value. Throws UserError when some are missing or too many. */
export function assign<T>(
  value: Several<T>,
  ends: readonly { readonly name: string }[],
  what: string,
): Record<string, T> {
  const names = ends.map(end => end.name)
  if (value === null || value === undefined) {
    throw new UserError({ what: `The ${what} are missing`, expected: names.join(', '), received: kindOf(value) })
  }
  const isOne =
    isOneArray(value) ||
    typeof value !== 'object' ||
    (names.length === 1 && Array.isArray(value) && !isListOfOne(value))
  if (isOne && !isRecordOf(names, value)) {
    if (names.length === 1) return { [names[0]!]: value as T }
    throw new UserError({
      what: `The model has ${names.length} ${what}, one was given`,
      expected: `a list of ${names.length}, or a record with ${names.join(', ')}`,
    })
  }
  const given = Array.isArray(value)
    ? value.map((item, index) => [names[index] ?? `#${index}`, item] as const)
    : Object.entries(value as Record<string, T>)
  const record = Object.fromEntries(given) as Record<string, T>
  const missing = names.filter(name => record[name] === undefined)
  const unknown = Object.keys(record).filter(name => !names.includes(name))
  if (missing.length > 0 || unknown.length > 0) {
    throw new UserError({
      what: `The ${what} given are not those of the model`,
      expected: names.join(', '),
      received: Object.keys(record).join(', ') || 'none',
    })
  }
  return record
}

/** A record by name is one even if its names are `shape` and `data`. */
const isRecordOf = (names: readonly string[], value: object): boolean =>
  !Array.isArray(value) && !ArrayBuffer.isView(value) && Object.keys(value).sort().join() === [...names].sort().join()

/** `[[1, 2]]` is one sample, `[{shape, data}]` and `[array]` are lists of one input. */
const isListOfOne = (value: readonly unknown[]): boolean =>
  value.length === 1 && (isForeign(value[0]) || isTypedArray(value[0]))

/** The inputs alone, for prediction. */
export function inputRows(ends: Ends, x: Inputs): FeedRows {
  const columns: Record<string, FeedColumn> = {}
  let count: number | undefined
  for (const [name, value] of Object.entries(assign<ArrayLikeInput>(x, ends.inputs, 'inputs'))) {
    const { shape } = ends.inputs.find(input => input.name === name)!
    const column = inputColumn(value, shape, ends.inputs.length === 1 ? 'the input' : `input "${name}"`)
    count = sameCount(count, column.count, `input "${name}"`)
    columns[name] = { data: column.data, rowSize: sizeOf(shape), form: 'copy', slotRowSize: sizeOf(shape) }
  }
  return nonEmpty({ count: count ?? 0, inputs: columns, targets: {}, weights: {} })
}

export function sameCount(count: number | undefined, other: number, what: string): number {
  if (count === undefined || count === other) return other
  throw new UserError({
    what: 'Inputs and labels must have equally many samples',
    expected: `${count} samples`,
    received: `${other} in ${what}`,
  })
}

/** Throws UserError where there are none. */
export function nonEmpty(rows: FeedRows): FeedRows {
  if (rows.count > 0) return rows
  throw new UserError({ what: 'There are no samples', expected: 'at least one', received: '0' })
}
