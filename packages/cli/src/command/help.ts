/** `fovea help [VERB]`: all verbs, or one with its options and examples. Also what `--help` prints. */
import { nearest, UserError } from 'fovea/internal/base/errors'
import { definitions } from 'fovea/internal/base/text'
import { type Command, command, type Verb, type VerbCode } from './command.ts'
import type { HelpDocument } from './documents.ts'
import { commonOptions, type OptionTable } from './options.ts'
import { asUsage } from './usage-error.ts'

export function helpCommand(verbs: readonly Verb[]): VerbCode {
  return command({
    positional: { name: 'VERB', help: 'the verb to explain', least: 0, most: 1 },
    options: commonOptions,
    examples: ['help train'],
    run: async (context, { words: [name] }) => {
      if (name === undefined) {
        // The list needs no code of any verb; only the document, where it is printed, takes all of it.
        const commands = context.json ? await Promise.all(verbs.map(verb => verb.load())) : []
        return { document: helpDocument(commands), text: overview(verbs, context.program), next: 'recipes' }
      }
      const verb = await (await asUsage(() => verbNamed(name, verbs))).load()
      return {
        document: helpDocument([verb]),
        text: verbHelp(verb, context.program),
        // Examples with a path are about files that a first visitor does not have.
        next: verb.examples.find(example => !/[/.]/.test(example)) ?? 'train shapes-cnn',
      }
    },
  })
}

/** The verb of this name. Throws UserError with the nearest one. */
export function verbNamed(name: string, verbs: readonly Verb[]): Verb {
  const found = verbs.find(verb => verb.name === name)
  if (found) return found
  const names = verbs.map(verb => verb.name)
  const guess = nearest(name, names)
  throw new UserError({
    what: `There is no verb '${name}'.`,
    expected: names.join(', '),
    fix: guess === undefined ? 'See `fovea help`.' : `Did you mean '${guess}'?`,
  })
}

function overview(verbs: readonly Verb[], program: string): string {
  return [
    'Fovea trains, explains and ships image classifiers.',
    '',
    `Usage: ${program} VERB [options]`,
    '',
    definitions(verbs.map(verb => [verb.name, verb.summary])),
    '',
    `'${program} help VERB' explains one of them.`,
    'Exit codes: 0 well, 1 failed, 2 wrong usage, 130 interrupted.',
  ].join('\n')
}

export function verbHelp(verb: Command, program: string): string {
  const { positional } = verb
  const words = positional === undefined ? '' : positional.least === 0 ? ` [${positional.name}]` : ` ${positional.name}`
  return [
    `${verb.name}: ${verb.summary}`,
    '',
    `Usage: ${program} ${verb.name}${words} [options]`,
    '',
    definitions([
      ...(positional === undefined ? [] : [[positional.name, positional.help] as const]),
      ...Object.entries(verb.options).map(([name, option]) => [optionTerm(name, option), option.help] as const),
    ]),
    '',
    ...verb.examples.map(example => `Example: ${program} ${example}`),
  ].join('\n')
}

function optionTerm(name: string, { short, value }: OptionTable[string]): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
}

export function helpDocument(verbs: readonly Command[]): HelpDocument {
  return {
    verbs: verbs.map(({ name, summary, positional, options, examples }) => ({
      name,
      summary,
      ...(positional === undefined ? {} : { positional: { name: positional.name, help: positional.help } }),
      options: Object.entries(options).map(([option, { help, value }]) => ({
        name: option,
        help,
        ...(value === undefined ? {} : { value }),
      })),
      examples,
    })),
  }
}
