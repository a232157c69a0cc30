/**
 * Batches of an epoch: which rows in which order, and how they get into the inputs of a step.
 * The order is a pure function of the seed and of the step the epoch begins at, so a resumed run goes on with the same one.
 */
import { InternalError } from '../base/errors.ts'
import { fold, keyOf, uniform } from '../base/random.ts'
import { epochOrder } from '../preprocess/epoch-order.ts'
import type { RowSlots, TrainSlots } from './entry.ts'
import type { ColumnForm } from './feed-column.ts'
import type { FeedRows } from './feed-rows.ts'

/** Keeps the order's random numbers apart from those of the steps, which are folded with numbers ≥ 0. */
const orderStream = -1

/** Keeps what is drawn for samples apart from both. */
const sampleStream = -2

/** The rows of the epoch that begins at this step, in feeding order. */
export function shuffledOrder(seed: number, firstStep: number, count: number): Int32Array {
  return epochOrder(fold(keyOf(seed), orderStream), firstStep, count)
}

/** The random key of one training step, for dropout and augmentation. */
export function stepKey(seed: number, step: number): readonly [number, number] {
  return fold(keyOf(seed), step)
}

/** Batches of an epoch. `dropRemainder`: without the last, smaller one, unless it is the only one. */
export function batchesOf(count: number, batchSize: number, dropRemainder = false): number {
  return dropRemainder ? Math.max(1, Math.floor(count / batchSize)) : Math.ceil(count / batchSize)
}

/** Rows of one step: so many from `begin` on, in this order. */
export interface Batch {
  readonly rows: FeedRows
  readonly order?: Int32Array | undefined
  readonly begin: number
  readonly count: number
}

/**
 * Writes rows `begin` … of the order into the slots of a step; gives how many (the last batch is smaller), as a promise where
 * pictures must be read first.
 */
export function fillBatch(
  rows: FeedRows,
  order: Int32Array | undefined,
  begin: number,
  batchSize: number,
  slots: Partial<RowSlots>,
): number | Promise<number> {
  const n = Math.min(batchSize, rows.count - begin)
  let capacity: number | undefined
  // A model whose pictures are read has no other input.
  let reading: Promise<void> | undefined
  for (const kind of ['inputs', 'targets', 'weights'] as const) {
    for (const [name, slot] of Object.entries(slots[kind] ?? {})) {
      const column = rows[kind][name]
      if (!column) throw new InternalError('engine', `there are no ${kind} of ${name}`)
      // All slots of a step have room for as many rows; else a row fills a part of its place, and the rest is what was there before.
      const rowsOfSlot = slot.length / column.slotRowSize
      capacity ??= rowsOfSlot
      if (rowsOfSlot !== capacity || rowsOfSlot < n) {
        const held = `rows of ${column.slotRowSize} values`
        throw new InternalError('engine', `${held} do not fill the ${kind} of ${name}, ${slot.length} values`)
      }
      if (column.form === 'pictures') reading = column.read(column, order, begin, n, slot)
      else (column.form === 'copy' ? copyRows : column.form)(column, order, begin, n, slot)
    }
  }
  return reading ? reading.then(() => n) : n
}

/** Of a training step: what random layers may know of its samples. */
export interface TrainingBatch {
  readonly seed: number
  /** From 0 on. */
  readonly epoch: number
  readonly order: Int32Array | undefined
  readonly begin: number
  readonly batchSize: number
}

/** As `fillBatch`, and with what is drawn for each sample: a function of the seed and of its number among the rows. */
export function fillTrainingBatch(
  rows: FeedRows,
  { seed, epoch, order, begin, batchSize }: TrainingBatch,
  slots: Pick<TrainSlots, 'inputs' | 'targets' | 'weights' | 'draw' | 'epoch'>,
): number | Promise<number> {
  slots.epoch?.fill(epoch)
  if (slots.draw) {
    const key = fold(keyOf(seed), sampleStream)
    const n = Math.min(batchSize, rows.count - begin)
    for (let row = 0; row < n; row++) slots.draw[row] = uniform(key, order ? order[begin + row]! : begin + row)
  }
  return fillBatch(rows, order, begin, batchSize, slots)
}

const copyRows: ColumnForm = ({ data, rowSize }, order, begin, n, slot) => {
  if (!order) {
    slot.set(data.subarray(begin * rowSize, (begin + n) * rowSize))
    return
  }
  for (let row = 0; row < n; row++) {
    const from = order[begin + row]! * rowSize
    if (rowSize === 1) slot[row] = data[from]!
    else slot.set(data.subarray(from, from + rowSize), row * rowSize)
  }
}
