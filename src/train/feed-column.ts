/** One input of a step over all samples: where its values are and how a row of them becomes a row of the step's slot. */
import type { NumericArray } from '../base/shape.ts'

export interface FeedColumn {
  readonly data: NumericArray
  /** Values of one row of `data`. */
  readonly rowSize: number
  /** How a row of `data` becomes a row of the slot. */
  readonly form: 'copy' | 'oneHot' | 'classNumber'
  /** Values of one row of the slot. */
  readonly slotRowSize: number
}

/** The class number of a row, however its label is written. */
export function classOf({ data, rowSize }: FeedColumn, row: number): number {
  if (rowSize === 1) return data[row]!
  let best = 0
  for (let index = 1; index < rowSize; index++) {
    if (data[row * rowSize + index]! > data[row * rowSize + best]!) best = index
  }
  return best
}
