/** Lists of numbers as functions on labels and predictions take them: anything with a length, or `{shape, data}` as `predict` gives it. */
import { UserError } from './errors.ts'
import { kindOf } from './show.ts'

export type NumberList = ArrayLike<number> | { readonly shape: readonly number[]; readonly data: ArrayLike<number> }

/** Throws UserError, naming `what`, for what holds no list of numbers. */
export function numberList(value: NumberList, what: string): ArrayLike<number> {
  const list: unknown =
    typeof value === 'object' && value !== null && 'data' in value && !('stride' in value) ? value.data : value
  if (isNumberArray(list)) return list
  const odd = Array.isArray(list) ? list.findIndex(item => typeof item !== 'number') : undefined
  if (odd === -1) return list as readonly number[]
  throw new UserError({
    what: `${what}: no list of numbers.`,
    expected: 'a typed array, a list of numbers or {shape, data}',
    received: odd === undefined ? kindOf(list) : `${typeof (list as readonly unknown[])[odd]} at place ${odd}`,
  })
}

const isNumberArray = (value: unknown): value is Float32Array =>
  ArrayBuffer.isView(value) &&
  !(value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array)

/** Rows of so many values each. Throws UserError when the list cannot be cut into them, or into another number than wanted. */
export function numberRows(value: NumberList, size: number, what: string, count?: number): ArrayLike<number> {
  const list = numberList(value, what)
  const rows = list.length / size
  if (Number.isInteger(rows) && (count === undefined || rows === count)) return list
  throw new UserError({
    what: `${what} cannot be cut into rows.`,
    expected: `${count === undefined ? '' : `${count} rows of `}${size} values${count === undefined ? ' for each sample' : ''}`,
    received: `${list.length} values`,
  })
}
