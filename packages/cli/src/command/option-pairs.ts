/**
 * Options that mean something only together, and options that contradict each other. In: the values of a call and pairs of
 * names. Out: a UsageError that names every pair, so that no option is silently ignored.
 */
import type { Problem } from 'fovea/internal/base/errors'
import { UsageError } from './usage-error.ts'

interface Pairs<Name extends string> {
  /** The first means nothing without the second. */
  readonly needs?: readonly (readonly [Name, Name])[]
  readonly excludes?: readonly (readonly [Name, Name])[]
}

export function checkPairs<Values extends object>(
  values: Values,
  { needs = [], excludes = [] }: Pairs<keyof Values & string>,
): void {
  const given = (name: keyof Values): boolean => values[name] !== undefined
  const problems: Problem[] = [
    ...needs
      .filter(([option, other]) => given(option) && !given(other))
      .map(([option, other]) => ({ what: `--${option} needs --${other}.`, fix: `Give --${other} too.` })),
    ...excludes
      .filter(([one, other]) => given(one) && given(other))
      .map(([one, other]) => ({ what: `--${one} and --${other} exclude each other.`, fix: 'Leave one of them out.' })),
  ]
  if (problems.length > 0) throw new UsageError(problems)
}
