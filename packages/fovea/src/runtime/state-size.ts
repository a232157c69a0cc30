/** One check of what every device is given for a state. */
import { UserError } from '../base/errors.ts'

/** Throws UserError unless there is a value for each number of the state. */
export function checkStateSize(name: string, size: number, values: ArrayLike<number>): void {
  if (values.length === size) return
  throw new UserError({
    what: `The state '${name}' cannot take this many values.`,
    expected: `${size} values`,
    received: `${values.length} values`,
  })
}
