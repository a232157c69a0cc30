/** The names by which options of `compile` speak of a model's outputs. */
import { nearest, UserError } from '../base/errors.ts'

/** Throws UserError for one that is no output, with the nearest. */
export function checkNames(what: string, given: readonly string[], names: readonly string[]): void {
  for (const name of given) {
    if (names.includes(name)) continue
    const guess = nearest(name, names)
    throw new UserError({
      what: `'${what}' has an entry '${name}', which is not an output of the model.`,
      expected: names.join(', '),
      received: name,
      ...(guess === undefined ? {} : { fix: `Did you mean '${guess}'?` }),
    })
  }
}
