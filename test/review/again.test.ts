/** `fovea train --again RUN`: labels mended in the log are learned, in the parts of the run before, without what was set aside. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'fast-png'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AgainDocument } from '../../packages/cli/src/command/own-pictures-documents.ts'
import { keyOf, uniform } from '../../packages/fovea/src/base/random.ts'
import { recipeToJson } from '../../packages/fovea/src/recipes/recipe-parts.ts'
import { decodeRunPictures, type RunPictures } from '../../packages/fovea/src/run/run-pictures.ts'
import { tinyModel, tinyRecipe } from '../../packages/fovea/src/train/tiny-recipe.testing.ts'
import { callFovea } from '../cli/fovea-call.testing.ts'

const each = 24
let folder: string
const at = (...names: string[]): string => join(folder, ...names)
const own = (...names: string[]): string => at('own', ...names)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-again-'))
  process.env['FOVEA_CACHE'] = at('cache')
  for (const [label, name] of ['dark', 'light'].entries())
    for (let index = 0; index < each; index++) write(name, `${label}-${index}.png`, 40 + 130 * label + index)
  const recipe = tinyRecipe({
    dataset: { folder: own() },
    model: tinyModel(),
    preprocess: { shape: [2, 2, 1], channels: 'grey', resize: 'stretch' },
    validation: { kind: 'given' },
    test: 'last',
    epochs: 8,
  })
  writeFileSync(at('recipe.json'), JSON.stringify(recipeToJson(recipe)))
  const first = await callFovea(['train', at('recipe.json'), '--out', at('run'), '--threads', '1', '--quiet'])
  expect([first.code, first.stderr]).toEqual([0, ''])
}, 60_000)

afterAll(() => {
  delete process.env['FOVEA_CACHE']
  rmSync(folder, { recursive: true })
})

function write(name: string, file: string, level: number): void {
  mkdirSync(own(name), { recursive: true })
  // Squares of 4 × 5 pixels, no two pictures alike: copies would not be parted.
  const square = (pixel: number): number => Math.floor(pixel / 60) * 3 + Math.floor((pixel % 12) / 4)
  const shade = (pixel: number): number => (level < 100 ? 0 : 150) + 100 * uniform(keyOf(level), square(pixel))
  const data = Uint8Array.from({ length: 12 * 10 }, (_, pixel) => shade(pixel))
  writeFileSync(own(name, file), encode({ width: 12, height: 10, channels: 1, data }))
}

const filesOf = (run: string): RunPictures => decodeRunPictures(readFileSync(at(run, 'pictures.json')), 'pictures.json')
const labelsOf = (run: string): Map<string, string> =>
  new Map(
    Object.entries(filesOf(run).parts).flatMap(([part, { files, labels }]) =>
      files.map((file, row) => [file, `${part} ${filesOf(run).classNames[labels[row]!]}`]),
    ),
  )
const log = (run: string, ...lines: readonly object[]): void =>
  appendFileSync(at(run, 'labels.jsonl'), lines.map(line => `${JSON.stringify({ ...line, date: 'today' })}\n`).join(''))
async function again(from: string, to: string, ...options: readonly string[]): Promise<AgainDocument> {
  const words = ['train', '--again', at(from), '--out', at(to), '--threads', '1', '--json', '--quiet', ...options]
  const { code, stdout, stderr } = await callFovea(words)
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as AgainDocument
}

test('mended labels, pictures set aside and new ones are in the next run, in the same parts, and both are compared', async () => {
  const before = labelsOf('run')
  const [train, test] = [filesOf('run').parts.train!.files, filesOf('run').parts.test!.files]
  const [mended, aside] = [[train[0]!, test[0]!], train[1]!]
  const other = (file: string): string => (file.startsWith('dark') ? 'light' : 'dark')
  for (const file of mended) log('run', { type: 'relabel', files: [file], from: [file.split('/')[0]], to: other(file) })
  log('run', { type: 'set-aside', files: [aside] })
  write('dark', 'new.png', 45)
  // A copy of a picture that is held out is held out too.
  const copy = test[1]!.replace('.png', '-copy.png')
  copyFileSync(own(test[1]!), own(copy))

  const { again: told, runDir } = await again('run', 'second')
  expect(runDir).toBe(at('second'))
  expect(told).toMatchObject({ run: at('run'), relabelled: 2, setAside: 1, added: 2, missing: 0 })
  expect(told.compared!.pictures).toBe(test.length + 1)
  expect([told.compared!.before, told.compared!.now].every(share => share >= 0 && share <= 1)).toBe(true)

  const expected = new Map(before)
  expected.delete(aside)
  for (const file of mended) expected.set(file, expected.get(file)!.replace(/\w+$/, other(file)))
  expected.set('dark/new.png', 'train dark')
  expected.set(copy, before.get(test[1]!)!)
  expect(labelsOf('second')).toEqual(expected)
  expect(readFileSync(at('second', 'labels.jsonl'), 'utf8')).toContain(`"file":"${aside}"`)
  // It began where the run before had ended.
  const [first] = readFileSync(at('second', 'run.jsonl'), 'utf8').split('\n')
  expect(JSON.parse(first!).recipe.from.model).toBe(at('run', 'model.safetensors'))

  const third = await again('second', 'third')
  expect(third.again).toMatchObject({ relabelled: 0, setAside: 0, added: 0, missing: 0 })
  expect(labelsOf('third')).toEqual(expected)
}, 60_000)

test('files that a review moved keep their part, for going on, evaluating and resuming', async () => {
  const before = labelsOf('run')
  expect((await callFovea(['review', at('run'), '--apply'])).code).toBe(0)
  const moved = [...before.keys()].filter(file => !existsSync(own(file)))
  expect(moved).toHaveLength(3)
  const { again: told } = await again('run', 'fourth')
  expect(told).toMatchObject({ relabelled: 2, setAside: 1, added: 2, missing: 0 })
  expect(told.compared!.pictures).toBe(filesOf('run').parts.test!.files.length + 1)
  const parts = (run: string): number[] => Object.values(filesOf(run).parts).map(({ files }) => files.length)
  expect(parts('fourth')).toEqual(parts('second'))

  const evaluated = await callFovea(['evaluate', at('run'), '--json', '--quiet', '--threads', '1'])
  expect([evaluated.stderr, JSON.parse(evaluated.stdout).samples]).toEqual([
    '',
    filesOf('run').parts.test!.files.length,
  ])

  // More epochs of a run whose folder has changed: its parts stay.
  write('light', 'later.png', 200)
  const files = labelsOf('fourth')
  const resumed = await callFovea(['train', '--resume', at('fourth'), '--epochs', '9', '--threads', '1', '--quiet'])
  expect([resumed.code, resumed.stderr]).toEqual([0, ''])
  expect(labelsOf('fourth')).toEqual(files)
  expect((await callFovea(['review', at('run'), '--undo-apply'])).code).toBe(0)
}, 60_000)

test('what cannot go on is told', async () => {
  const refused = async (...words: readonly string[]) => (await callFovea(['train', '--again', ...words])).stderr
  expect(await refused(at('run'), 'shapes-cnn')).toMatch(/takes no RECIPE[\s\S]*Leave shapes-cnn out/)
  expect(await refused(at('run'), '--resume', at('run'))).toMatch(/exclude each other/)
  expect(await refused(at('nowhere'))).toMatch(/nowhere holds no run/)
  // A folder that holds what the run knows, and nothing else.
  rmSync(own('light', 'later.png'))
  log('third', { type: 'set-aside', files: [...labelsOf('third').keys()] })
  expect(await refused(at('third'))).toMatch(/No picture of .*third is left to train on/)
})
