/** What a verb of the command line is, and what it is given to work with. */
import type { TextOutput } from 'fovea/internal/base/host'
import type { FailedFile } from './each-file.ts'
import { type OptionTable, type OptionValues, parseOptions } from './options.ts'

/** What other programs, or a person at a terminal, send. */
export interface StandardInput extends AsyncIterable<Uint8Array> {
  readonly isTTY?: boolean
}

/** The process, as far as verbs see it; tests make their own. */
export interface Environment {
  readonly stdout: TextOutput
  readonly stderr: TextOutput
  /** Opened when it is asked for. */
  stdin(): StandardInput
  readonly env: Readonly<Record<string, string | undefined>>
  /** How a user calls this program here: `fovea` or `npx fovea`. */
  readonly program: string
  /** Runs the work with a signal that Ctrl-C aborts; a second Ctrl-C ends the process at once. */
  interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>
}

export interface Context extends Environment {
  readonly json: boolean
  readonly quiet: boolean
  /** A line for a person: on standard output, with `--json` on standard error. `--quiet` silences it there. */
  say(line: string): void
  /** Says once in a call, on standard error, what the user may not expect. */
  note(line: string): void
  /** Where progress goes. */
  readonly progress: TextOutput
}

/** What a verb leaves behind. */
export interface Outcome<Document> {
  /** What `--json` prints; missing where the verb has written all it has to say as it came. */
  readonly document?: Document
  /** What a person reads at the end. */
  readonly text?: string
  /** One command to go on with, without the program's name: `train mnist-mlp`. */
  readonly next?: string
  /** Files that could not be used, told on standard error after everything else. */
  readonly failed?: readonly FailedFile[]
  /** 130 after Ctrl-C; by default 0, and 1 where files could not be used. */
  readonly exitCode?: number
}

export interface Positional {
  /** `RECIPE`, `PICTURE…`. */
  readonly name: string
  readonly help: string
  readonly least: number
  readonly most: number
}

/** A row of the table of verbs: what the list says of it. Its code is loaded when the verb runs or is explained. */
export interface Verb {
  readonly name: string
  /** One line for the list of verbs. */
  readonly summary: string
  load(): Promise<Command>
}

/** What the file of a verb says of it. */
export interface VerbCode {
  readonly positional?: Positional
  readonly options: OptionTable
  /** Without the program's name. */
  readonly examples: readonly string[]
  run(words: readonly string[], open: OpenContext): Promise<Outcome<unknown>>
}

/** A verb whose code is here. */
export interface Command extends VerbCode, Pick<Verb, 'name' | 'summary'> {}

/** Makes the context once the common options are known; it may find that help was asked for or words are too many. */
export type OpenContext = (
  values: { json?: true; quiet?: true; help?: true },
  positionals: readonly string[],
) => Context

export interface CommandRecord<Table extends OptionTable, Document> extends Omit<VerbCode, 'run' | 'options'> {
  readonly options: Table
  run(
    context: Context,
    input: { readonly values: OptionValues<Table>; readonly words: readonly string[] },
  ): Promise<Outcome<Document>>
}

/** The code of a verb from its record: keeps the types of its options' values together with its body. */
export function command<Table extends OptionTable, Document>(record: CommandRecord<Table, Document>): VerbCode {
  return {
    ...record,
    run: async (words, open) => {
      const { values, positionals } = parseOptions(words, record.options)
      const context = open(values as Parameters<OpenContext>[0], positionals)
      return record.run(context, { values, words: positionals })
    },
  }
}
