/** What walking over samples takes: its options, checked, and the predictions that come of it. */
import { abortSignal, optional, parse, record, whole } from '../base/schema.ts'
import { type TestViews, testViews } from '../base/test-views.ts'
import type { Model } from '../network/model.ts'
import type { NdArray } from './arrays.ts'
import type { Logs } from './averages.ts'
import type { Predicted } from './entry.ts'

export interface WalkOptions {
  /** Rows of a step; 32 by default. An entry that is there already is used with its own. */
  readonly batchSize?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** The mean over these views of every picture. */
  readonly views?: TestViews | undefined
  /** Batches done and their number. */
  readonly onProgress?: ((batch: number, batches: number, logs: Logs) => void) | undefined
}

/** Rows of a step. */
export const batchSizeField = whole(1, 2 ** 31 - 1)
/** What users may say of a pass. */
export const passFields = { batchSize: optional(batchSizeField), signal: optional(abortSignal) }
/** What users may say of a pass that changes nothing. */
export const askingFields = { ...passFields, views: optional(testViews) }
const fields = record({ batchSize: passFields.batchSize })
const usualBatch = 32

/** Throws UserError where it cannot be. */
export function checkedBatchSize(what: string, { batchSize = usualBatch }: WalkOptions): number {
  parse(fields, { batchSize }, what)
  return batchSize
}

export interface Predictions {
  /** By output name: the rows' predictions one after the other. */
  readonly predictions: Readonly<Record<string, Float32Array>>
  /** False when the signal was aborted before the end. */
  readonly complete: boolean
}

/** Puts the predictions of `n` rows, from row `from` of what a step gave, to those of all `count` rows at row `begin`. */
export function keep(
  all: Record<string, Float32Array>,
  { predictions }: Predicted,
  place: {
    readonly rows: number
    readonly from: number
    readonly n: number
    readonly begin: number
    readonly count: number
  },
): void {
  const { rows, from, n, begin, count } = place
  for (const [output, values] of Object.entries(predictions)) {
    const size = values.length / rows
    all[output] ??= new Float32Array(count * size)
    all[output].set(values.subarray(from * size, (from + n) * size), begin * size)
  }
}

/** Float values with their shape, samples first. */
export interface Float32NdArray extends NdArray {
  readonly data: Float32Array
}

/** The predictions of `count` samples, output by output. */
export const outputArrays = (
  { outputs }: Model,
  count: number,
  { predictions }: Pick<Predictions, 'predictions'>,
): Float32NdArray[] => outputs.map(({ name, shape }) => ({ shape: [count, ...shape], data: predictions[name]! }))
