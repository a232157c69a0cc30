/**
 * The forms in which users give pictures, arrays and labels, brought into one: a column of equal rows.
 * In: `{shape, data}`, a typed array, a list of typed arrays (one per sample), plain nested numbers, or what another library
 * holds them in (foreign-arrays.ts). Out: a `Column`, whose bytes stay where they are whenever they can be fed as they are.
 */

import { UserError } from '../base/errors.ts'
import type { PictureLike } from '../base/picture.ts'
import { formatShape, type NumericArray, sameShape, sizeOf } from '../base/shape.ts'
import { kindOf } from '../base/show.ts'
import { inOrder } from '../base/strided.ts'
import { capitalised } from '../base/text.ts'
import type { NamedWeight } from '../store/model-file.ts'
import { type Arrangement, arrangementOf, isForeign } from './foreign-arrays.ts'
import { nestedNumbers, numberOf } from './nested-numbers.ts'

/** An array with its shape, samples along the first axis. */
export interface NdArray {
  readonly shape: readonly number[]
  readonly data: AnyTypedArray | readonly number[]
}

export type Nested = readonly (number | Nested)[]

/** Typed arrays that are read as numbers (a canvas gives Uint8ClampedArray). */
export type AnyTypedArray =
  | NumericArray
  | Uint8ClampedArray
  | Int8Array
  | Int16Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

/** Anything that samples of one input (or labels of one output) can be given as; lists hold one array per sample. */
export type ArrayLikeInput =
  | NdArray
  | PictureLike
  | AnyTypedArray
  | readonly AnyTypedArray[]
  | readonly NdArray[]
  | readonly PictureLike[]
  | Nested

/** Equal rows one after the other. */
export interface Column {
  readonly data: NumericArray
  /** Missing for rows that were given as lists of values, whose shape the model knows. */
  readonly rowShape?: readonly number[] | undefined
  readonly rowSize: number
  readonly count: number
}

/** Values as they were given; without a shape they are one row of numbers, or `count` equal ones. */
interface Values {
  readonly data: NumericArray
  readonly shape?: readonly number[] | undefined
  readonly count?: number | undefined
}

export function isTypedArray(value: unknown): value is AnyTypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}

/** Whether a value is one array, not a list or a record of several. */
export function isOneArray(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(item => typeof item !== 'object')
  return isTypedArray(value) || isForeign(value)
}

/** In one of the types that are fed as they are; bytes stay where they are. */
function numeric(data: AnyTypedArray): NumericArray {
  if (data instanceof Uint8ClampedArray) return new Uint8Array(data.buffer, data.byteOffset, data.length)
  if (data instanceof Uint8Array || data instanceof Int32Array) return data
  if (data instanceof Float32Array || data instanceof Float64Array) return data
  // Whole numbers that a float32 does not hold exactly.
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number)
  return data instanceof Uint32Array ? Float64Array.from(data) : Float32Array.from(data)
}

/**
 * The samples of a model's input. `rowShape` is what the model expects of one sample.
 * Throws UserError, naming `what`, with both shapes when they do not fit.
 */
export function inputColumn(value: ArrayLikeInput, rowShape: readonly number[], what: string): Column {
  const rowSize = sizeOf(rowShape)
  const given = valuesOf(value, what, rowShape)
  const { data, shape } = given
  if (shape) {
    // The shape of a sample without a batch axis is one sample.
    if (sameShape(shape, rowShape)) return { data, rowShape, rowSize, count: 1 }
    // [N, 28, 28] suits (28, 28, 1): an axis of 1 at the end is no other data.
    const row = shape.slice(1)
    const fits = sameShape(row, rowShape) || (rowShape.at(-1) === 1 && sameShape([...row, 1], rowShape))
    if (!fits) {
      throw new UserError({
        what: `${capitalised(what)} has the wrong shape`,
        expected: formatShape([-1, ...rowShape]),
        received: formatShape(shape),
        ...(isPicture(value) && {
          fix: "bring pictures to the model's size first: pictureToInput(picture, spec).pixels",
        }),
      })
    }
    return { data, rowShape, rowSize, count: shape[0]! }
  }
  if (data.length % rowSize !== 0) {
    throw new UserError({
      what: `${capitalised(what)} cannot be cut into samples`,
      expected: `a multiple of ${rowSize} values, for samples of shape ${formatShape(rowShape)}`,
      received: `${data.length} values`,
      ...(isPictureFile(data) && {
        fix: 'these are the bytes of a picture file: ask with classify(bytes), or decode it first, decodePicture(bytes)',
      }),
    })
  }
  return { data, rowShape, rowSize, count: data.length / rowSize }
}

/** Labels as they were given: class numbers (row shape []) or rows of values. */
export function labelColumn(value: ArrayLikeInput, what: string): Column {
  const { data, shape, count } = valuesOf(value, what)
  if (shape) return { data, rowShape: shape.slice(1), rowSize: sizeOf(shape.slice(1)), count: shape[0]! }
  if (count !== undefined) return { data, rowSize: data.length / count, count }
  return { data, rowShape: [], rowSize: 1, count: data.length }
}

/** The data in one typed array, and the shape where the form says one. `rowShape`: of one sample, where the model knows it. */
function valuesOf(value: unknown, what: string, rowShape?: readonly number[]): Values {
  if (isTypedArray(value)) return { data: numeric(value) }
  if (Array.isArray(value)) return listed(value, what, rowShape)
  const found = isForeign(value) ? arrangementOf(value, capitalised(what), rowShape) : undefined
  if (found) return arranged(found, what)
  throw new UserError({
    what: `${capitalised(what)} cannot be read as samples`,
    expected: 'a typed array, {shape, data}, a list of typed arrays or nested numbers',
    received: typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : kindOf(value),
    ...(typeof value === 'string' && {
      fix: 'ask with classify(path), or read the file first: pictureToInput(await readPicture(path), spec).pixels',
    }),
  })
}

