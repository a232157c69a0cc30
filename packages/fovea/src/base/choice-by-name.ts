/**
 * Choosing losses, metrics, optimizers by name: `meanSquaredError`, `MeanSquaredError`, `mean_squared_error` and `mse` are one.
 * Unknown names are answered with the nearest known one.
 */
import { nearest, UserError } from './errors.ts'
import type { Json } from './json.ts'
import { show } from './show.ts'

type Options = Readonly<Record<string, Json>>

/** `MeanSquaredError` → `meanSquaredError`, `AUC` → `auc`, `KLDivergence` → `klDivergence`. */
export function camelCase(className: string): string {
  return className.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/, head => head.toLowerCase())
}

/**
 * Keys from snake case to camel case: `label_smoothing` → `labelSmoothing`. Throws UserError where one option is there in both
 * spellings: one of them would win without a word.
 */
export function camelConfig(owner: string, config: Options): Record<string, Json> {
  const camel = (key: string) => key.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const keys = Object.keys(config)
  const doubles = keys.filter(
    key => camel(key) !== key && keys.some(other => other !== key && camel(other) === camel(key)),
  )
  if (doubles.length > 0) {
    throw new UserError(
      doubles.map(key => ({
        what: `${owner} is given ${camel(key)} in more than one spelling.`,
        expected: camel(key),
        received: keys
          .filter(other => camel(other) === camel(key))
          .map(other => `${other} ${show(config[other])}`)
          .join(', '),
        fix: `Leave ${key} out.`,
      })),
    )
  }
  return Object.fromEntries(keys.map(key => [camel(key), config[key]!]))
}

const plain = (name: string) => name.replace(/[_\s-]/g, '').toLowerCase()

/** The class of this name in any of its spellings, if there is one. */
export function namedType(
  name: string,
  classNames: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
): string | undefined {
  const wanted = plain(name)
  return (
    classNames.find(className => plain(className) === wanted) ??
    (Object.hasOwn(aliases, wanted) ? aliases[wanted] : undefined)
  )
}

/**
 * The class of this name in any of its spellings. `aliases` are keyed in lower case; `spelling` is how the error writes a
 * class. Throws UserError.
 */
export function lookUp(
  kind: string,
  name: string,
  classNames: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
  spelling: (className: string) => string = camelCase,
): string {
  if (typeof name !== 'string') {
    throw new UserError({
      what: `A ${kind} is called by its name.`,
      expected: classNames.map(spelling).join(', '),
      received: show(name),
    })
  }
  const found = namedType(name, classNames, aliases)
  if (found !== undefined) return found
  const names = classNames.map(spelling)
  const guess = nearest(name, names)
  throw new UserError({
    what: `There is no ${kind} called '${name}'.`,
    expected: `one of ${names.join(', ')}`,
    received: name,
    ...(guess === undefined ? {} : { fix: `Did you mean '${guess}'?` }),
  })
}
