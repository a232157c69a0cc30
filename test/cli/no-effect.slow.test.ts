/** Options that change nothing in a call are said once, with the reason; where they change something, nothing is said. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { verbs } from '../../packages/cli/src/verbs/verbs.ts'
import { dense, flatten, sequential } from '../../packages/fovea/src/index.ts'
import { encodeModelFile } from '../../packages/fovea/src/store/model-encoder.ts'
import { decodeModelFile } from '../../packages/fovea/src/store/model-file.ts'
import { pngBytes } from '../../packages/pictures/src/png-bytes.testing.ts'
import { callFovea } from './fovea-call.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

let folder: string
const at = (name: string): string => join(folder, name)
const data = process.env['FOVEA_DATA']
const cores = availableParallelism()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-effect-'))
  writeTinyRecipe(folder)
  const grey = { width: 32, height: 32, channels: 3, data: new Uint8Array(32 * 32 * 3).fill(90) } as const
  writeFileSync(at('picture.png'), pngBytes(grey))
  writeFileSync(at('grey.png'), pngBytes({ width: 8, height: 8, channels: 1, data: new Uint8Array(64) }))
  writeFileSync(at('rows.txt'), '1 2 3\n3 4 5\n5 6 7\n')
  const words = ['train', at('tiny.json'), '--limit', '32', '--epochs', '1', '--threads', '1', '--quiet', '--out']
  expect((await callFovea([...words, at('run')])).code).toBe(0)
  const path = join(at('run'), 'best.safetensors')
  const file = decodeModelFile(new Uint8Array(readFileSync(path)), path)
  const stretched = { ...file.preprocess!, resize: 'stretch' }
  writeFileSync(at('stretched.safetensors'), encodeModelFile({ ...file, preprocess: stretched }))
  const digits = sequential([flatten({ inputShape: [28, 28, 1] }), dense({ units: 2, activation: 'softmax' })])
  digits.preprocess = { shape: [28, 28, 1], channels: 'grey', resize: 'contain', digit: { box: 20 } }
  writeFileSync(at('digits.safetensors'), await digits.toBytes())
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const train = 'train ./tiny.json --epochs 1 --quiet --out'
/** A call, the option in it that has no effect, and why. */
const idle: [string, string, RegExp][] = [
  [`${train} ./t1 --limit 32 --threads 1 --data-dir ./`, '--data-dir', /shapes is built in/],
  [`${train} ./t2 --limit 32 --threads ${cores + 1}`, '--threads', /this machine has \d+ cores?/],
  [`${train} ./t4 --limit 32 --size 16`, '--size', /recipe was named/],
  [`${train} ./t5 --limit 32 --fit cover`, '--fit', /recipe was named/],
  [`${train} ./t6 --limit 32 --recipe resnet`, '--recipe', /recipe was named/],
  [`${train} ./t7 --limit 32 --no-mirror`, '--no-mirror', /recipe was named/],
  [`${train} ./t3 --limit 11900`, '--limit', /there are 11900 training pictures/],
  ['train --resume ./run --learning-rate 1', '--learning-rate', /came to its end before/],
  ['train --resume ./run --save-every 1', '--save-every', /came to its end before/],
  ['train --resume ./run --keep-training', '--keep-training', /came to its end before/],
  ['find-lr ./tiny.json --steps 10 --limit 32 --data-dir ./', '--data-dir', /shapes is built in/],
  ['find-lr ./tiny.json --steps 10 --limit 11900', '--limit', /there are 11900 training pictures/],
  [`find-lr ./tiny.json --steps 10 --limit 32 --threads ${cores + 1}`, '--threads', /gains nothing/],
  [
    'sweep ./tiny.json --vary dropout=0 --epochs 1 --limit 32 --threads 1 --data-dir ./ --quiet --out ./s1',
    '--data-dir',
    /shapes is built in/,
  ],
  [
    `sweep ./tiny.json --vary dropout=0 --epochs 1 --limit 32 --threads ${cores + 1} --quiet --out ./s2`,
    '--threads',
    /gains nothing/,
  ],
  [
    'sweep ./tiny.json --vary dropout=0 --epochs 1 --limit 11900 --quiet --out ./s3',
    '--limit',
    /there are 11900 training pictures/,
  ],
  [
    'sweep ./tiny.json --vary dropout=0,0.3 --trials 5 --epochs 1 --limit 32 --threads 1 --quiet --out ./s5',
    '--trials',
    /there are 2 different trials/,
  ],
  ['evaluate ./run --limit 2000', '--limit', /there are 2000 test pictures/],
  ['evaluate ./run --limit 8 --data-dir ./', '--data-dir', /built in/],
  [`evaluate ./run --limit 8 --threads ${cores + 5}`, '--threads', /gains nothing/],
  [`predict ./run ./picture.png --threads ${cores + 5}`, '--threads', /gains nothing/],
  ['predict ./run ./picture.png --no-invert', '--no-invert', /not one of drawn digits/],
  ['predict ./run ./picture.png --raw --no-invert', '--no-invert', /with --raw/],
  ['predict ./stretched.safetensors ./picture.png --raw', '--raw', /no more preprocessing/],
  ['predict ./digits.safetensors ./picture.png --augment', '--augment', /digits are looked at/],
  ['explain ./run ./picture.png --no-invert', '--no-invert', /not one of drawn digits/],
  ['explain ./run ./picture.png --data-dir ./', '--data-dir', /no data set is asked for/],
  ['explain ./run ./picture.png --dataset shapes --limit 2000 --json', '--limit', /2000 test pictures/],
  ['explain ./run ./picture.png --dataset shapes --limit 8 --filter-count 9 --json', '--filter-count', /4 filters/],
  ['explain ./run ./picture.png --dataset shapes --limit 8 --data-dir ./ --json', '--data-dir', /built in/],
  ['shift-test ./run --limit 8 --pixels 1 --degrees 0 --data-dir ./', '--data-dir', /built in/],
  [`shift-test ./run --limit 8 --pixels 1 --degrees 0 --threads ${cores + 1}`, '--threads', /gains nothing/],
  ['compare ./run --numerics fast', '--numerics', /not trained again/],
  ['compare ./run --data-dir ./', '--data-dir', /not trained again/],
  [`compare ./run --threads ${cores + 1}`, '--threads', /gains nothing/],
  ['data shapes --data-dir ./', '--data-dir', /built in/],
  ['data shapes --show --json', '--show', /holds no pictures/],
  ['data shapes --count 3 --json', '--count', /holds no pictures/],
  ['filter ./picture.png --pool max --padding same', '--padding', /nothing is filtered/],
  ['filter ./picture.png --channel each --stride 2', '--stride', /no window/],
  ['filter ./rows.txt --channel red', '--channel', /no colours/],
  ['filter ./rows.txt --channel each', '--channel', /no colours/],
  ['filter ./grey.png --channel red', '--channel', /the picture is grey/],
  ['export ./run --to ./idle.onnx --batch-norm folded', '--batch-norm', /no batch normalization/],
]

