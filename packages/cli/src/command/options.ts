/**
 * Options of a verb as a table: what each takes, what it means, how its text is read. One table gives the parser, the help
 * and the type of the values. Node's `parseArgs` splits the words; names and values are checked here, all problems at once.
 */
import { parseArgs } from 'node:util'
import { nearest, type Problem, UserError } from 'fovea/internal/base/errors'

export interface Option<T> {
  /** One line for the help. */
  readonly help: string
  /** Placeholder of the value (`N`, `DIR`); a flag has none. */
  readonly value?: string
  readonly short?: string
  /** May be given several times; its values are lists, which are joined. */
  readonly repeats?: true
  /** The value of a written text, or what was expected instead. */
  read(text: string): { readonly value: T } | { readonly expected: string }
}

/** Names as they are typed: `batch-size`. */
export type OptionTable = { readonly [name: string]: Option<unknown> }

export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]?: Table[Name] extends Option<infer T> ? T : never
}

export const flag = (help: string, short?: string): Option<true> => ({
  help,
  ...(short === undefined ? {} : { short }),
  read: () => ({ value: true }),
})

export const textOption = (value: string, help: string): Option<string> => ({
  help,
  value,
  read: written => (written === '' ? { expected: 'a text' } : { value: written }),
})

/** The texts of an option that may be given several times, in order. */
export const texts = (value: string, help: string): Option<readonly string[]> => ({
  help: `${help}; may be given several times`,
  value,
  repeats: true,
  read: written => (written === '' ? { expected: 'a text' } : { value: [written] }),
})

export function wholeOption(value: string, help: string, least = 1, most = Number.MAX_SAFE_INTEGER): Option<number> {
  return {
    help,
    value,
    read: written => {
      const number = /^[+-]?\d+$/.test(written) ? Number(written) : Number.NaN
      if (number >= least && number <= most) return { value: number }
      const open = most === Number.MAX_SAFE_INTEGER && !(number > most)
      return { expected: `a whole number ${open ? `of at least ${least}` : `from ${least} to ${most}`}` }
    },
  }
}

/** Different whole numbers, with commas between them: `1,2,3`. */
export const wholeNumbersOption = (help: string): Option<readonly number[]> => ({
  help,
  value: 'N,N…',
  read: written => {
    const words = written.split(',').map(word => word.trim())
    const numbers = words.map(Number)
    const sound = words.every(word => /^\d+$/.test(word)) && numbers.every(Number.isSafeInteger)
    return sound && new Set(numbers).size === numbers.length
      ? { value: numbers }
      : { expected: 'different whole numbers with commas between them: 1,2,3' }
  },
})

export const positive = (value: string, help: string): Option<number> => ({
  help,
  value,
  read: written => {
    const number = written.trim() === '' ? Number.NaN : Number(written)
    return number > 0 && Number.isFinite(number) ? { value: number } : { expected: 'a number above 0' }
  },
})

export const shareOption = (value: string, help: string): Option<number> => ({
  help,
  value,
  read: written => {
    const number = written.trim() === '' ? Number.NaN : Number(written)
    return number >= 0 && number <= 1 ? { value: number } : { expected: 'a number from 0 to 1' }
  },
})

export const choiceOption = <const T extends string>(choices: readonly T[], help: string): Option<T> => ({
  help,
  value: choices.join('|'),
  read: written => {
    const found = choices.find(each => each === written)
    return found === undefined ? { expected: choices.join(' or ') } : { value: found }
  },
})

/** Options every verb has. */
export const commonOptions = {
  json: flag('one JSON document on standard output, progress on standard error'),
  quiet: flag('no progress', 'q'),
  help: flag('this text', 'h'),
} satisfies OptionTable

export interface Parsed<Table extends OptionTable> {
  readonly values: OptionValues<Table>
  readonly positionals: readonly string[]
}

/** Reads the words after a verb. Throws one UserError with every unknown name and every value that cannot be. */
export function parseOptions<Table extends OptionTable>(words: readonly string[], table: Table): Parsed<Table> {
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(Object.entries(table).map(([name, option]) => [name, declared(option)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const problems: Problem[] = []
  const values: Record<string, unknown> = {}
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(table, token.name) ? table[token.name] : undefined
    if (option === undefined) problems.push(unknownOption(token.rawName, table))
    else if (option.value === undefined && token.value !== undefined) {
      problems.push({ what: `${token.rawName} takes no value.`, received: token.value })
    } else if (option.value !== undefined && token.value === undefined) {
      problems.push({ what: `${token.rawName} needs a value.`, expected: `${token.rawName} ${option.value}` })
    } else {
      const result = option.read(token.value ?? '')
      if ('value' in result)
        values[token.name] = option.repeats ? joined(values[token.name], result.value) : result.value
      else problems.push({ what: `${token.rawName} cannot be this.`, ...result, received: String(token.value) })
    }
  }
  if (problems.length > 0) throw new UserError(problems)
  return { values: values as OptionValues<Table>, positionals }
}

const joined = (before: unknown, more: unknown): unknown => [before ?? [], more].flat()

function declared(option: Option<unknown>) {
  const type = option.value === undefined ? ('boolean' as const) : ('string' as const)
  return option.short === undefined ? { type } : { type, short: option.short }
}

function unknownOption(rawName: string, table: OptionTable): Problem {
  const names = Object.keys(table)
  const called = optionCalled(rawName.replace(/^-+/, ''), name => Object.hasOwn(table, name))
  if (called !== undefined) return { what: `${rawName} is called ${called}.`, fix: `Write ${called}.` }
  const guess = nearest(rawName.replace(/^-+/, ''), names)
  return {
    what: `There is no option ${rawName}.`,
    expected: names.map(name => `--${name}`).join(' '),
    ...(guess === undefined ? {} : { fix: `Did you mean --${guess}?` }),
  }
}

/**
 * One name for one thing: other words for it are told that name. Behind the option's name may stand its value. Spellings of the library
 * (`dataDir`) need no entry.
 */
export const otherWords: Readonly<Record<string, string>> = {
  // Former names.
  samples: 'limit',
  filters: 'filter-count',
  size: 'pool-size',
  channels: 'channel each',
  // The library's.
  'run-dir': 'out',
  'resume-from': 'resume',
  strides: 'stride',
  // Other tools'.
  lr: 'learning-rate',
  batch: 'batch-size',
  'num-epochs': 'epochs',
  data: 'data-dir',
  'data-path': 'data-dir',
  output: 'out',
  'output-dir': 'out',
  workers: 'threads',
  'num-threads': 'threads',
}

/** `--limit` for `samples`; undefined where the verb has no option of that meaning. */
function optionCalled(name: string, has: (option: string) => boolean): string | undefined {
  const typed = name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`).replaceAll('_', '-')
  const option = Object.hasOwn(otherWords, typed) ? otherWords[typed]! : typed
  return has(option.split(' ')[0]!) ? `--${option}` : undefined
}
