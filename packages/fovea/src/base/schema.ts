/**
 * Schemas: what a value from outside (an option, a configuration, JSON of a file) must be. In: the value as it came. Out: its
 * normal form with every default filled in, or one UserError that lists every problem with what was expected and what came.
 * A schema is a record, so that it can be looked at; combinators make larger ones of small ones, and the type comes out of them.
 * Records are read by their own properties only: what only a prototype has (`constructor`) is not there.
 */
import { nearest, type Problem, UserError } from './errors.ts'
import { type JsonRecord, numberFromJson } from './json.ts'
import { show } from './show.ts'

export interface Schema<out T> {
  /** Said in errors after `expected:`, like `a whole number of at least 1`. */
  readonly expected: string
  /** The value in its normal form; `unfit` when problems were told. */
  read(value: unknown, at: ValuePlace): T | typeof unfit
  /** What an option is that is left out. Without it the option is required. */
  readonly fallback?: { readonly value: T }
}

/** What a schema gives for a value that it refused. */
export const unfit: unique symbol = Symbol('unfit')

/** Where in a value reading stands, and what was wrong so far. */
export interface ValuePlace {
  /** Whose options or fields are read: `Conv2D`, `the checkpoint`. */
  readonly owner: string
  /** What its members are called: `Option`, `Field`. */
  readonly member: string
  /** Empty at the top, then `optimizer`, `optimizer.config`, `layers[3]`. */
  readonly path: string
  readonly problems: Problem[]
}

/** The type that a schema reads. */
export type SchemaValue<S> = S extends Schema<infer T> ? T : never

export type Fields = Readonly<Record<string, Schema<unknown>>>

/** The type that a record of these fields reads. */
export type ParsedFields<F extends Fields> = { readonly [K in keyof F]: SchemaValue<F[K]> }

/** Reads a value. Throws UserError with every problem. */
export function parse<T>(schema: Schema<T>, value: unknown, owner: string, member = 'Option'): T {
  const problems: Problem[] = []
  const result = schema.read(value, { owner, member, path: '', problems })
  if (result === unfit || problems.length > 0) throw new UserError(problems)
  return result
}

const subjectOf = (at: ValuePlace): string => (at.path === '' ? at.owner : `${at.member} "${at.path}" of ${at.owner}`)

/** Tells that a value cannot be used here. */
export function refuse(at: ValuePlace, expected: string, value: unknown, fix?: string): typeof unfit {
  at.problems.push({
    what: `${subjectOf(at)} cannot be used.`,
    expected,
    received: show(value),
    ...(fix !== undefined && { fix }),
  })
  return unfit
}

/** A schema from a rule of one's own: `read` gives undefined, or throws a UserError that says more, for what does not fit. */
export function custom<T>(expected: string, read: (value: unknown) => T | undefined): Schema<T> {
  return {
    expected,
    read(value, at) {
      try {
        const result = read(value)
        return result === undefined ? refuse(at, expected, value) : result
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        for (const problem of error.problems)
          at.problems.push({ ...problem, what: `${subjectOf(at)}: ${problem.what}` })
        return unfit
      }
    },
  }
}

/** Whatever a test accepts, as it is. */
export const that = <T>(expected: string, fits: (value: unknown) => boolean): Schema<T> => ({
  expected,
  read: (value, at) => (fits(value) ? (value as T) : refuse(at, expected, value)),
})

export const boolean: Schema<boolean> = that('true or false', value => typeof value === 'boolean')

export const text: Schema<string> = that('a text', value => typeof value === 'string' && value !== '')

/** Aborting it ends what it was given to. */
export const abortSignal: Schema<AbortSignal> = that(
  'the signal of an AbortController',
  value => typeof Object(value).aborted === 'boolean',
)

export const functionOf = (what: string): Schema<(...given: never) => unknown> =>
  that(`a function of ${what}`, value => typeof value === 'function')

export interface NumberRange {
  readonly least?: number
  readonly most?: number
  readonly above?: number
  readonly below?: number
}