/** The same options where they do something. */
const useful = [
  `${train} ./u1 --limit 32 --threads ${cores}`,
  'sweep ./tiny.json --vary dropout=0 --epochs 1 --limit 32 --threads 1 --no-winner --quiet --out ./s4',
  'find-lr ./tiny.json --rates 1e-4..1 --steps 10 --limit 32 --threads 1',
  'evaluate ./run --limit 8 --threads 1',
  'predict ./run ./picture.png --raw --threads 1',
  'predict ./run ./picture.png --augment --threads 1',
  'explain ./run ./picture.png --dataset shapes --limit 8 --filter-count 2 --json',
  'compare ./run --threads 1',
  'data shapes --show --count 2',
  'filter ./picture.png --filter sobel-x --padding valid --stride 2',
  'filter ./picture.png --pool max --stride 2 --pool-size 3',
  'filter ./picture.png --channel red',
  'filter ./picture.png --channel each',
  'summary ./run --formulas',
  'export ./run --to ./run.onnx --layout nchw --input uint8',
]

const wordsOf = (line: string): string[] =>
  line.split(' ').map(word => (word.startsWith('./') ? join(folder, word.slice(2)) : word))
const notesOf = (stderr: string): string[] => stderr.split('\n').filter(line => line.startsWith('Note: '))

