/**
 * The forms in which users give pictures, arrays and labels, brought into one: a column of equal rows.
 * In: `{shape, data}`, a typed array, a list of typed arrays (one per sample) or plain nested numbers. Out: a `Column`, whose
 * bytes stay where they are whenever they can be fed as they are.
 */
import { UserError } from '../base/errors.ts'
import { formatShape, type NumericArray, sameShape, sizeOf } from '../base/shape.ts'
import { kindOf } from '../base/show.ts'

/** An array with its shape, samples along the first axis. */
export interface NdArray {
  readonly shape: readonly number[]
  readonly data: AnyTypedArray | readonly number[]
}

export type Nested = readonly (number | Nested)[]

/** Typed arrays that are read as numbers (a canvas gives Uint8ClampedArray). */
export type AnyTypedArray = NumericArray | Uint8ClampedArray | Int8Array | Int16Array | Uint16Array | Uint32Array

/** Anything that samples of one input (or labels of one output) can be given as; lists hold one array per sample. */
export type ArrayLikeInput = NdArray | AnyTypedArray | readonly AnyTypedArray[] | readonly NdArray[] | Nested

/** Equal rows one after the other. */
export interface Column {
  readonly data: NumericArray
  readonly rowShape: readonly number[]
  readonly count: number
}

export function isNdArray(value: unknown): value is NdArray {
  return typeof value === 'object' && value !== null && 'shape' in value && 'data' in value
}

function isTypedArray(value: unknown): value is AnyTypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) && !isBig(value)
}

const isBig = (value: ArrayBufferView): boolean => value instanceof BigInt64Array || value instanceof BigUint64Array

/** In one of the types that are fed as they are; bytes stay where they are. */
function numeric(data: AnyTypedArray | readonly number[]): NumericArray {
  if (data instanceof Uint8ClampedArray) return new Uint8Array(data.buffer, data.byteOffset, data.length)
  if (data instanceof Uint8Array || data instanceof Int32Array) return data
  return data instanceof Float32Array || data instanceof Float64Array ? data : Float32Array.from(data)
}

/**
 * The samples of a model's input. `rowShape` is what the model expects of one sample.
 * Throws UserError, naming `what`, with both shapes when they do not fit.
 */
export function inputColumn(value: ArrayLikeInput, rowShape: readonly number[], what: string): Column {
  const size = sizeOf(rowShape)
  const given = flatten(value, what)
  if (given.shape) {
    // The shape of a sample without a batch axis is one sample.
    if (sameShape(given.shape, rowShape)) return { data: given.data, rowShape, count: 1 }
    // [N, 28, 28] suits (28, 28, 1): an axis of 1 at the end is no other data.
    const row = given.shape.slice(1)
    const fits = sameShape(row, rowShape) || (rowShape.at(-1) === 1 && sameShape([...row, 1], rowShape))
    if (!fits) {
      throw new UserError({
        what: `${capital(what)} has the wrong shape`,
        expected: formatShape([-1, ...rowShape]),
        received: formatShape(given.shape),
      })
    }
    return { data: given.data, rowShape, count: given.shape[0]! }
  }
  if (given.data.length % size !== 0) {
    throw new UserError({
      what: `${capital(what)} cannot be cut into samples`,
      expected: `a multiple of ${size} values, for samples of shape ${formatShape(rowShape)}`,
      received: `${given.data.length} values`,
    })
  }
  return { data: given.data, rowShape, count: given.data.length / size }
}

/** Labels as they were given: class numbers (row shape []) or rows of values. */
export function labelColumn(value: ArrayLikeInput, what: string): Column {
  const given = flatten(value, what)
  const shape = given.shape ?? [given.data.length]
  const rowShape = shape.slice(1)
  return { data: given.data, rowShape, count: shape[0]! }
}

/** The data in one typed array, and the shape where the form says one. */
function flatten(value: ArrayLikeInput, what: string): { data: NumericArray; shape?: readonly number[] } {
  if (isNdArray(value)) {
    if (sizeOf(value.shape) !== value.data.length || value.shape.length === 0) {
      throw new UserError({
        what: `${capital(what)}: the values do not fill the shape`,
        expected: `${sizeOf(value.shape)} values for ${formatShape(value.shape)}`,
        received: `${value.data.length} values`,
      })
    }
    return { data: numeric(value.data), shape: value.shape }
  }
  if (isTypedArray(value)) return { data: numeric(value) }
  if (!Array.isArray(value)) {
    throw new UserError({
      what: `${capital(what)}: nothing that can be read as samples`,
      expected: 'a typed array, {shape, data}, a list of typed arrays or nested numbers',
      received: kindOf(value),
    })
  }
  if (value.length > 0 && value.every(isTypedArray)) return { data: joined(value.map(numeric), what) }
  if (value.length > 0 && value.every(isNdArray)) {
    const { shape } = value[0]!
    const odd = value.findIndex(sample => !sameShape(sample.shape, shape))
    if (odd >= 0) {
      throw new UserError({
        what: `The samples of ${what} have different shapes`,
        expected: `${formatShape(shape)}, as in sample 0`,
        received: `${formatShape(value[odd]!.shape)} in sample ${odd}`,
      })
    }
    return {
      data: joined(
        value.map(sample => flatten(sample, what).data),
        what,
      ),
      shape: [value.length, ...shape],
    }
  }
  return nested(value as Nested, what)
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

function nested(value: Nested, what: string): { data: NumericArray; shape: number[] } {
  const shape: number[] = []
  for (let level: unknown = value; Array.isArray(level); level = level[0]) shape.push(level.length)
  const data = new Float32Array(sizeOf(shape))
  let at = 0
  const visit = (part: Nested | number, depth: number): void => {
    const isNumber = typeof part === 'number'
    if (isNumber !== (depth === shape.length) || (!isNumber && part.length !== shape[depth])) {
      throw new UserError({
        what: `The nested lists of ${what} are not of one shape`,
        expected: `numbers in lists of shape ${formatShape(shape)}`,
        received: JSON.stringify(part)?.slice(0, 60) ?? String(part),
      })
    }
    if (isNumber) data[at++] = part
    else for (const item of part) visit(item, depth + 1)
  }
  visit(value, 0)
  return { data, shape }
}

export const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1)
