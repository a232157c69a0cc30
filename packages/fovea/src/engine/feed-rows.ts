/**
 * Samples as a step is fed with them: a column of rows for every input, and for the labels and weights of every output. The plainest ones
 * (one input, whole samples in a typed array) are made here; all other forms are read in rows.ts.
 */
import { type NumericArray, type Shape, sameShape, sizeOf } from '../base/shape.ts'
import type { InputTypes } from './entry.ts'
import type { FeedColumn, PictureColumn } from './feed-column.ts'

export type Columns = Readonly<Record<string, FeedColumn>>

export interface FeedRows {
  readonly count: number
  /** By input name. */
  readonly inputs: Readonly<Record<string, FeedColumn | PictureColumn>>
  /** By output name; none where there are no labels. */
  readonly targets: Columns
  /** How much each sample counts, by output name. */
  readonly weights: Columns
}

export interface Ends {
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[]
  readonly outputs: readonly { readonly name: string; readonly shape: Shape }[]
}

/** The rows of whole samples of a model's only input, in a typed array or `{shape, data}`; undefined for every other form. */
export function plainRows({ inputs }: Ends, x: unknown): FeedRows | undefined {
  const [input, ...others] = inputs
  const given = isPlain(x) ? { data: x } : shapedRows(x, input?.shape)
  if (!input || others.length > 0 || !given) return undefined
  const rowSize = sizeOf(input.shape)
  const count = given.data.length / rowSize
  if (count < 1 || !Number.isInteger(count)) return undefined
  const column = { ...given, rowSize, form: 'copy', slotRowSize: rowSize } as const
  return { count, inputs: { [input.name]: column }, targets: {}, weights: {} }
}

/** A record of just these two, whose shape is that of samples. */
function shapedRows(x: unknown, rowShape: Shape = []): { readonly data: NumericArray } | undefined {
  const isRecord = Object.hasOwn(Object(x), 'shape') && Object.hasOwn(Object(x), 'data')
  if (!isRecord || Object.keys(x as object).length > 2) return undefined
  const { shape, data } = x as { readonly shape: unknown; readonly data: unknown }
  if (!Array.isArray(shape) || !isPlain(data)) return undefined
  return sameShape(shape.slice(1), rowShape) && sizeOf(shape) === data.length ? { data } : undefined
}

/** In a type that is fed as it is. */
const isPlain = (x: unknown): x is NumericArray =>
  x instanceof Uint8Array || x instanceof Float32Array || x instanceof Float64Array || x instanceof Int32Array

/** As bytes where the samples are bytes. */
export const inputTypesOf = ({ inputs }: Ends, rows: FeedRows): InputTypes =>
  inputs.map(({ name }) => {
    const column = rows.inputs[name]
    return column?.form === 'pictures' || column?.data instanceof Uint8Array ? 'u8' : 'f32'
  })
