/** Which samples are held out: rules for data sets (first, drawn, the test set) and for arrays (the last part, as in Keras). */

import { UserError } from '../base/errors.ts'
import { oneOf, record, type Schema, union } from '../base/schema.ts'
import { checkedPart, type Dataset, type Split } from '../data/dataset.ts'
import type { PictureSource } from '../data/picture-source.ts'
import { splitIndices, splitValidation, type ValidationOptions, validationFields } from '../data/split.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import { rowRange } from '../engine/picture-rows.ts'

/** Where a data set's validation samples come from. */
export type DatasetValidation = ValidationOptions | 'test' | 'none'

export const datasetValidation: Schema<unknown> = union(oneOf(['test', 'none']), record(validationFields))

/** A part of a data set, and which of the training samples it holds where it was split off them. */
export interface DatasetPart {
  readonly split: Split | PictureSource
  readonly indices?: Int32Array | undefined
}

/** `none` is the default. Throws UserError where a part that is asked for is missing or holds no labelled pictures. */
export function datasetParts(
  dataset: Pick<Dataset, 'shape' | 'classNames' | 'train' | 'test'>,
  rule: DatasetValidation = 'none',
): { readonly train: DatasetPart; readonly validation?: DatasetPart | undefined } {
  const split = checkedPart(dataset, 'train')
  if (rule === 'none') return { train: { split } }
  if (rule === 'test') return { train: { split }, validation: { split: checkedPart(dataset, 'test') } }
  const parts = splitValidation(split, rule)
  const indices = splitIndices(split, rule)
  return {
    train: { split: parts.train, indices: indices.train },
    validation: { split: parts.validation, indices: indices.validation },
  }
}

/** Keras's `validation_split`: the last part of the samples, before any shuffling. */
export function splitLast(
  rows: FeedRows,
  fraction: number,
): { readonly train: FeedRows; readonly validation: FeedRows } {
  const kept = Math.floor(rows.count * (1 - fraction))
  if (!(fraction > 0 && fraction < 1) || kept === 0 || kept === rows.count) {
    throw new UserError({
      what: 'validationSplit leaves one part without samples',
      expected: `a fraction between 0 and 1 that divides ${rows.count} samples`,
      received: String(fraction),
    })
  }
  return { train: rowRange(rows, 0, kept), validation: rowRange(rows, kept, rows.count) }
}
