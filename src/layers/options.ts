/**
 * Checking of a layer's options. In: what the user wrote. Out: a complete, JSON-ready configuration with every default filled
 * in, or one UserError that lists every problem (unknown names with the nearest known one, wrong types, wrong ranges).
 * A field is a rule for one option; words may be written in Keras's snake_case too ('glorot_uniform', 'channels_last').
 */
import { nearest, type Problem, UserError } from '../base/errors.ts'
import type { Shape } from '../base/shape.ts'

/** Options every layer takes. */
export interface LayerOptions {
  /** Unique within the model; given by the model (`conv2d`, `conv2d_1` …) when absent. */
  readonly name?: string | undefined
  /** False freezes the layer: its weights are not trained, batch norm uses its moving statistics. Default true. */
  readonly trainable?: boolean | undefined
  /** Shape of one example, without the batch axis; for the first layer of a sequential model. */
  readonly inputShape?: Shape | undefined
}

export interface Field<T> {
  /** Said in the error: `a positive integer`. */
  readonly expected: string
  /** The normalised value; undefined (or a UserError that says more) when the value is not acceptable. */
  readonly read: (value: unknown) => T | undefined
  /** Used when the option is absent; without it the option is required. */
  readonly fallback?: { readonly value: T }
}

export type Fields = Readonly<Record<string, Field<unknown>>>
export type ConfigOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never }

const commonNames = ['name', 'trainable', 'inputShape']

/** Checks `options` against the fields of `type`. Throws a UserError with every problem found. */
export function readOptions<F extends Fields>(type: string, options: object, fields: F): ConfigOf<F> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const example = Object.keys(fields)[0] ?? 'name'
    throw new UserError({
      what: `${type} takes a record of options.`,
      expected: `{${example}: …}`,
      received: show(options),
    })
  }
  const problems: Problem[] = []
  const given = options as Readonly<Record<string, unknown>>
  const known = [...Object.keys(fields), ...commonNames]
  for (const name of Object.keys(given)) if (!known.includes(name)) problems.push(unknownOption(type, name, known))
  problems.push(...commonProblems(type, given))
  const config: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    const value = given[name]
    if (value === undefined) {
      if (field.fallback) config[name] = field.fallback.value
      else problems.push({ what: `${type} needs the option "${name}".`, expected: field.expected, fix: `add ${name}.` })
      continue
    }
    try {
      config[name] = field.read(value)
      if (config[name] !== undefined) continue
      problems.push({ what: `Option "${name}" of ${type}.`, expected: field.expected, received: show(value) })
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      problems.push(
        ...error.problems.map(problem => ({ ...problem, what: `Option "${name}" of ${type}: ${problem.what}` })),
      )
    }
  }
  if (problems.length > 0) throw new UserError(problems)
  return config as ConfigOf<F>
}

/** What Keras's layers take too, and where it is said here. */
const elsewhere: Readonly<Record<string, string>> = {
  seed: 'say the seed of the whole model: sequential([…], {seed: 1})',
  dtype: 'leave it out: all numbers are float32',
}

function unknownOption(type: string, name: string, known: readonly string[]): Problem {
  const suggestion = nearest(toCamel(name), known)
  const fix = elsewhere[name] ?? (suggestion === undefined ? undefined : `did you mean "${suggestion}"?`)
  return { what: `${type} has no option "${name}".`, expected: known.join(', '), ...(fix === undefined ? {} : { fix }) }
}

function commonProblems(type: string, given: Readonly<Record<string, unknown>>): Problem[] {
  const problems: Problem[] = []
  const { name, trainable, inputShape } = given
  if (name !== undefined && typeof name !== 'string') {
    problems.push({ what: `Option "name" of ${type}.`, expected: 'a string', received: show(name) })
  }
  if (trainable !== undefined && typeof trainable !== 'boolean') {
    problems.push({ what: `Option "trainable" of ${type}.`, expected: 'true or false', received: show(trainable) })
  }
  if (inputShape !== undefined && !(Array.isArray(inputShape) && inputShape.every(isPositiveInteger))) {
    const expected = 'positive whole numbers without the batch axis, such as [28, 28, 1]'
    problems.push({ what: `Option "inputShape" of ${type}.`, expected, received: show(inputShape) })
  }
  return problems
}

/** The field with a default. */
export const optional = <T>(field: Field<T>, value: NoInfer<T>): Field<T> => ({ ...field, fallback: { value } })

export const orNull = <T>(field: Field<T>): Field<T | null> => ({
  expected: `${field.expected}, or null`,
  read: value => (value === null ? null : field.read(value)),
  fallback: { value: null },
})

const isPositiveInteger = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

export const positiveInteger: Field<number> = {
  expected: 'a positive whole number',
  read: value => (isPositiveInteger(value) ? value : undefined),
}
export const integer: Field<number> = {
  expected: 'a whole number',
  read: value => (Number.isSafeInteger(value) ? (value as number) : undefined),
}
export const boolean: Field<boolean> = {
  expected: 'true or false',
  read: value => (typeof value === 'boolean' ? value : undefined),
}

export function number(expected = 'a finite number', accept: (value: number) => boolean = () => true): Field<number> {
  return { expected, read: value => (isNumber(value) && accept(value) ? value : undefined) }
}

/** A number, or a flat list of them. */
export const numbers: Field<number | readonly number[]> = {
  expected: 'a number or a list of numbers',
  read: value =>
    isNumber(value) || (Array.isArray(value) && value.length > 0 && value.every(isNumber)) ? value : undefined,
}

export const integers: Field<readonly number[]> = {
  expected: 'a list of whole numbers',
  read: value => (Array.isArray(value) && value.every(Number.isSafeInteger) ? value : undefined),
}

/** Height and width; one number stands for both. */
export const pair: Field<readonly [number, number]> = {
  expected: 'a positive whole number, or two: [height, width]',
  read: value => {
    const [height, width, ...rest] = Array.isArray(value) ? (value as unknown[]) : [value, value]
    return rest.length === 0 && isPositiveInteger(height) && isPositiveInteger(width) ? [height, width] : undefined
  },
}

/** Rows and columns added or cut: n, [rows, columns] or [[top, bottom], [left, right]]; normalised to the last form. */
export const border: Field<readonly [readonly [number, number], readonly [number, number]]> = {
  expected: 'a whole number ≥ 0, [rows, columns] or [[top, bottom], [left, right]]',
  read: value => {
    const sides = Array.isArray(value) ? value : [value, value]
    if (sides.length !== 2) return undefined
    const both = sides.map(side => (Array.isArray(side) ? side : [side, side]))
    const fine = both.every(side => side.length === 2 && side.every(n => Number.isSafeInteger(n) && n >= 0))
    return fine ? [both[0] as [number, number], both[1] as [number, number]] : undefined
  },
}

/** One of the words. */
export function choice<T extends string>(...words: readonly T[]): Field<T> {
  return {
    expected: words.map(word => `"${word}"`).join(', '),
    read: value => (typeof value === 'string' ? words.find(word => word === toCamel(value)) : undefined),
  }
}

/** `glorot_uniform` → `glorotUniform`; camelCase stays. */
export function toCamel(word: string): string {
  return word.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

export function show(value: unknown): string {
  return typeof value === 'function' || value === undefined ? String(value) : JSON.stringify(value)
}
