/** What a feed says of a step: how many of its rows are real. */
import { InternalError } from '../base/errors.ts'

export function checkedRows(n: number, batch: number): number {
  if (Number.isInteger(n) && n >= 1 && n <= batch) return n
  throw new InternalError('runtime', `a step has ${n} rows; the program was compiled for 1 to ${batch}`)
}
