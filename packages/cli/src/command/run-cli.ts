/**
 * One call of the command line: words in, exit code out. Finds the verb, runs it, prints its document or text and one
 * suggested next command, and turns errors into messages: 2 for wrong usage, 1 for what failed, 130 for Ctrl-C.
 */
import { UserError } from 'fovea/internal/base/errors'
import type { TextOutput } from 'fovea/internal/base/host'
import { printableOutput } from 'fovea/internal/base/printable'
import { refusalOf } from 'fovea/internal/host/node/system-errors'
import type { Command, Context, Environment, OpenContext, Verb } from './command.ts'
import type { ErrorDocument, HelpDocument, VersionDocument } from './documents.ts'
import { asUsage, isAbort, problemsIn, UsageError } from './usage-error.ts'
import { version } from './version.ts'

/** Thrown to leave a verb when its help was asked for. */
class HelpWanted {
  readonly verb: Command
  constructor(verb: Command) {
    this.verb = verb
  }
}

/** Runs one call and gives the exit code. Nothing is thrown: bugs are printed with their stack. */
export async function runCli(words: readonly string[], given: Environment, verbs: readonly Verb[]): Promise<number> {
  const output = printableOutput(given.stdout)
  // A document that a verb has begun is followed by no other.
  let isBegun = false
  const write = (text: string): void => {
    isBegun = true
    output.write(text)
  }
  const stdout: TextOutput = Object.create(output, { write: { value: write } })
  const environment = { ...given, stdout, stderr: printableOutput(given.stderr) }
  const json = words.includes('--json')
  try {
    const [name, ...rest] = verbFirst(words)
    if (name === '--version' || name === '-v') {
      const document: VersionDocument = { version: version() }
      return print(environment, json ? JSON.stringify(document) : document.version)
    }
    // Loaded here and below: the version needs none of it, and is there in a moment.
    const { verbNamed } = await import('./help.ts')
    const verb = await (await asUsage(() => verbNamed(name, verbs))).load()
    let opened: Context | undefined
    const outcome = await verb
      .run(rest, (values, positionals) => {
        opened = openContext(environment, verb, values, positionals)
        return opened
      })
      // Words are read before the context is opened: what fails until then is the call's fault.
      .catch(error => {
        throw opened === undefined && error instanceof UserError ? new UsageError(error.problems) : error
      })
    if (json && outcome.document !== undefined) stdout.write(`${await documentText(outcome.document)}\n`)
    else if (!json && outcome.text !== undefined) environment.stdout.write(`${outcome.text}\n`)
    if (outcome.next !== undefined) opened?.say(`\nNext: ${environment.program} ${outcome.next}`)
    const { failed = [] } = outcome
    for (const { problems } of failed)
      environment.stderr.write(
        `${(asCalled(new UserError(problems), environment.program, verbs) as UserError).message}\n`,
      )
    return outcome.exitCode ?? (failed.length > 0 ? 1 : 0)
  } catch (error) {
    if (error instanceof HelpWanted) {
      const { helpDocument, verbHelp } = await import('./help.ts')
      const document: HelpDocument = helpDocument([error.verb])
      return print(environment, json ? await documentText(document) : verbHelp(error.verb, environment.program))
    }
    // The last resort: what the system refuses is told in a sentence wherever it happens.
    return fail(refusalOf(error) ?? error, environment, json && !isBegun, verbs)
  }
}

/** The words with the verb in front: `--json recipes` is `recipes --json`; without a verb, help is wanted. */
function verbFirst(words: readonly string[]): readonly [string, ...string[]] {
  const common = ['--json', '--quiet', '-q', '--help', '-h']
  const first = words.findIndex(word => !common.includes(word))
  const others = words.filter((_, index) => index !== first)
  return first === -1
    ? ['help', ...words.filter(word => word !== '--help' && word !== '-h')]
    : [words[first]!, ...others]
}

function openContext(
  environment: Environment,
  verb: Command,
  values: Parameters<OpenContext>[0],
  positionals: readonly string[],
): Context {
  if (values.help) throw new HelpWanted(verb)
  const { name, help, least, most } = verb.positional ?? { name: 'words', help: undefined, least: 0, most: 0 }
  if (positionals.length < least || positionals.length > most) {
    throw new UserError({
      what: `${verb.name} takes ${counted(least, most, name)}.`,
      ...(help !== undefined && { expected: help }),
      received: positionals.length === 0 ? 'none' : positionals.join(' '),
      fix: `See '${environment.program} help ${verb.name}'.`,
    })
  }
  const json = values.json === true
  const quiet = values.quiet === true
  const people = json ? environment.stderr : environment.stdout
  const noted = new Set<string>()
  const silent = { isTerminal: false, columns: 80, write: () => {} }
  return {
    ...environment,
    json,
    quiet,
    say: line => {
      if (!quiet) people.write(`${line}\n`)
    },
    note: line => {
      if (!noted.has(line)) environment.stderr.write(`Note: ${line}\n`)
      noted.add(line)
    },
    progress: quiet ? silent : people,
  }
}

function counted(least: number, most: number, name: string): string {
  if (most === 0) return 'no words after it'
  if (name.includes(' '))
    return name
      .split(' ')
      .map(word => (word.endsWith('…') ? `at least one ${word.slice(0, -1)}` : `one ${word}`))
      .join(' and ')
  if (least === most) return least === 1 ? `one ${name}` : `${least} ${name}`
  if (most === Number.POSITIVE_INFINITY) return `at least ${least} ${name}`
  return least === 0 ? `at most ${most} ${name}` : `${least} to ${most} ${name}`
}

/** Loaded when a document is printed. */
async function documentText(document: unknown): Promise<string> {
  const { jsonText } = await import('./json-text.ts')
  return jsonText(document)
}

function print(environment: Environment, text: string): number {
  environment.stdout.write(`${text}\n`)
  return 0
}

function fail(thrown: unknown, environment: Environment, json: boolean, verbs: readonly Verb[]): number {
  const error = asCalled(thrown, environment.program, verbs)
  const interrupted = isAbort(error)
  const document: ErrorDocument = { error: problemsIn(error) }
  if (json) environment.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
  if (interrupted) environment.stderr.write('Interrupted.\n')
  else if (error instanceof UserError) environment.stderr.write(`${error.message}\n`)
  else environment.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  if (interrupted) return 130
  return error instanceof UsageError ? 2 : 1
}

/** Commands in errors are written `fovea VERB`; a user is told them as he calls the program. */
function asCalled(error: unknown, program: string, verbs: readonly Verb[]): unknown {
  if (!(error instanceof UserError) || program === 'fovea') return error
  const command = new RegExp(`(?<!npx )\\bfovea (?=(${verbs.map(({ name }) => name).join('|')})\\b)`, 'g')
  const named = (text: string): string => text.replace(command, `${program} `)
  const problems = error.problems.map(problem => ({
    ...problem,
    ...(problem.expected !== undefined && { expected: named(problem.expected) }),
    ...(problem.fix !== undefined && { fix: named(problem.fix) }),
  }))
  return error instanceof UsageError ? new UsageError(problems) : new UserError(problems)
}
