/** One name for one thing: what every option of every verb is, what the library calls it, and what a word of others is told. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { Command } from '../../packages/cli/src/command/command.ts'
import { otherWords, parseOptions } from '../../packages/cli/src/command/options.ts'
import { verbs } from '../../packages/cli/src/verbs/verbs.ts'
import { problemsOf } from '../../packages/fovea/src/base/errors.ts'
import {
  type Classifier,
  dense,
  filterPlane,
  loadDataset,
  loadPredictor,
  maxPooling2d,
  pictureToInput,
  planeFromText,
  recipe,
  runRecipe,
  sequential,
} from '../../packages/fovea/src/index.ts'

/** An option's value, as help shows it (none of a flag), and the functions of the library that take it under the same name. */
type Row = readonly [value: string, ...library: (keyof typeof library)[]]

/** Options by meaning. One name has one meaning in all verbs; a number of pictures that are read is a limit, of things that are drawn a count. */
const table: Readonly<Record<string, Row>> = {
  // What is trained, and for how long.
  epochs: ['N', 'fit', 'runRecipe'],
  minutes: ['N', 'runRecipe'],
  'batch-size': ['N', 'fit', 'findLearningRate', 'evaluate', 'predict', 'runRecipe'],
  'learning-rate': ['RATE', 'runRecipe'],
  seed: ['N', 'fit', 'findLearningRate', 'runRecipe'],
  seeds: ['N,N…'],
  // A search for the rate.
  rates: ['A..B'],
  vary: ['NAME=VALUES'],
  trials: ['N'],
  'no-winner': [''],
  steps: ['N', 'findLearningRate'],
  without: ['PART'],
  with: ['CHANGE'],
  resume: ['DIR', 'runRecipe'],
  'save-every': ['N', 'fit', 'runRecipe'],
  'keep-training': ['', 'fit', 'runRecipe'],
  again: ['RUN'],
  // biome-ignore lint/suspicious/noThenProperty: an option's name.
  then: ['PICTURES'],
  from: ['MODEL'],
  freeze: ['all-but-head|N|none'],
  'keep-classes': [''],
  teacher: ['MODEL'],
  // What it computes on.
  threads: ['N', 'compile', 'loadPredictor', 'runRecipe'],
  numerics: ['reproducible|fast', 'compile', 'loadPredictor', 'runRecipe'],
  // Which data.
  dataset: ['NAME'],
  limit: ['N', 'runRecipe'],
  'data-dir': ['DIR', 'loadDataset'],
  offline: ['', 'loadDataset'],
  // Pictures of one's own.
  size: ['N'],
  recipe: ['small-cnn|resnet'],
  fit: ['cover|contain|stretch'],
  'no-mirror': [''],
  shard: ['K/N'],
  'no-invert': ['', 'pictureToInput'],
  raw: ['', 'pictureToInput'],
  // A review of them.
  port: ['N'],
  plan: [''],
  apply: [''],
  'undo-apply': [''],
  // A server.
  host: ['ADDRESS'],
  'token-file': ['FILE'],
  'max-batch': ['N'],
  'max-delay': ['MS'],
  'max-body': ['MB'],
  queue: ['N'],
  timeout: ['SECONDS'],
  poll: ['SECONDS'],
  log: ['text|json|none'],
  // What is looked at.
  class: ['CLASS'],
  layer: ['NAME'],
  at: ['ROW,COLUMN…'],
  'filter-count': ['N'],
  filter: ['NAME'],
  kernel: ['ROWS'],
  stride: ['N', 'filterPlane'],
  padding: ['valid|same|N', 'filterPlane'],
  pool: ['max|average'],
  'pool-size': ['N', 'maxPooling2d'],
  channel: ['grey|red|green|blue|each'],
  pixels: ['N'],
  degrees: ['N'],
  // What is answered.
  top: ['N', 'classify'],
  augment: ['', 'classify'],
  views: ['none|mirror|shifts|mirror+shifts', 'evaluate', 'predict', 'classify'],
  min: ['P'],
  precision: ['P'],
  // What is shown, and where it is written.
  out: ['DIR', 'runRecipe'],
  png: ['DIR'],
  formulas: [''],
  // A model for other programs.
  to: ['FILE'],
  weights: ['float32|float16|int8'],
  layout: ['nhwc|nchw'],
  'batch-norm': ['kept|folded'],
  input: ['float|uint8'],
  show: [''],
  count: ['N'],
  json: [''],
  jsonl: [''],
  csv: [''],
  quiet: [''],
  help: [''],
}

/** What a program gives `runRecipe` and `loadDataset` that words cannot say. */
const objects = ['device', 'clock', 'files', 'onEvent', 'signal', 'onProgress', 'onFound', 'hosts', 'stallMs']

