/**
 * Plain JavaScript lists as numbers. In: lists in lists (the innermost may be typed arrays) of numbers, booleans and big integers.
 * Out: the values in one array and the shape. Everything else (text, holes, null) is a UserError that says where it stands.
 */
import { UserError } from '../base/errors.ts'
import { formatShape, sizeOf } from '../base/shape.ts'

type List = readonly unknown[]

const isList = (value: unknown): value is List =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))

/** Throws UserError, naming `what`, for lists of different lengths and for what is not a number. */
export function nestedNumbers(value: unknown, what: string): { data: Float32Array; shape: number[] } {
  const shape: number[] = []
  for (let level: unknown = value; isList(level); level = level[0]) shape.push(level.length)
  const data = new Float32Array(sizeOf(shape))
  const path: number[] = []
  let at = 0
  const visit = (part: unknown, depth: number): void => {
    if (depth === shape.length && !isList(part)) {
      data[at++] = numberOf(part, what, path)
      return
    }
    if (!isList(part) || part.length !== shape[depth]) throw ragged(part, shape, what, path)
    for (let index = 0; index < part.length; index++) {
      path[depth] = index
      visit(part[index], depth + 1)
    }
    path.length = depth
  }
  visit(value, 0)
  return { data, shape }
}

function ragged(part: unknown, shape: readonly number[], what: string, path: readonly number[]): UserError {
  return new UserError({
    what: `The nested lists of ${what} are not of one shape`,
    expected: `numbers in lists of shape ${formatShape(shape)}`,
    received: isList(part) ? `a list of ${part.length}${place(path)}` : `${show(part)}${place(path)}`,
  })
}

/** True counts 1, a big integer what it says. `path` is the place of the value. */
export function numberOf(value: unknown, what: string, path: readonly number[]): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value)
  throw new UserError({
    what: `The lists of ${what} hold something that is not a number`,
    expected: 'numbers',
    received: `${show(value)}${place(path)}`,
    ...(typeof value === 'string' && { fix: fixForText(value) }),
  })
}

const fixForText = (text: string): string =>
  text.trim() !== '' && Number.isFinite(Number(text))
    ? 'make numbers of the texts: values.map(Number)'
    : 'for names of classes give their numbers: names.map(name => classNames.indexOf(name))'

const place = (path: readonly number[]): string => (path.length === 0 ? '' : ` at [${path.join('][')}]`)
const show = (value: unknown): string =>
  (typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value)?.slice(0, 60)) ?? typeof value
