/**
 * Rows whose inputs are read from a picture source. In: a source, the ends of a model. Out: `Rows`, checked: the source, its shape. Apart
 * from other rows, because whoever only asks a saved model needs nothing of this.
 */
import { UserError } from '../base/errors.ts'
import { formatShape, type NumericArray, sameShape, sizeOf } from '../base/shape.ts'
import { checkedSource } from '../data/checked-source.ts'
import { sourceRange } from '../data/parts-of-source.ts'
import type { PictureSource } from '../data/picture-source.ts'
import type { FeedColumn, PictureColumn } from './feed-column.ts'
import type { Ends, FeedRows } from './feed-rows.ts'
import { labelledRows } from './labelled-rows.ts'
import { nonEmpty } from './rows.ts'
import type { Weighting } from './sample-weights.ts'
import type { OutputTarget } from './target-column.ts'

/** The pictures alone, for prediction. Throws UserError for what is no source, and where the model does not take such pictures. */
export function pictureRows({ inputs }: Pick<Ends, 'inputs'>, given: PictureSource): FeedRows {
  const source = checkedSource(given)
  const [input] = inputs
  if (!input || inputs.length > 1) {
    throw new UserError({
      what: `The model has ${inputs.length} inputs, and a picture source is for one.`,
      expected: `arrays for ${inputs.map(({ name }) => name).join(', ')}`,
      received: 'one picture source',
    })
  }
  const slotRowSize = sizeOf(source.shape)
  // A model of dense layers may take the pixels as a list.
  if (!sameShape(input.shape, source.shape) && !sameShape(input.shape, [slotRowSize])) {
    throw new UserError({
      what: 'The pictures of the source have another shape than the model takes.',
      expected: formatShape(input.shape),
      received: formatShape(source.shape),
    })
  }
  const column: PictureColumn = { form: 'pictures', source, slotRowSize, read: readPictures }
  return nonEmpty({ count: source.count, inputs: { [input.name]: column }, targets: {}, weights: {} })
}

/** The pictures with the source's labels. `forms`: what form the labels of each output must have. */
export function labelledPictures(
  ends: Ends,
  forms: readonly OutputTarget[],
  source: PictureSource,
  weighting: Weighting = {},
): FeedRows {
  return labelledRows(ends, forms, pictureRows(ends, source), source.labels, weighting)
}

/** Rows `begin` … `end` − 1 of any rows, without copying. */
export function rowRange({ inputs, targets, weights }: FeedRows, begin: number, end: number): FeedRows {
  const part = <C extends FeedColumn | PictureColumn>(column: C): C =>
    column.form === 'pictures'
      ? { ...column, source: sourceRange(column.source, begin, end) }
      : { ...column, data: column.data.subarray(begin * column.rowSize, end * column.rowSize) }
  const range = <C extends FeedColumn | PictureColumn>(columns: Readonly<Record<string, C>>) =>
    Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, part(column)]))
  return { count: end - begin, inputs: range(inputs), targets: range(targets), weights: range(weights) }
}

/** In memory they are there at once; else the slot is full when the promise resolves. */
function readPictures(
  { source, slotRowSize }: PictureColumn,
  order: Int32Array | undefined,
  begin: number,
  n: number,
  slot: NumericArray,
): Promise<void> | undefined {
  const indices = order ? order.subarray(begin, begin + n) : sequence(begin, n)
  if (slot instanceof Uint8Array) return source.read(indices, slot.subarray(0, n * slotRowSize)) ?? undefined
  const bytes = new Uint8Array(n * slotRowSize)
  const reading = source.read(indices, bytes)
  if (reading) return reading.then(() => slot.set(bytes))
  slot.set(bytes)
  return undefined
}

/** `begin`, `begin` + 1 … */
function sequence(begin: number, count: number): Int32Array {
  const numbers = new Int32Array(count)
  for (let index = 0; index < count; index++) numbers[index] = begin + index
  return numbers
}
