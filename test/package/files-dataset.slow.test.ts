/**
 * A folder that somebody chooses in a page, from the input element to a trained model: pictures as Node has them, what cannot be read
 * listed, and the page alive meanwhile.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Picture, pictureToInput } from '../../packages/fovea/src/index.ts'
import { writePng } from '../../packages/pictures/src/pictures.ts'
import { root } from '../source-files.testing.ts'
import { hasChromium, launchChromium } from './chromium.testing.ts'
import { serveFolder } from './static-server.testing.ts'

interface Report {
  readonly classNames: readonly string[]
  readonly counts: readonly number[]
  readonly names: readonly string[]
  readonly firstPixels: readonly number[]
  readonly skipped: readonly { readonly path: string; readonly reason: string }[]
  readonly accuracy: number
  readonly best: string
  readonly ticks: number
  readonly decodedInPage: number
  readonly refused: string
}

const program = `
import { datasetFromFiles, dense, flatten, rescaling, sequential } from ${JSON.stringify(join(root, 'packages/fovea/src/browser.ts'))}
const input = document.querySelector('input')
let decoded = 0
const decode = createImageBitmap
globalThis.createImageBitmap = (...words) => (decoded++, decode(...words))
input.addEventListener('change', async () => {
  let ticks = 0
  const ticking = setInterval(() => ticks++, 1)
  const { dataset, skipped } = await datasetFromFiles(input.files, { shape: [16, 16, 3] })
  clearInterval(ticking)
  const decodedInPage = decoded
  const model = sequential([
    rescaling({ scale: 1 / 127.5, offset: -1, inputShape: [16, 16, 3] }), flatten(),
    dense({ units: 2, activation: 'softmax' }),
  ])
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  await model.fit(dataset, { epochs: 40, batchSize: 8, verbose: 0 })
  const { accuracy } = await model.evaluate(dataset.train)
  const [answer] = await model.classify([...input.files].find(({ name }) => name === '0.png'))
  const { classNames, train, validation } = dataset
  const refused = await datasetFromFiles([], { shape: [16, 16, 3] }).catch(error => error.message)
  globalThis.report = {
    classNames, counts: [train.count, validation?.count ?? 0], names: train.names, skipped, accuracy, best: answer.className, ticks, refused, decodedInPage,
    firstPixels: [...train.images.subarray(0, 768)],
  }
})
`

describe.skipIf(!hasChromium && !process.env['FOVEA_REQUIRE_BROWSER'])('a folder chosen in a page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-chosen-'))
  /** Uneven pictures, dark ones and light ones in turn. */
  const pictures = Array.from({ length: 40 }, (_, number): Picture => {
    const level = number % 2 === 0 ? 60 : 160
    const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, at) => level + ((at * (number + 3)) % 61))
    return { width: 40, height: 30, channels: 3, data }
  })
  const pathOf = (number: number): string => `${number % 2 === 0 ? 'dark' : 'light'}/${number}.png`
  let report: Report

  beforeAll(async () => {
    const place = join(folder, 'my shapes 🦊')
    for (const [number, picture] of pictures.entries()) await writePng(join(place, pathOf(number)), picture)
    writeFileSync(join(place, 'notes.txt'), 'mine')
    writeFileSync(join(place, 'light', 'torn.png'), Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0))
    mkdirSync(join(place, '.hidden'))
    writeFileSync(join(place, '.hidden', 'a.png'), 'x')

    const page = join(folder, 'page.js')
    writeFileSync(page, program)
    writeFileSync(
      join(folder, 'index.html'),
      '<!doctype html><input type="file" webkitdirectory multiple><script type="module" src="built/page.js"></script>',
    )
    const bundle = await rolldown({ input: page, platform: 'browser' })
    await bundle.write({ dir: join(folder, 'built'), format: 'esm' })
    const server = await serveFolder(folder)
    const browser = await launchChromium()
    try {
      const tab = await browser.newPage()
      await tab.goto(server.url)
      await tab.setInputFiles('input', place)
      await tab.waitForFunction(() => 'report' in globalThis, undefined, { timeout: 60_000 })
      report = (await tab.evaluate(() => (globalThis as { report?: unknown }).report)) as Report
    } finally {
      await browser.close()
      await server.close()
    }
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('gives classes, names and the pixels of Node', () => {
    expect(report.classNames).toEqual(['dark', 'light'])
    expect(report.counts).toEqual([40, 0])
    expect(report.names.slice(0, 3)).toEqual(
      ['dark/0.png', 'dark/2.png', 'dark/4.png'].map(name => `my shapes 🦊/${name}`),
    )
    const spec = { shape: [16, 16, 3], channels: 'rgb', resize: 'cover' } as const
    const { pixels } = pictureToInput(pictures[0]!, spec)
    expect(report.firstPixels).toEqual([...pixels])
  })

  test('lists what is no picture', () => {
    expect(report.skipped.map(({ path }) => path.split('/').slice(1).join('/')).sort()).toEqual([
      '.hidden/a.png',
      'light/torn.png',
      'notes.txt',
    ])
    expect(report.skipped.find(({ path }) => path.endsWith('torn.png'))!.reason).toMatch(/^it is a damaged PNG file/)
    expect(report.refused).toMatch(/no files/)
  })

  test('is learned from and asked about, and the page lives on while it is read', () => {
    expect(report.accuracy).toBeGreaterThan(0.8)
    expect(report.best).toBe('dark')
    expect(report.ticks).toBeGreaterThan(0)
    // Only the damaged one, to say what is wrong with it.
    expect(report.decodedInPage).toBe(1)
  })
})