describe('an option without effect', () => {
  test.each(idle)('%s: %s', async (line, option, reason) => {
    const { code, stderr } = await callFovea(wordsOf(line))
    expect(code).toBe(0)
    const notes = notesOf(stderr)
    expect(notes).toHaveLength(1)
    expect(notes[0]).toContain(`${option} `)
    expect(notes[0]).toMatch(reason)
  })

  test('is said once for several runs and data sets', async () => {
    const threads = ['--threads', String(cores + 1), '--limit', '32', '--epochs', '1', '--quiet', '--data-dir', folder]
    writeTinyRecipe(folder, { name: 'other' })
    const here = process.cwd()
    try {
      process.chdir(folder)
      const { stderr } = await callFovea(['compare', 'tiny.json', '--without', 'dropout', ...threads])
      expect(notesOf(stderr).filter(note => note.includes('--threads'))).toHaveLength(1)
      expect(notesOf(stderr).filter(note => note.includes('--data-dir'))).toHaveLength(1)
    } finally {
      process.chdir(here)
      writeTinyRecipe(folder)
    }
  })

  test('of speed is said where the engine has no relaxed SIMD', async () => {
    const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
    try {
      const { stderr } = await callFovea(wordsOf(`${train} ./t9 --limit 32 --threads 1 --numerics fast`))
      expect(notesOf(stderr)).toEqual([expect.stringMatching(/--numerics fast has no effect here: .*relaxed SIMD/)])
    } finally {
      validate.mockRestore()
    }
  })

  test.skipIf(!data)('of a data folder is said where the data set lies elsewhere (needs FOVEA_DATA)', async () => {
    vi.stubEnv('FOVEA_CACHE', at('cache'))
    vi.stubEnv('FOVEA_OFFLINE', '')
    try {
      cpSync(join(data!, 'mnist'), join(at('cache'), 'datasets', 'mnist'), { recursive: true })
      const other = await callFovea(['data', 'mnist', '--offline', '--data-dir', at('run')])
      expect(notesOf(other.stderr)).toEqual([
        expect.stringMatching(/--data-dir has no effect.*does not hold mnist.*cache/),
      ])
      const own = await callFovea(['data', 'mnist', '--offline', '--data-dir', data!])
      expect(notesOf(own.stderr)).toEqual([])
    } finally {
      vi.unstubAllEnvs()
    }
  })
})

test.each(useful)('nothing is said of %s', async line => {
  const { code, stderr } = await callFovea(wordsOf(line))
  expect(code).toBe(0)
  expect(notesOf(stderr)).toEqual([])
})

test('every option of every verb was thought of', async () => {
  // Those that always change something, if only what is asked for, printed or promised.
  const always =
    'json quiet help out png resume without with epochs batch-size learning-rate seed offline dataset layer at class formulas filter kernel pool pool-size pixels degrees top min precision shard csv jsonl minutes from freeze keep-classes again then port plan apply undo-apply to layout input rates steps vary no-winner views teacher weights host token-file max-batch max-delay queue timeout max-body poll log'
  const noted = idle.map(([line, option]) => `${line.split(' ')[0]} ${option}`)
  const loaded = await Promise.all(verbs.map(verb => verb.load()))
  const missing = loaded.flatMap(({ name, options }) =>
    Object.keys(options)
      .filter(option => !always.split(' ').includes(option) && !noted.includes(`${name} --${option}`))
      .map(option => `${name} --${option}`),
  )
  expect(missing).toEqual([
    // Tested with another engine above.
    'train --numerics',
    // Refused where nothing is trained.
    'compare --seeds',
    // The whole test set, as in `evaluate`, in eight passes.
    'compare --limit',
    'explain --raw',
    'shift-test --limit',
    // It computes whatever it serves.
    'serve --threads',
  ])
})
