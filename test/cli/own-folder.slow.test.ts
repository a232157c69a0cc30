/** Own pictures at the command line: a folder in, a classifier out. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writePng } from '../../packages/fovea/src/index.ts'
import type { RecipeConfig } from '../../packages/fovea/src/recipes/recipe.ts'
import { callFovea } from './fovea-call.testing.ts'

let folder: string
let photos: string
const cache = process.env['FOVEA_CACHE']

/** Light above or light below, on a size of its own, with spots elsewhere in each: no two are taken for copies. */
async function draw(file: string, isAbove: boolean, seed: number): Promise<void> {
  const [width, height] = [20 + (seed % 7), 16]
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const row = Math.floor(at / (3 * width))
    const column = Math.floor(at / 3) % width
    const spot = ((Math.floor(row / 4) * 7 + Math.floor(column / 5) * 3 + seed * 5) % 11) * 9
    return (row < height / 2 === isAbove ? 150 : 20) + (seed % 3 === at % 3 ? spot : 0) + ((spot * seed) % 13)
  })
  await writePng(file, { width, height, channels: 3, data })
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-own-folder-'))
  process.env['FOVEA_CACHE'] = join(folder, 'cache')
  photos = join(folder, 'my photos')
  for (let index = 0; index < 40; index++)
    await draw(join(photos, index % 2 === 0 ? 'above' : 'below', `${index}.png`), index % 2 === 0, index)
  writeFileSync(join(photos, 'above', 'damaged.png'), 'no picture')
  mkdirSync(join(photos, 'empty'))
})
afterAll(() => {
  if (cache === undefined) delete process.env['FOVEA_CACHE']
  else process.env['FOVEA_CACHE'] = cache
  rmSync(folder, { recursive: true })
})

const train = async (out: string, ...words: readonly string[]) => {
  const call = await callFovea([
    'train',
    photos,
    '--size',
    '16',
    '--epochs',
    '2',
    '--out',
    join(folder, out),
    '--json',
    ...words,
  ])
  expect(call.stderr).toContain('damaged.png')
  expect(call.code).toBe(0)
  return JSON.parse(call.stdout) as { weightsSha256: string; test: { accuracy: number }; recipe: string }
}

test('a folder trains, with the same bits from its files and from the cache, on one thread and on two', async () => {
  const first = await train('one', '--threads', '1')
  expect(first.recipe).toBe('my photos')
  const second = await train('two', '--threads', '2')
  expect(second.weightsSha256).toBe(first.weightsSha256)
  expect((await train('other', '--seed', '2')).weightsSha256).not.toBe(first.weightsSha256)

  const pictures = JSON.parse(readFileSync(join(folder, 'one', 'pictures.json'), 'utf8'))
  const files = Object.values(pictures.parts as Record<string, { files: string[] }>).flatMap(part => part.files)
  expect(new Set(files).size).toBe(40)
  expect(Object.keys(pictures.parts)).toContain('test')

  // What it was tested on is measured again, and another folder of the same classes.
  const again = JSON.parse((await callFovea(['evaluate', join(folder, 'one'), '--json'])).stdout)
  expect(again.accuracy).toBeCloseTo(first.test.accuracy, 6)
  const whole = JSON.parse((await callFovea(['evaluate', join(folder, 'one'), '--dataset', photos, '--json'])).stdout)
  expect(whole.samples).toBe(40)
})

test('a run of own pictures is trained again from its directory, and described', async () => {
  const again = await callFovea(['train', join(folder, 'one'), '--out', join(folder, 'again'), '--json'])
  const [one, two] = ['one', 'again'].map(name => JSON.parse(readFileSync(join(folder, name, 'result.json'), 'utf8')))
  expect(again.code).toBe(0)
  expect(two.weightsSha256).toBe(one.weightsSha256)
  const told = await callFovea(['data', photos])
  expect(told.stdout).toMatch(/my photos, your own pictures[\s\S]*above[\s\S]*below/)
})

test('options that choose a recipe have no effect on one that is named', async () => {
  const call = await callFovea([
    'train',
    'shapes-mlp',
    '--size',
    '16',
    '--limit',
    '32',
    '--epochs',
    '1',
    '--out',
    join(folder, 'shapes'),
  ])
  expect(call.stderr).toContain('--size has no effect here')
})

test('a folder begins with a trained network, and is decoded in the size which that takes', async () => {
  const out = join(folder, 'begun')
  const from = ['--from', join(folder, 'one')]
  const call = await callFovea(['train', photos, ...from, '--epochs', '1', '--threads', '1', '--out', out, '--json'])
  expect(call.stderr).toMatch(/Begins with .*one.*: the head alone for \d+ epochs, then all layers for 1/)
  expect(call.code).toBe(0)
  expect(JSON.parse(call.stdout)).toMatchObject({ recipe: 'my photos-transfer', epochs: 1 })
  const [first] = readFileSync(join(out, 'run.jsonl'), 'utf8').split('\n')
  const { preprocess, from: begun } = (JSON.parse(first!) as { recipe: RecipeConfig }).recipe
  expect(preprocess.shape).toEqual([16, 16, 3])
  expect(begun!.weightsSha256).toHaveLength(64)
  const both = await callFovea(['train', photos, ...from, '--size', '32'])
  expect(both.stderr).toContain('--from and --size exclude each other')
})
