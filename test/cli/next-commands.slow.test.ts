/** What a call suggests works: the command is one, its options are, and it finds its inputs. Over every verb, in every state of a run. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseOptions } from '../../packages/cli/src/command/options.ts'
import { verbs } from '../../packages/cli/src/verbs/verbs.ts'
import { keyOf, randomBits } from '../../packages/fovea/src/base/random.ts'
import { generateShapes } from '../../packages/fovea/src/data/shapes.ts'
import { nodeFiles } from '../../packages/fovea/src/host/node/files.ts'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { wasmDevice } from '../../packages/fovea/src/index.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { modelToConfig } from '../../packages/fovea/src/network/config.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'
import { runFiles } from '../../packages/fovea/src/run/run-files.ts'
import { runRecipe } from '../../packages/fovea/src/runner/run-recipe.ts'
import { encodeModelFile } from '../../packages/fovea/src/store/model-encoder.ts'
import { pngBytes } from '../../packages/pictures/src/png-bytes.testing.ts'
import { callFovea } from './fovea-call.testing.ts'
import { tinyRecipe, writeTinyRecipe } from './tiny-recipe.testing.ts'

let folder: string
const at = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-next-'))
  writeTinyRecipe(folder)
  const grey = { width: 32, height: 32, channels: 3, data: new Uint8Array(32 * 32 * 3).fill(90) } as const
  writeFileSync(at('picture.png'), pngBytes(grey))
  writeFileSync(at('rows.txt'), '1 2\n3 4\n')
  writeFileSync(at('history.csv'), 'epoch,loss,val_loss\n0,2.0,2.1\n1,1.5,1.9\n')
  const words = ['train', at('tiny.json'), '--limit', '32', '--epochs', '1', '--threads', '1', '--quiet', '--out']
  expect((await callFovea([...words, at('finished')])).code).toBe(0)

  // A program's own data: the command line cannot open them.
  const own = { ...generateShapes(), name: 'my-photos' }
  const recipe = tinyRecipe({ name: 'mine', dataset: 'my-photos', epochs: 1 })
  const options = { device: wasmDevice(), clock: nodeHost(), files: nodeFiles, limit: 32, threads: 1 }
  await runRecipe(recipe, own, { ...options, out: at('own') })

  writePictures('photos', ['dark', 'light'])
  writePictures('more', ['mixed'])
  const small = ['--size', '16', '--epochs', '1', '--threads', '1', '--quiet', '--out']
  expect((await callFovea(['train', at('photos'), ...small, at('photos-run')])).code).toBe(0)

  mkdirSync(at('story'))
  copyFileSync(join(at('finished'), runFiles.events), join(at('story'), runFiles.events))
  mkdirSync(at('begun'))
  for (const name of [runFiles.events, runFiles.checkpoint])
    copyFileSync(join(at('finished'), name), join(at('begun'), name))

  const rows = sequential([dense({ units: 3, inputShape: [4] })])
  writeFileSync(at('rows-model.json'), JSON.stringify(modelToConfig(rows)))
  const values = initialWeights(rows, 1)
  const weights = rows.weights.map(({ name, shape }) => ({ name, shape, data: values[name]! }))
  writeFileSync(
    at('rows-model.safetensors'),
    encodeModelFile({ model: JSON.parse(JSON.stringify(modelToConfig(rows))), weights }),
  )
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Eight noisy pictures of each class. */
function writePictures(name: string, classes: readonly string[]): void {
  for (const [label, className] of classes.entries()) {
    mkdirSync(join(at(name), className), { recursive: true })
    for (let index = 0; index < 8; index++) {
      const key = keyOf(100 * label + index + 1000 * name.length)
      const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, place) => 100 * label + (randomBits(key, place) % 150))
      writeFileSync(join(at(name), className, `${index}.png`), pngBytes({ width: 16, height: 16, channels: 3, data }))
    }
  }
}