/** A finite number that lies in the range, and still does as float32: 1e308 would be infinite there, 1e-60 zero. */
export function number(range: NumberRange = {}, expected = `a number${inWords(range)}`): Schema<number> {
  const fits = (value: number): boolean => Number.isFinite(value) && isWithin(value, range)
  return {
    expected,
    read(value, at) {
      if (typeof value !== 'number' || !fits(value)) return refuse(at, expected, value)
      return fits(Math.fround(value)) ? value : refuse(at, `${expected}, also when rounded to float32`, value)
    },
  }
}

/** Any number a computation gave, as JSON holds it: NaN and the infinities are texts there. */
export const anyNumber: Schema<number> = custom('a number, "NaN", "Infinity" or "-Infinity"', numberFromJson)

/** Parsed JSON with named members, to be read by others. */
export const jsonRecord: Schema<JsonRecord> = that('a JSON object', isPlainRecord)

/** A whole number that is exact (below 2⁵³). */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER, expected?: string): Schema<number> {
  const upper = most === Number.MAX_SAFE_INTEGER ? {} : { most }
  const lower = least === Number.MIN_SAFE_INTEGER ? {} : { least }
  return that(
    expected ?? `a whole number${inWords({ ...lower, ...upper })}`,
    value => Number.isSafeInteger(value) && isWithin(value as number, { least, most }),
  )
}

export const integer: Schema<number> = whole(Number.MIN_SAFE_INTEGER)

function isWithin(value: number, { least, most, above, below }: NumberRange): boolean {
  return (
    (least === undefined || value >= least) &&
    (most === undefined || value <= most) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below)
  )
}

