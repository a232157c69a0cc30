/**
 * Samples ready to be fed: for every input slot of a step (model inputs, `target:<output>`, `weight:<output>`) a column of rows.
 * In: the user's arrays and the slots of the compiled step. Out: `Rows`, checked: shapes, counts, class numbers, weights.
 */
import { InternalError, UserError } from '../base/errors.ts'
import { formatShape, type Shape, sizeOf } from '../base/shape.ts'
import { kindOf } from '../base/show.ts'
import { sourceRange } from '../data/parts-of-source.ts'
import { isSource, type PictureSource } from '../data/picture-source.ts'
import { type ArrayLikeInput, inputColumn, isOneArray, isTypedArray, labelColumn } from './arrays.ts'
import type { FeedColumn } from './feed-column.ts'
import { isForeign } from './foreign-arrays.ts'
import { type PictureRows, pictureRows } from './picture-rows.ts'
import { type ClassWeight, checkWeighting, classWeighted, type Weighting, weightsOf } from './sample-weights.ts'
import { type Slot, targetColumn } from './target-column.ts'

/** One value per input or output: alone when there is one, else as a list in the model's order or a record by name. */
export type Several<T> = T | readonly T[] | Readonly<Record<string, T>>
export type Inputs = Several<ArrayLikeInput>
export type Targets = Several<ArrayLikeInput>

export interface Rows {
  readonly count: number
  /** By slot name. */
  readonly columns: Readonly<Record<string, FeedColumn>>
  /** The input that has no column, for a source has its rows. */
  readonly pictures?: PictureRows
}

export interface Ends {
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[]
  readonly outputs: readonly { readonly name: string; readonly shape: Shape }[]
}

/** Gives each of the model's inputs (or outputs) its value. Throws UserError when some are missing or too many. */
function assign<T>(value: Several<T>, ends: readonly { readonly name: string }[], what: string): Record<string, T> {
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
export function inputRows(ends: Ends, x: Inputs | PictureSource): Rows {
  if (isSource(x)) {
    const pictures = pictureRows(ends.inputs, x)
    return nonEmpty({ count: pictures.source.count, columns: {}, pictures })
  }
  const columns: Record<string, FeedColumn> = {}
  let count: number | undefined
  for (const [name, value] of Object.entries(assign<ArrayLikeInput>(x, ends.inputs, 'inputs'))) {
    const { shape } = ends.inputs.find(input => input.name === name)!
    const column = inputColumn(value, shape, ends.inputs.length === 1 ? 'the input' : `input "${name}"`)
    count = sameCount(count, column.count, `input "${name}"`)
    columns[name] = { data: column.data, rowSize: sizeOf(shape), form: 'copy', slotRowSize: sizeOf(shape) }
  }
  return nonEmpty({ count: count ?? 0, columns })
}

/** Inputs, targets and sample weights. `slots` are those of the training step: they say what form each target must have. */
export function trainingRows(
  ends: Ends,
  slots: readonly Slot[],
  x: Inputs | PictureSource,
  y: Targets,
  weighting: Weighting = {},
): Rows {
  const given = inputRows(ends, x)
  const { count } = given
  const columns: Record<string, FeedColumn> = { ...given.columns }
  const targets = assign<ArrayLikeInput>(y, ends.outputs, 'labels')
  checkWeighting(
    ends.outputs.map(output => output.name),
    weighting,
  )
  for (const { name, shape } of ends.outputs) {
    const what = ends.outputs.length === 1 ? 'the labels' : `the labels of "${name}"`
    const slot = slots.find(slot => slot.name === `target:${name}`)
    if (!slot) throw new InternalError('train', `the step has no target of ${name}`)
    const labels = labelColumn(ofOneSample(targets[name]!, y, count), what)
    sameCount(count, labels.count, what)
    const target = targetColumn(labels, slot, shape, what)
    if (target.slotRowSize !== sizeOf(slot.shape.slice(1))) {
      throw new InternalError(
        'train',
        `${target.slotRowSize} values for a row of ${slot.name} ${formatShape(slot.shape)}`,
      )
    }
    columns[slot.name] = target
    columns[`weight:${name}`] = {
      data: weightsOf(name, count, weighting.sampleWeight),
      rowSize: 1,
      form: 'copy',
      slotRowSize: 1,
    }
  }
  return weighting.classWeight === undefined
    ? { ...given, columns }
    : withClassWeight(ends, { ...given, columns }, weighting.classWeight)
}

/** `[row]` is the list of the only output's labels, or of the only sample's: the number of samples tells. */
function ofOneSample(labels: ArrayLikeInput, given: Targets, count: number): ArrayLikeInput {
  const isListed = Array.isArray(given) && given.length === 1 && given[0] === labels
  return isListed && count === 1 && isTypedArray(labels) && labels.length > 1 ? (given as ArrayLikeInput) : labels
}

/** The rows with each sample weighted by its class too. Apart, because held-out samples are not weighted by class. */
export function withClassWeight(ends: Ends, rows: Rows, classWeight: ClassWeight): Rows {
  checkWeighting(
    ends.outputs.map(output => output.name),
    { classWeight },
  )
  const { name, shape } = ends.outputs[0]!
  const weights = rows.columns[`weight:${name}`]!
  const data = classWeighted(weights.data, rows.columns[`target:${name}`]!, shape, classWeight)
  return { ...rows, columns: { ...rows.columns, [`weight:${name}`]: { ...weights, data } } }
}

/** Rows `begin` … `end` − 1, without copying. */
export function rowRange(rows: Rows, begin: number, end: number): Rows {
  const columns = Object.entries(rows.columns).map(([name, column]) => {
    const data = column.data.subarray(begin * column.rowSize, end * column.rowSize)
    return [name, { ...column, data }]
  })
  const { pictures } = rows
  return {
    count: end - begin,
    columns: Object.fromEntries(columns),
    ...(pictures && { pictures: { ...pictures, source: sourceRange(pictures.source, begin, end) } }),
  }
}

function sameCount(count: number | undefined, other: number, what: string): number {
  if (count === undefined || count === other) return other
  throw new UserError({
    what: 'Inputs and labels must have equally many samples',
    expected: `${count} samples`,
    received: `${other} in ${what}`,
  })
}

function nonEmpty(rows: Rows): Rows {
  if (rows.count > 0) return rows
  throw new UserError({ what: 'There are no samples', expected: 'at least one', received: '0' })
}
