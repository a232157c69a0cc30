/**
 * A model that somebody chooses in a page: the files of a TensorFlow.js model, an archive of Teachable Machine, a Keras file. What Node reads
 * of them, the page reads too, and gives the same bits.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { zipOf } from '../../packages/formats/src/containers/zip-writer.ts'
import { conv2d, dense, globalAveragePooling2d, loadModel, sequential } from '../../packages/fovea/src/index.ts'
import { root } from '../source-files.testing.ts'
import { hasChromium, launchChromium } from './chromium.testing.ts'
import { serveFolder } from './static-server.testing.ts'

interface Answer {
  readonly files: string
  readonly classNames: readonly string[]
  readonly outputs: readonly number[]
}

/** The sources import each other by the names of the packages. */
const sources = {
  conditionNames: ['fovea-source', 'browser', 'import', 'default'],
  modules: [join(root, 'node_modules')],
}

const program = `
import { modelFormats } from ${JSON.stringify(join(root, 'packages/formats/src/index.ts'))}
import { addModelFormats, loadModel } from ${JSON.stringify(join(root, 'packages/fovea/src/browser.ts'))}
addModelFormats(...modelFormats)
const input = document.querySelector('input')
globalThis.answers = []
input.addEventListener('change', async () => {
  const files = [...input.files].map(({ name }) => name).sort().join()
  try {
    const model = await loadModel([...input.files])
    const data = Float32Array.from({ length: 192 }, (_, at) => (at * 37) % 256)
    const { data: outputs } = await model.predict({ data, shape: [1, 8, 8, 3] })
    globalThis.answers.push({ files, classNames: model.classNames ?? [], outputs: [...outputs] })
  } catch (error) {
    globalThis.answers.push({ files, classNames: [error.message], outputs: [] })
  }
})
`

describe.skipIf(!hasChromium && !process.env['FOVEA_REQUIRE_BROWSER'])('a model chosen in a page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-chosen-model-'))
  const choices: string[][] = []
  let answers: readonly Answer[]

  beforeAll(async () => {
    const place = join(folder, 'models')
    mkdirSync(place)
    const model = sequential([
      conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 3] }),
      globalAveragePooling2d(),
      dense({ units: 2, activation: 'softmax' }),
    ])
    model.classNames = ['cat', 'owl']
    await model.save(join(place, 'model.json'))
    await model.save(join(place, 'model.keras'))
    const labels = new TextEncoder().encode(JSON.stringify({ tmVersion: '2.4.4', labels: ['x', 'y'] }))
    // Without Fovea's own words, as others write it.
    const { userDefinedMetadata: _, ...json } = JSON.parse(readFileSync(join(place, 'model.json'), 'utf8'))
    const name: string = json.weightsManifest[0].paths[0]
    const shard = join(place, name)
    const members = { 'model.json': new TextEncoder().encode(JSON.stringify(json)), [name]: readFileSync(shard) }
    writeFileSync(join(place, 'taught.zip'), await zipOf({ ...members, 'metadata.json': labels }))
    choices.push(
      [shard, join(place, 'model.json')],
      [join(place, 'model.keras')],
      [join(place, 'taught.zip')],
      [join(place, 'model.json')],
    )
    const page = join(folder, 'page.js')
    writeFileSync(page, program)
    writeFileSync(
      join(folder, 'index.html'),
      '<!doctype html><input type="file" multiple><script type="module" src="built/page.js"></script>',
    )
    // Packages are found from here.
    const bundle = await rolldown({ input: page, platform: 'browser', resolve: sources, logLevel: 'silent' })
    await bundle.write({ dir: join(folder, 'built'), format: 'esm' })
    const server = await serveFolder(folder)
    const browser = await launchChromium()
    try {
      const tab = await browser.newPage()
      await tab.goto(server.url)
      for (const [at, files] of choices.entries()) {
        await tab.setInputFiles('input', files)
        await tab.waitForFunction(count => (globalThis as unknown as { answers: unknown[] }).answers.length > count, at)
      }
      answers = await tab.evaluate(() => (globalThis as unknown as { answers: Answer[] }).answers)
    } finally {
      await browser.close()
      await server.close()
    }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each([0, 1, 2])('choice %i is read as in Node', async at => {
    const path = choices[at]!.at(-1)!
    const model = await loadModel(path)
    const data = Float32Array.from({ length: 192 }, (_, index) => (index * 37) % 256)
    const { data: outputs } = await model.predict({ data, shape: [1, 8, 8, 3] })
    expect(answers[at]).toMatchObject({ classNames: model.classNames, outputs: [...outputs] })
    expect(answers[at]!.classNames).toEqual(at === 2 ? ['x', 'y'] : ['cat', 'owl'])
  })

  test('files of weights that were not chosen are named', () => {
    expect(answers[3]!.classNames[0]).toMatch(/missing: group1-shard1of1-\w{8}\.bin/)
  })
})