function inWords({ least, most, above, below }: NumberRange): string {
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`
  const limits = [
    ...(least === undefined ? [] : [`of at least ${least}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(most === undefined ? [] : [`of at most ${most}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ]
  return limits.length === 0 ? '' : ` ${limits.join(' and ')}`
}

/** One of the words; `spelling` brings what came into the form of the words. */
export function oneOf<const Words extends readonly string[]>(
  words: Words,
  spelling: (word: string) => string = word => word,
): Schema<Words[number]> {
  const expected = words.map(word => `"${word}"`).join(', ')
  return {
    expected,
    read(value, at) {
      const found = typeof value === 'string' ? words.find(word => word === spelling(value)) : undefined
      if (found !== undefined) return found
      const close = typeof value === 'string' ? nearest(value, words) : undefined
      return refuse(at, expected, value, close && `did you mean "${close}"?`)
    },
  }
}

/** A list of such items. `expected` says in the plural what they are. */
export function list<T>(
  item: Schema<T>,
  expected: string,
  { least = 0, most = 1e6 }: NumberRange = {},
): Schema<readonly T[]> {
  return {
    expected: `a list of ${expected}`,
    read(value, at) {
      if (!Array.isArray(value)) return refuse(at, `a list of ${expected}`, value)
      if (value.length < least || value.length > most) {
        const count = most === 1e6 ? `at least ${least}` : least === most ? `${least}` : `${least} to ${most}`
        return refuse(at, `a list of ${expected}, ${count} of them`, value)
      }
      // By index: a hole in a list is a value that is missing.
      return all(Array.from(value, (each, index) => item.read(each, inside(at, `[${index}]`))))
    },
  }
}

/** A record with free names, all values alike. */
export function dictionary<T>(value: Schema<T>, expected: string): Schema<Readonly<Record<string, T>>> {
  return {
    expected,
    read(given, at) {
      if (!isPlainRecord(given)) return refuse(at, expected, given)
      const names = Object.keys(given)
      const values = all(names.map(name => value.read(given[name], inside(at, name))))
      return values === unfit ? unfit : Object.fromEntries(names.map((name, index) => [name, values[index]!]))
    },
  }
}

/** Where names that are no fields are explained, by name. */
export type Hints = Readonly<Record<string, string>>

/** A record of exactly these fields; those with a fallback may be left out (undefined counts as left out). */
export function record<F extends Fields>(fields: F, hints: Hints = {}): Schema<ParsedFields<F>> {
  const names = Object.keys(fields)
  const expected = names.length === 0 ? 'no options' : `{${names.join(', ')}}`
  return {
    expected,
    read(value, at) {
      if (!isPlainRecord(value)) return refuseRecord(at, expected, value)
      for (const name of Object.keys(value)) if (!names.includes(name)) refuseName(at, name, names, hints)
      const pairs = names.map(name => [name, readField(fields[name]!, value, name, at)] as const)
      return pairs.some(([, read]) => read === unfit) ? unfit : (Object.fromEntries(pairs) as ParsedFields<F>)
    },
  }
}

function refuseRecord(at: ValuePlace, expected: string, value: unknown): typeof unfit {
  if (at.path !== '') return refuse(at, `a record ${expected}`, value)
  const what = `${at.owner} takes a record of ${at.member.toLowerCase()}s.`
  at.problems.push({ what, expected, received: show(value) })
  return unfit
}

function readField<T>(field: Schema<T>, owner: Readonly<Record<string, unknown>>, name: string, at: ValuePlace) {
  const value = Object.hasOwn(owner, name) ? owner[name] : undefined
  if (value !== undefined) {
    const result = field.read(value, inside(at, name))
    const told = at.problems.at(-1)
    // What others write for "not given" is told from a wrong value.
    if (value === null && result === unfit && field.fallback && told) {
      at.problems[at.problems.length - 1] = { ...told, fix: `leave ${name} out.` }
    }
    return result
  }
  if (field.fallback) return field.fallback.value
  at.problems.push({
    what: `${at.path === '' ? at.owner : `"${at.path}" of ${at.owner}`} needs the ${at.member.toLowerCase()} "${name}".`,
    expected: field.expected,
    fix: `add ${name}.`,
  })
  return unfit
}

function refuseName(at: ValuePlace, name: string, known: readonly string[], hints: Hints): void {
  const close = nearest(
    name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    known,
  )
  const fix = Object.hasOwn(hints, name) ? hints[name] : close && `did you mean "${close}"?`
  at.problems.push({
    what: `${at.path === '' ? at.owner : `"${at.path}" of ${at.owner}`} has no ${at.member.toLowerCase()} "${name}".`,
    expected: known.length === 0 ? 'no options' : known.join(', '),
    ...(fix !== undefined && { fix }),
  })
}

/** The first of the schemas that a value fits. For a record that fits none, the problems of the one it comes nearest to. */
export function union<S extends readonly Schema<unknown>[]>(...schemas: S): Schema<SchemaValue<S[number]>> {
  const expected = schemas.map(schema => schema.expected).join(', or ')
  return {
    expected,
    read(value, at) {
      let nearest: readonly Problem[] = []
      for (const schema of schemas) {
        const problems: Problem[] = []
        const result = schema.read(value, { ...at, problems })
        if (result !== unfit && problems.length === 0) return result as SchemaValue<S[number]>
        const isInside = problems[0]?.what !== `${subjectOf(at)} cannot be used.`
        if (isInside && (nearest.length === 0 || problems.length < nearest.length)) nearest = problems
      }
      if (nearest.length === 0) return refuse(at, expected, value)
      for (const problem of nearest) at.problems.push(problem)
      return unfit
    },
  }
}

export const nullable = <T>(schema: Schema<T>): Schema<T | null> => ({
  expected: `${schema.expected}, or null`,
  read: (value, at) => (value === null ? null : schema.read(value, at)),
})

/** The schema of what may be left out: then it is `value`, or undefined. */
export function optional<T>(schema: Schema<T>): Schema<T | undefined>
export function optional<T>(schema: Schema<T>, value: NoInfer<T>): Schema<T>
export function optional<T>(schema: Schema<T>, value?: T): Schema<T | undefined> {
  return { ...schema, fallback: { value } }
}

/** Null unless it is given. */
export const orNull = <T>(schema: Schema<T>): Schema<T | null> => optional(nullable(schema), null)

/** Whether a value has named members: no list, array of numbers, map, date or promise. */
export function isPlainRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && Object.prototype.toString.call(value) === '[object Object]'
}

function all<T>(values: readonly (T | typeof unfit)[]): readonly T[] | typeof unfit {
  return values.includes(unfit) ? unfit : (values as readonly T[])
}

function inside(at: ValuePlace, step: string): ValuePlace {
  return { ...at, path: at.path === '' || step.startsWith('[') ? `${at.path}${step}` : `${at.path}.${step}` }
}
