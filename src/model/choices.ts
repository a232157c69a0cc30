/**
 * Choosing losses and metrics by name, and reading their options: `meanSquaredError`, `MeanSquaredError`,
 * `mean_squared_error` and `mse` are one. Unknown names and options are answered with the nearest known one.
 */
import { nearest, type Problem, UserError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'

type Options = Readonly<Record<string, Json>>

/** `MeanSquaredError` → `meanSquaredError`, `AUC` → `auc`, `KLDivergence` → `klDivergence`. */
export function camelCase(className: string): string {
  return className.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/, head => head.toLowerCase())
}

/** Keys from snake case to camel case: `label_smoothing` → `labelSmoothing`. */
export function camelConfig(config: Options): Record<string, Json> {
  const camel = (key: string) => key.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [camel(key), value]))
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

/** Defaults overlaid with what was given; undefined counts as not given. Throws UserError for unknown names and wrong types. */
export function checkOptions(owner: string, defaults: Options, given: Readonly<Record<string, unknown>>): Options {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new UserError({
      what: `${owner} takes a record of options.`,
      expected: `{${Object.keys(defaults)[0] ?? ''}: …}`,
      received: JSON.stringify(given) ?? typeof given,
    })
  }
  const problems: Problem[] = []
  const known = Object.keys(defaults)
  const result: Record<string, Json> = { ...defaults }
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue
    if (!known.includes(key)) {
      const guess = nearest(key, known)
      problems.push({
        what: `${owner} has no option '${key}'.`,
        expected: known.length === 0 ? 'no options' : known.join(', '),
        received: key,
        ...(guess === undefined ? {} : { fix: `Did you mean '${guess}'?` }),
      })
      continue
    }
    const fallback = defaults[key]
    if (fallback !== null && value !== null && typeof value !== typeof fallback && !Array.isArray(value)) {
      problems.push({
        what: `${owner}: option '${key}' has the wrong type.`,
        expected: `a ${typeof fallback}, like ${JSON.stringify(fallback)}`,
        received: JSON.stringify(value),
      })
      continue
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      problems.push({ what: `${owner}: option '${key}' is not a finite number.`, received: String(value) })
      continue
    }
    result[key] = value as Json
  }
  if (problems.length > 0) throw new UserError(problems)
  return result
}
