/** What a program trained on pictures of its own, without a test part: the command line looks at it, and says what it cannot do. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generatedSource, loadDataset, runRecipe } from '../../packages/fovea/src/index.ts'
import { recipeToJson } from '../../packages/fovea/src/recipes/recipe-parts.ts'
import { tinyModel, tinyRecipe } from '../../packages/fovea/src/train/tiny-recipe.testing.ts'
import { callFovea } from './fovea-call.testing.ts'

let folder: string
let run: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-own-'))
  run = join(folder, 'run')
  const source = generatedSource({
    shape: [2, 2, 1],
    classNames: ['above', 'below'],
    labels: Uint8Array.from({ length: 40 }, (_, index) => index % 2),
    picture: async index => Uint8Array.from({ length: 4 }, (_, at) => (at >> 1 === index % 2 ? 200 : 20) + (index % 9)),
  })
  const { shape, classNames } = source
  const recipe = tinyRecipe({ dataset: { folder: 'my-pictures' }, model: tinyModel() })
  const { endReason, report } = await runRecipe(
    recipe,
    { name: 'mine', shape, classNames, train: source },
    { out: run, threads: 1 },
  )
  expect([endReason, report.test]).toEqual(['completed', null])
})

afterAll(() => rmSync(folder, { recursive: true }))

test('it is a finished run, and its page leaves out what only a test tells', async () => {
  expect(existsSync(join(run, 'result.json'))).toBe(true)
  const call = await callFovea(['report', run])
  expect(call.code).toBe(0)
  const html = readFileSync(join(run, 'report.html'), 'utf8')
  expect(html).toContain('learned from 32 pictures of my-pictures for 3 epochs; there were no test pictures.')
  expect(html).toContain('my-pictures: 32 train, 8 validation; pictures of 2×2×1 in 2 classes.')
  for (const section of ['confusion', 'calibration', 'predictions']) expect(html).not.toContain(`id="${section}"`)
  const outcome = html.indexOf('<section id="outcome"')
  expect(html.slice(outcome, html.indexOf('</section>', outcome))).not.toMatch(/NaN|undefined/)
  expect((await callFovea(['diagnose', run])).code).toBe(0)
})

test('runs that were not tested are not compared', async () => {
  const call = await callFovea(['compare', run, run])
  expect(call.code).not.toBe(0)
  expect(call.stderr).toContain('cannot be compared: its data set has no test part')
  expect((await callFovea(['report', run, '--out', join(folder, 'page.html')])).code).toBe(0)
})

test.each([
  ['evaluate', /does not lie in its run directory|holds no run|no test/],
  ['shift-test', /does not lie in its run directory/],
  ['train', /my-pictures cannot be read[\s\S]*no such file or folder/],
])('%s of a run whose pictures only its program knew says so', async (verb, says) => {
  const call = await callFovea([verb, run])
  expect(call.code).not.toBe(0)
  expect(call.stderr).toMatch(says)
})

test('a folder of pictures is no name of a data set: it is said how it is trained on', async () => {
  const photos = join(folder, 'photos')
  for (const name of ['cats', 'dogs']) {
    mkdirSync(join(photos, name), { recursive: true })
    writeFileSync(join(photos, name, '1.JPG'), '')
  }
  const recipe = join(folder, 'recipe.json')
  writeFileSync(recipe, JSON.stringify({ ...recipeToJson(tinyRecipe({ model: tinyModel() })), dataset: photos }))
  const call = await callFovea(['train', recipe])
  expect(call.code).not.toBe(0)
  expect(call.stderr).toContain(`${photos} is a folder of pictures`)
  expect(call.stderr).toMatch(/subfolders cats, dogs[\s\S]*fovea train FOLDER/)
  for (const words of [
    ['train', photos],
    ['data', photos],
  ])
    expect((await callFovea(words)).stderr).toMatch(/None of the pictures of .*photos can be read/)
  await expect(loadDataset(photos)).rejects.toThrow(/is a folder of pictures[\s\S]*jobs\.md/)
  await expect(loadDataset(join(folder, 'nowhere'))).rejects.toThrow(/no data set called/)
})