/** Values by their shape, offset and strides, one row after the other. */
function arranged({ shape, data, strides, offset }: Arrangement, what: string): Values {
  const flat = isTypedArray(data) ? numeric(data) : undefined
  if (!shape) {
    const nested = flat ? { data: flat, shape: [flat.length] } : nestedNumbers(data, what)
    // A plain column is cut into samples, as a typed array is.
    return nested.shape.length === 1 ? { data: nested.data } : nested
  }
  if (shape.length === 0 || !shape.every(extent => Number.isSafeInteger(extent) && extent >= 0)) {
    throw new UserError({
      what: `${capitalised(what)}: the shape cannot be used`,
      expected: 'whole numbers, samples along the first axis',
      received: formatShape(shape),
    })
  }
  const values = flat ?? plainNumbers(data, what)
  if (strides) return { data: inOrder(values, shape, strides, offset ?? 0, capitalised(what)), shape }
  if (sizeOf(shape) !== values.length) {
    throw new UserError({
      what: `${capitalised(what)}: the values do not fill the shape`,
      expected: `${sizeOf(shape)} values for ${formatShape(shape)}`,
      received: `${values.length} values`,
    })
  }
  return { data: values, shape }
}

/** A list of numbers, nested lists, or a store with `get` (scijs's generic arrays). */
function plainNumbers(data: unknown, what: string): NumericArray {
  if (Array.isArray(data) && !data.some(item => typeof item === 'object' && item !== null)) {
    return Float32Array.from({ length: data.length }, (_, index) => numberOf(data[index], what, [index]))
  }
  if (Array.isArray(data)) return nestedNumbers(data, what).data
  const store = Object(data) as { readonly length?: unknown; get?(index: number): unknown }
  if (typeof store.length === 'number' && typeof store.get === 'function') {
    return Float32Array.from({ length: store.length }, (_, index) => numberOf(store.get!(index), what, [index]))
  }
  throw new UserError({
    what: `${capitalised(what)}: data holds no numbers`,
    expected: 'a typed array or a list of numbers',
    received: kindOf(data),
  })
}

/** One array per sample, or nested numbers. */
function listed(value: readonly unknown[], what: string, rowShape?: readonly number[]): Values {
  // Array.from: a hole counts as an element here.
  const items = Array.from(value)
  if (items.length > 0 && items.every(isTypedArray)) {
    return { data: joined(items.map(numeric), what), count: items.length }
  }
  if (items.length > 0 && items.every(isForeign)) {
    const samples = items.map((item, index) => {
      const sample = valuesOf(item, `sample ${index} of ${what}`, rowShape)
      return { data: sample.data, shape: sample.shape ?? [sample.data.length] }
    })
    const { shape } = samples[0]!
    const odd = samples.findIndex(sample => !sameShape(sample.shape, shape))
    if (odd >= 0) {
      throw new UserError({
        what: `The samples of ${what} have different shapes`,
        expected: `${formatShape(shape)}, as in sample 0`,
        received: `${formatShape(samples[odd]!.shape)} in sample ${odd}`,
      })
    }
    const rows = samples.map(({ data }) => data)
    return { data: joined(rows, what), shape: [items.length, ...shape] }
  }
  return nestedNumbers(items, what)
}

function joined(rows: readonly NumericArray[], what: string): NumericArray {
  const { length } = rows[0]!
  const odd = rows.findIndex(row => row.length !== length)
  if (odd >= 0) {
    throw new UserError({
      what: `The samples of ${what} have different sizes`,
      expected: `${length} values, as in sample 0`,
      received: `${rows[odd]!.length} values in sample ${odd}`,
    })
  }
  const bytes = rows.every(row => row instanceof Uint8Array)
  const data = bytes ? new Uint8Array(rows.length * length) : new Float32Array(rows.length * length)
  rows.forEach((row, index) => {
    data.set(row, index * length)
  })
  return data
}

/** Weights that are views with strides or tensors, in row order; what is none is left for the check of weights to say. */
export function weightsInOrder(weights: readonly NamedWeight[]): readonly NamedWeight[] {
  if (!Array.isArray(weights)) return weights
  return weights.map((weight: NamedWeight) => {
    if (!isForeign(weight) || isPlainWeight(weight)) return weight
    const { data, shape } = valuesOf(weight, `weight "${weight.name}"`)
    return shape ? { name: weight.name, shape, data: Float32Array.from(data) } : weight
  })
}

const isPlainWeight = (weight: NamedWeight): boolean =>
  weight.data instanceof Float32Array && !('stride' in weight || 'strides' in weight)

const isPicture = (value: unknown): boolean => ['width', 'height', 'data'].every(name => name in Object(value))

/** JPEG, PNG, GIF and WebP begin with these bytes. */
const pictureMarks = [
  [0xff, 0xd8, 0xff],
  [0x89, 0x50, 0x4e, 0x47],
  [0x47, 0x49, 0x46, 0x38],
  [0x52, 0x49, 0x46, 0x46],
]

const isPictureFile = (data: NumericArray): boolean =>
  data instanceof Uint8Array && pictureMarks.some(mark => mark.every((byte, index) => data[index] === byte))