const runs = ['finished', 'own', 'begun', 'story']
const cases: string[] = [
  'recipes',
  'recipes mnist-cnn',
  'summary mnist-cnn',
  'summary googlenet',
  'summary googlenet --formulas',
  'summary ./tiny.json',
  'summary ./rows-model.json',
  'summary ./rows-model.safetensors',
  ...runs.flatMap(run => [
    `summary ./${run}`,
    `diagnose ./${run}`,
    `report ./${run}`,
    `predict ./${run} ./picture.png`,
  ]),
  ...runs.flatMap(run => [`explain ./${run} ./picture.png`, `explain ./${run} ./picture.png --out ./page.html`]),
  ...runs.map(run => `evaluate ./${run} --limit 8 --threads 1`),
  'evaluate ./own --dataset shapes --limit 8 --threads 1',
  'shift-test ./own --dataset shapes --limit 8 --threads 1 --pixels 1 --degrees 0',
  'report ./finished ./own',
  'compare ./finished --threads 1',
  'compare ./own --threads 1',
  'review ./finished',
  'inspect ./finished',
  'inspect ./rows-model.safetensors',
  'export ./finished --to ./exported.onnx',
  'export ./finished --to ./exported.js',
  'serve ./finished --port 0 --threads 1 --log none',
  'diagnose ./history.csv',
  'filter ./picture.png',
  'filter ./rows.txt',
  'filter ./rows.txt --pool max',
  'train ./tiny.json --limit 32 --epochs 1 --threads 1 --out ./trained',
  'train --again ./photos-run --threads 1 --out ./again',
  'train ./photos-run --then ./more --threads 1 --out ./then',
  'sweep ./tiny.json --vary dropout=0,0.3 --epochs 1 --limit 32 --threads 1 --out ./swept',
  'sweep ./tiny.json --vary dropout=0 --epochs 1 --limit 32 --threads 1 --no-winner --out ./unfinished',
  'find-lr ./tiny.json --steps 10 --limit 32 --threads 1',
  'data shapes',
  'data shapes --show',
  'doctor',
  'help',
  ...verbs.map(({ name }) => `help ${name}`),
]

/** The command, run: training, and pictures the user is to bring, with what stands for them here. */
async function follow(next: readonly string[]): Promise<void> {
  const [name, ...rest] = next
  const verb = await verbs.find(each => each.name === name)?.load()
  expect(verb, next.join(' ')).toBeDefined()
  const { positionals } = parseOptions(rest, verb!.options)
  const { least, most } = verb!.positional ?? { least: 0, most: 0 }
  expect(positionals.length).toBeGreaterThanOrEqual(least)
  expect(positionals.length).toBeLessThanOrEqual(most)
  if (name === 'train' || name === 'compare') {
    for (const word of positionals) expect((await callFovea(['summary', word])).code, word).toBe(0)
    return
  }
  // It serves a page until it is told to end.
  if (name === 'review') {
    expect((await callFovea(['report', ...positionals])).code, next.join(' ')).toBe(0)
    return
  }
  const words = next.map(word =>
    word === 'your-picture.png' ? at('picture.png') : /^(page.html|classifier.js)$/.test(word) ? at(word) : word,
  )
  const quick = name === 'evaluate' ? ['--limit', '8', '--threads', '1'] : []
  const { code, stderr } = await callFovea([...words, ...quick])
  expect(code, `${words.join(' ')}: ${stderr}`).toBe(0)
}

describe('the next command', () => {
  test.each(cases)('after %s', async line => {
    const words = line.split(' ').map(word => (word.startsWith('./') ? at(word.slice(2)) : word))
    // It serves until it is told to end.
    const onOutput = (written: string, interrupt: () => void): void => {
      if (written.includes('Listening')) interrupt()
    }
    const { code, stdout } = await callFovea(words, { onOutput })
    const next = /^Next: fovea (.*)$/m.exec(stdout)?.[1]
    // A call that fails suggests nothing but what its message says.
    // A history of another program leads to nothing here.
    expect(next === undefined).toBe(code !== 0 || line === 'diagnose ./history.csv')
    if (next !== undefined) await follow(next.split(' '))
  })

  test('every verb is looked at', () => {
    expect(new Set(cases.map(line => line.split(' ')[0]))).toEqual(new Set(verbs.map(({ name }) => name)))
  })

  test('own data are neither evaluated nor trained on by the command line', async () => {
    for (const line of [
      ['diagnose', at('own')],
      ['compare', at('own'), '--threads', '1'],
    ]) {
      const { code, stdout } = await callFovea(line)
      expect(code).toBe(0)
      expect(stdout).toContain(`Next: fovea report ${at('own')}`)
    }
  })
})
