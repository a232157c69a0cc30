/** One input of a step over all samples: where its values are and how a row of them becomes a row of the step's slot. */
import type { NumericArray } from '../base/shape.ts'
import type { PictureSource } from '../data/picture-source.ts'

export interface FeedColumn {
  readonly data: NumericArray
  /** Values of one row of `data`. */
  readonly rowSize: number
  /** How a row of `data` becomes a row of the slot. */
  readonly form: 'copy' | ColumnForm
  /** Values of one row of the slot. */
  readonly slotRowSize: number
}

/** Writes rows `begin` … of the order into the slot of a step. */
export type ColumnForm = (
  column: FeedColumn,
  order: Int32Array | undefined,
  begin: number,
  n: number,
  slot: NumericArray,
) => void

/** An input whose rows are pictures that are read when they are needed. */
export interface PictureColumn {
  readonly form: 'pictures'
  /** One that came through the door (data/checked-source): its reads fill all they are given or throw. */
  readonly source: PictureSource
  /** Bytes of a picture. */
  readonly slotRowSize: number
  /** As a `ColumnForm`, but the slot may be full later: then when the promise resolves. */
  readonly read: (
    column: PictureColumn,
    order: Int32Array | undefined,
    begin: number,
    n: number,
    slot: NumericArray,
  ) => Promise<void> | undefined
}
