/**
 * Numbers of outputs as the text of JSON that TensorFlow Serving writes: each a decimal, so that a reader makes a float of every one, as short
 * as it can be to give the same float32 back; NaN, Infinity and -Infinity as bare words, which Python and protobuf read and JSON does not know.
 * Source: tensorflow.org/tfx/serving/api_rest, JSON conformance.
 */
import { sizeOf } from 'fovea/internal/base/shape'
import { shortNumber } from './rows.ts'

export function decimalText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const text = Object.is(value, -0) ? '-0' : String(shortNumber(value))
  return /[.e]/.test(text) ? text : `${text}.0`
}

/** Nested lists of a row of an output. */
export function listsText(data: Float32Array, shape: readonly number[], from = 0): string {
  if (shape.length === 0) return decimalText(data[from]!)
  const [count = 0, ...rest] = shape
  const size = sizeOf(rest)
  return listText(Array.from({ length: count }, (_, index) => listsText(data, rest, from + index * size)))
}

export const listText = (items: readonly string[]): string => `[${items.join(',')}]`

export const recordText = (entries: readonly (readonly [name: string, text: string])[]): string =>
  `{${entries.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`
