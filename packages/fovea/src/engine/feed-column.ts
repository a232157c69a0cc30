/** One input of a step over all samples: where its values are and how a row of them becomes a row of the step's slot. */
import type { NumericArray } from '../base/shape.ts'
import type { PictureSource } from '../data/picture-source.ts'

export interface FeedColumn {
  readonly data: NumericArray
  /** Values of one row of `data`. */
  readonly rowSize: number
  /**
   * How a row of `data` becomes a row of the slot. `oneHot`: each class number becomes slotRowSize / rowSize values; `classNumber`: each
   * rowSize / slotRowSize values become the number of the largest. A row has one class, or one at each position.
   */
  readonly form: 'copy' | 'oneHot' | 'classNumber'
  /** Values of one row of the slot. */
  readonly slotRowSize: number
}

/** An input whose rows are pictures that are read when they are needed. */
export interface PictureColumn {
  readonly form: 'pictures'
  /** One that came through the door (data/checked-source): its reads fill all they are given or throw. */
  readonly source: PictureSource
  /** Bytes of a picture. */
  readonly slotRowSize: number
}

/** The place of the largest of `classes` values from `begin` on, counted from there: the class of a one-hot row. */
export function classOf(data: NumericArray, begin: number, classes: number): number {
  let best = 0
  for (let index = 1; index < classes; index++) {
    if (data[begin + index]! > data[begin + best]!) best = index
  }
  return best
}
