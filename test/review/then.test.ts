/** `fovea train RUN --then PICTURES`: old pictures stay in their parts, new ones are parted by the same rule, new classes get rows. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { encode } from 'fast-png'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ThenDocument } from '../../packages/cli/src/command/own-pictures-documents.ts'
import { keyOf, uniform } from '../../packages/fovea/src/base/random.ts'
import { recipeToJson } from '../../packages/fovea/src/recipes/recipe-parts.ts'
import { decodeRunPictures, type RunPictures } from '../../packages/fovea/src/run/run-pictures.ts'
import { tinyModel, tinyRecipe } from '../../packages/fovea/src/train/tiny-recipe.testing.ts'
import { callFovea } from '../cli/fovea-call.testing.ts'

let folder: string
const at = (...names: string[]): string => join(folder, ...names)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-then-'))
  process.env['FOVEA_CACHE'] = at('cache')
  for (let index = 0; index < 24; index++) {
    write('own/dark', `${index}.png`, 40 + index)
    write('own/light', `${index}.png`, 170 + index)
  }
  const recipe = tinyRecipe({
    name: 'squares',
    dataset: { folder: at('own') },
    model: tinyModel(),
    augmentation: [{ type: 'RandomFlip', config: { mode: 'horizontal' } }],
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

/** Squares of 4 × 5 pixels, no two pictures alike: copies would not be parted. */
function write(place: string, file: string, level: number): void {
  mkdirSync(at(place), { recursive: true })
  const square = (pixel: number): number => Math.floor(pixel / 60) * 3 + Math.floor((pixel % 12) / 4)
  const shade = (pixel: number): number => (level < 100 ? 0 : 150) + 100 * uniform(keyOf(level), square(pixel))
  const data = Uint8Array.from({ length: 12 * 10 }, (_, pixel) => shade(pixel))
  writeFileSync(at(place, file), encode({ width: 12, height: 10, channels: 1, data }))
}

const filesOf = (run: string): RunPictures => decodeRunPictures(readFileSync(at(run, 'pictures.json')), 'pictures.json')
/** `train dark` by file, as seen from the folder of everything. */
const labelsOf = (run: string, root: string): Map<string, string> =>
  new Map(
    Object.entries(filesOf(run).parts).flatMap(([part, { files, labels }]) =>
      files.map((file, row) => [
        relative(folder, join(root, file)),
        `${part} ${filesOf(run).classNames[labels[row]!]}`,
      ]),
    ),
  )
const recordOf = (run: string): { readonly model: { readonly layers: readonly { readonly type: string }[] } } =>
  JSON.parse(readFileSync(at(run, 'run.jsonl'), 'utf8').split('\n', 1)[0]!).recipe
const trained = async (...words: readonly string[]): Promise<ThenDocument> => {
  const { code, stdout, stderr } = await callFovea(['train', ...words, '--threads', '1', '--json', '--quiet'])
  expect([code, stderr.replaceAll(/^Note: .*copies of another.*\n/gm, '')]).toEqual([0, ''])
  return JSON.parse(stdout) as ThenDocument
}

test('pictures of a known class and of a new one join those of the run, and the run is one like any other', async () => {
  for (let index = 0; index < 20; index++) {
    write('more/mixed', `${index}, "${index}".png`, 110 + index)
    write('more/dark', `new ${index}.png`, 70 + index)
  }
  const before = labelsOf('run', at('own'))
  const [held, gone] = [filesOf('run').parts.test!.files[0]!, filesOf('run').parts.train!.files[0]!]
  // A copy of a picture that is held out is held out too, whatever is drawn.
  copyFileSync(at('own', held), at('more', held.split('/')[0]!, 'copy.png'))
  rmSync(at('own', gone))

  // Named as seen from here, as people do.
  const out = relative(process.cwd(), at('second'))
  const report = await trained(at('run'), '--then', at('more'), '--out', out)
  expect(report.then).toMatchObject({ run: at('run'), added: 41, newClasses: ['mixed'], missing: 1 })
  expect(report.recipe).toBe('squares-then')
  const now = labelsOf('second', at('second'))
  for (const [file, said] of before) {
    if (file !== gone)
      expect([file, now.get(`own/${file.slice(4)}`)]).toEqual([file, file === `own/${gone}` ? undefined : said])
  }
  expect(now.get(`more/${held.split('/')[0]}/copy.png`)).toBe(before.get(`own/${held}`))
  const fresh = [...now].filter(([file]) => file.startsWith('more/'))
  const count = (said: string): number => fresh.filter(([, each]) => each === said).length
  expect(['train mixed', 'validation mixed', 'test mixed'].map(count)).toEqual([14, 3, 3])
  expect(count('train dark')).toBeGreaterThanOrEqual(13)
  // What was held out before is asked again, beside the new class.
  expect(report.then.compared!.pictures).toBe(filesOf('run').parts.test!.files.length)

  // Its recipe names the joined set: it repeats, and goes on.
  const again = await trained(at('second'), '--out', at('repeated'))
  expect(again.weightsSha256).toBe(report.weightsSha256)
  expect(filesOf('repeated')).toEqual(filesOf('second'))
  const third = await trained('--again', at('second'), '--out', at('third'))
  expect(third).toMatchObject({ again: { added: 0, missing: 0 } })
  const fourth = await trained(at('second'), '--then', at('more'), '--out', at('fourth'))
  expect(fourth.then).toMatchObject({ added: 0, newClasses: [] })
  expect(fourth.recipe).toBe('squares-then')
  // What augments is in the network that was saved, and is not put before it once more.
  const layers = recordOf('fourth').model.layers.map(({ type }) => type)
  expect(layers.filter(type => type === 'RandomFlip')).toHaveLength(1)
  expect(recordOf('fourth')).not.toHaveProperty('augmentation')
}, 60_000)

test('a folder that is no run, and one without pictures, are told', async () => {
  const noRun = await callFovea(['train', at('own'), '--then', at('more')])
  expect([noRun.code, noRun.stderr]).toEqual([1, expect.stringContaining('holds no run')])
  const unnamed = await callFovea(['train', '--then', at('more')])
  expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining('none is named')])
  mkdirSync(at('empty'))
  const empty = await callFovea(['train', at('run'), '--then', at('empty'), '--out', at('fifth')])
  expect([empty.code, empty.stdout]).toEqual([1, ''])
})
