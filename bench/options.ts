/** The words behind `npm run bench --`, read into what is to be measured. */

import { choiceOption, flag, type Option, type OptionTable, parseOptions } from '../packages/cli/src/command/options.ts'
import { UserError } from '../packages/fovea/src/base/errors.ts'
import { definitions } from '../packages/fovea/src/base/text.ts'
import { type PeerName, peerNames } from './peer-names.ts'
import { allBenchRecipes, type BenchRecipe, benchRecipes } from './recipes.ts'

const list = <T>(
  value: string,
  help: string,
  read: (word: string) => T | undefined,
  expected: string,
): Option<T[]> => ({
  help,
  value,
  read(written) {
    const values = written.split(',').map(word => read(word.trim()))
    const found = values.filter(each => each !== undefined)
    return found.length === values.length ? { value: found } : { expected }
  },
})

const oneOf = <T extends string>(value: string, help: string, names: readonly T[]): Option<T[]> =>
  list(value, help, word => names.find(name => name === word), names.join(', '))

const threadCount = (word: string): number | undefined => (/^[1-9]\d?$/.test(word) ? Number(word) : undefined)

const table = {
  device: choiceOption(['wasm', 'reference'], 'what is measured; `reference` is the slow float64 device'),
  recipe: oneOf('A,B', 'the recipes, the seven published ones by default', allBenchRecipes),
  threads: list('N,M', 'numbers of threads, 2 by default', threadCount, 'whole numbers from 1 to 99, as in 1,2'),
  peers: oneOf('A,B', `measured in the same rounds: ${peerNames.join(', ')}`, peerNames),
  predict: flag('measure prediction (one picture, batches of 256 or 32) instead of training'),
  epoch: flag('measure whole epochs as `fovea train` runs them against their steps alone'),
  startup: flag(
    'measure how long the first training step takes to get ready, in processes that have compiled nothing before',
  ),
  decode: flag('measure how fast a folder of JPEG files is decoded into the pixel cache, beside the decoder alone'),
  serve: flag(
    'measure requests a second of served models, beside ONNX Runtime and TensorFlow.js behind the same HTTP server',
  ),
  scaling: flag('measure a small network over batch and width, and draw docs/scaling.svg'),
  alarm: flag('time every kernel on one thread; fails when a kind is under half of its limit'),
  profile: {
    ...choiceOption(
      [...allBenchRecipes],
      "where the time of a recipe's training step goes: kernels, threads, barriers",
    ),
    value: 'RECIPE',
  },
  record: flag('add the document to bench/results.jsonl'),
  json: flag('one JSON document on standard output, all else on standard error'),
  help: flag('this text', 'h'),
} satisfies OptionTable

export interface BenchOptions {
  readonly device: 'wasm' | 'reference'
  readonly recipes: readonly BenchRecipe[]
  /** Ascending. */
  readonly threads: readonly number[]
  readonly peers: readonly PeerName[]
  readonly measure: 'train' | 'predict' | 'epoch' | 'startup' | 'decode' | 'serve' | 'scaling' | 'profile' | 'alarm'
  /** The recipe to be profiled. */
  readonly profile: BenchRecipe | undefined
  readonly record: boolean
  readonly json: boolean
  readonly help: boolean
}

/** Throws UserError with everything that cannot be read. */
export function readOptions(words: readonly string[]): BenchOptions {
  const { values, positionals } = parseOptions(words, table)
  const tasks = (['predict', 'epoch', 'startup', 'decode', 'serve', 'scaling', 'profile', 'alarm'] as const).filter(
    name => values[name],
  )
  if (positionals.length > 0 || tasks.length > 1) {
    throw new UserError({
      what: 'This is not a way to run the benchmark',
      expected:
        'options, and only one of --predict, --epoch, --startup, --decode, --serve, --scaling, --profile and --alarm',
      received: words.join(' '),
    })
  }
  return {
    device: values.device ?? 'wasm',
    recipes: values.recipe ?? benchRecipes,
    threads: (values.threads ?? [2]).toSorted((a, b) => a - b),
    peers: values.peers ?? [],
    measure: tasks[0] ?? 'train',
    profile: values.profile,
    record: values.record ?? false,
    json: values.json ?? false,
    help: values.help ?? false,
  }
}

export function helpText(): string {
  const rows = Object.entries<Option<unknown>>(table).map(
    ([name, { value, help }]) => [`--${name}${value ? ` ${value}` : ''}`, help] as const,
  )
  return `Usage: npm run bench -- [options]\n\n${definitions(rows)}`
}