const strange = { zzzz: 1 } as object
const plane = planeFromText('1 2 / 3 4', 'plane')
const untrained = (): Classifier => sequential([dense({ units: 2, inputShape: [2] })])
function classifier(): Classifier {
  const model = untrained()
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
  return model
}
/** Calls with an option that no function has: the refusal names those it has. */
const library = {
  compile: () => untrained().compile(strange as never),
  fit: () => classifier().fit([[0, 0]], [0], strange),
  findLearningRate: () => classifier().findLearningRate([[0, 0]], [0], strange),
  evaluate: () => classifier().evaluate([[0, 0]], [0], strange),
  predict: () => classifier().predict([[0, 0]], strange),
  classify: () => classifier().classify({ width: 1, height: 1, data: new Uint8Array(3) }, strange),
  runRecipe: () => runRecipe(recipe('shapes-mlp'), {} as never, strange),
  loadDataset: () => loadDataset('shapes', strange),
  loadPredictor: () => loadPredictor(new Uint8Array(), strange),
  pictureToInput: () =>
    pictureToInput(
      { width: 1, height: 1, channels: 1, data: new Uint8Array(1) },
      { shape: [1, 1, 1], channels: 'grey', resize: 'stretch' },
      strange,
    ),
  filterPlane: () => filterPlane(plane, plane, strange),
  maxPooling2d: () => maxPooling2d(strange),
}

async function optionsOf(name: keyof typeof library): Promise<readonly string[]> {
  const problems = await Promise.resolve()
    .then(library[name] as () => unknown)
    .then(
      () => [],
      error =>
        problemsOf(() => {
          throw error
        }),
    )
  const refused = problems.find(({ what }) => what.includes('"zzzz"'))
  expect(refused, name).toBeDefined()
  return refused!.expected!.split(', ')
}

const camelCase = (option: string): string => option.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

let commands: readonly Command[]
beforeAll(async () => {
  commands = await Promise.all(verbs.map(verb => verb.load()))
})

describe('options', () => {
  test('stand in the table, each with one kind of value', () => {
    const found = new Map<string, Set<string>>()
    for (const { options } of commands) {
      for (const [name, { value = '' }] of Object.entries(options))
        found.set(name, (found.get(name) ?? new Set()).add(value))
    }
    expect([...found.keys()].sort()).toEqual(Object.keys(table).sort())
    for (const [name, values] of found) {
      // A report is one file, an explanation a file or a folder; a place has as many numbers as what it is in.
      const one = name === 'out' ? ['DIR'] : [...values].map(value => value.replace(/^ROW,COLUMN.*/, 'ROW,COLUMN…'))
      expect([...new Set(one)], name).toEqual([table[name]![0]])
    }
  })

  test('are called the same in the library', async () => {
    for (const name of Object.keys(library) as (keyof typeof library)[]) {
      const rows = Object.entries(table).filter(([, [, ...functions]]) => functions.includes(name))
      expect(rows.length, name).toBeGreaterThan(0)
      expect(await optionsOf(name), name).toEqual(expect.arrayContaining(rows.map(([option]) => camelCase(option))))
    }
  })

  test('of train are all that runRecipe and loadDataset take, but objects', async () => {
    const { options } = commands.find(({ name }) => name === 'train')!
    const words = Object.keys(options).map(camelCase)
    for (const name of ['runRecipe', 'loadDataset'] as const) {
      const own = (await optionsOf(name)).filter(option => !objects.includes(option))
      expect(words).toEqual(expect.arrayContaining(own))
    }
  })
})

describe('another word for an option', () => {
  test.each(Object.entries(otherWords))('--%s is told --%s', (word, called) => {
    const [option = ''] = called.split(' ')
    const having = commands.filter(({ options }) => Object.hasOwn(options, option))
    expect(having.length).toBeGreaterThan(0)
    for (const { options } of having) {
      expect(Object.hasOwn(options, word)).toBe(false)
      const [problem] = problemsOf(() => parseOptions([`--${word}`, '3'], options))
      expect(problem).toEqual({ what: `--${word} is called --${called}.`, fix: `Write --${called}.` })
    }
  })

  test('the library’s spelling is told the command line’s', () => {
    const { options } = commands.find(({ name }) => name === 'train')!
    for (const [word, called] of [
      ['dataDir', '--data-dir'],
      ['batch_size', '--batch-size'],
      ['runDir', '--out'],
    ]) {
      const [problem] = problemsOf(() => parseOptions([`--${word}`, 'x'], options))
      expect(problem!.what).toBe(`--${word} is called ${called}.`)
    }
  })

  test('where the verb has nothing of that meaning, it is unknown', () => {
    const { options } = commands.find(({ name }) => name === 'recipes')!
    expect(() => parseOptions(['--samples', '3'], options)).toThrow(/no option --samples/)
  })
})
