/**
 * A user draws digits, saves them as pictures and asks `fovea predict`, or draws them in the box of a page opened from disk: most are
 * right. Needs MNIST (FOVEA_DATA); the page needs Chromium.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PredictDocument } from '../../packages/cli/src/command/predict-documents.ts'
import { liveSection } from '../../packages/cli/src/report/live.ts'
import { liveModel } from '../../packages/cli/src/verbs/live-model.ts'
import { savedModel } from '../../packages/cli/src/verbs/saved-model.ts'
import { pngBytes } from '../../packages/pictures/src/png-bytes.testing.ts'
import { ensureBuilt, fovea } from '../cli/fovea-process.testing.ts'
import { hasChromium, launchChromium } from '../package/chromium.testing.ts'
import { openLivePage } from '../report/live-page.testing.ts'
import { drawDigits, side } from './draw.testing.ts'

const dataFolder = process.env['FOVEA_DATA']
const noBrowser = !hasChromium && !process.env['FOVEA_REQUIRE_BROWSER']

describe.skipIf(!dataFolder)('mnist-cnn-course, trained for two epochs (skipped without FOVEA_DATA)', () => {
  const drawn = drawDigits()
  let folder: string
  const fileOf = (name: string): string => join(folder, 'digits', `${name}.png`)

  beforeAll(async () => {
    ensureBuilt()
    folder = mkdtempSync(join(tmpdir(), 'fovea-drawn-'))
    mkdirSync(join(folder, 'digits'))
    for (const { name, picture } of drawn) writeFileSync(fileOf(name), pngBytes(picture))
    const trained = await fovea(['train', 'mnist-cnn-course', '--epochs', '2', '--out', 'run', '--quiet'], {
      cwd: folder,
      env: { FOVEA_DATA: dataFolder! },
    })
    expect(trained).toMatchObject({ code: 0, stderr: '' })
  }, 900_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function predictionsOf(files: readonly string[]): Promise<PredictDocument['predictions']> {
    const { stdout, code } = await fovea(['predict', 'run', ...files, '--json'], { cwd: folder })
    expect(code).toBe(0)
    return (JSON.parse(stdout) as PredictDocument).predictions
  }

  test('predict gets at least 80 of ninety drawn pictures right', async () => {
    const predictions = await predictionsOf(drawn.map(({ name }) => fileOf(name)))
    expect(predictions.length).toBe(90)
    const right = predictions.filter((prediction, index) => prediction.className === String(drawn[index]!.digit))
    expect(right.length).toBeGreaterThanOrEqual(80)
    expect(predictions.every(({ notes }) => notes.some(note => note.includes('inverted')))).toBe(true)
  })

  describe.skipIf(noBrowser)('in a page opened from disk', () => {
    let browser: Browser
    let live: Awaited<ReturnType<typeof openLivePage>>

    beforeAll(async () => {
      const saved = await savedModel(join(folder, 'run'))
      browser = await launchChromium()
      live = await openLivePage(browser, join(folder, 'page.html'), liveSection(await liveModel(saved, 'run')))
    })
    afterAll(async () => {
      await browser?.close()
    })

    test('at least 80 of ninety digits drawn in its box are right; it reports nothing and asks nothing of a network', async () => {
      const answers: string[] = []
      for (const { strokes, pen } of drawn) {
        await live.draw(strokes, side, pen)
        answers.push(await live.answer())
      }
      expect(
        answers.filter((answer, index) => answer.startsWith(`${drawn[index]!.digit} (`)).length,
      ).toBeGreaterThanOrEqual(80)
      expect(live.incidents).toEqual([])
    })

    test.each(['choose', 'drop'] as const)('%s a picture: the probabilities of predict, and its notes', async way => {
      const files = [4, 44, 84].map(index => fileOf(drawn[index]!.name))
      const predictions = await predictionsOf(files)
      for (const [index, file] of files.entries()) {
        await live[way](file)
        await expect.poll(() => live.notes()).toBe(predictions[index]!.notes.join('; '))
        expect(await live.probabilities()).toEqual(predictions[index]!.probabilities)
      }
      expect(live.incidents).toEqual([])
    })

    test('undo takes the last stroke back, dark strokes on light are read too, maps follow the layer', async () => {
      const { strokes, pen } = drawn.find(({ digit }) => digit === 4)!
      await live.draw(strokes.slice(0, 1), side, pen)
      const first = [await live.probabilities(), await live.shown('#try-input')]
      await live.draw(strokes, side, pen)
      const light = await live.shown('#try-input')
      await live.page.click('#try-dark')
      expect(await live.notes()).toContain('inverted')
      expect(await live.shown('#try-input')).toBe(light)
      await live.page.click('#try-dark')
      const maps = await live.shown('#try-maps')
      await live.page.selectOption('#try-layer', { index: 0 })
      expect(await live.shown('#try-maps')).not.toBe(maps)
      await live.page.click('#try-undo')
      expect([await live.probabilities(), await live.shown('#try-input')]).toEqual(first)
      await live.page.click('#try-clear')
      expect(await live.answer()).toBe('')
    })

    test('a file that is not a picture is refused in words', async () => {
      const file = join(folder, 'letter.png')
      writeFileSync(file, 'Dear reader')
      await live.choose(file)
      await expect.poll(() => live.answer()).toMatch(/^letter\.png cannot be read/)
      expect(live.incidents).toEqual([])
    })
  })
})
