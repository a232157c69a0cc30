/** Models of other kinds than digits tried out in Chromium: two classes and a hundred, colour and grey, 8×8 to 64×64. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveSection } from '../../packages/cli/src/report/live.ts'
import { liveModel } from '../../packages/cli/src/verbs/live-model.ts'
import { predictorOf, type SavedModel } from '../../packages/cli/src/verbs/saved-model.ts'
import { inputRows } from '../../packages/fovea/src/engine/rows.ts'
import { conv2d } from '../../packages/fovea/src/layers/conv.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { globalAveragePooling2d } from '../../packages/fovea/src/layers/pooling.ts'
import { rescaling } from '../../packages/fovea/src/layers/rescaling.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'
import { pictureToInput } from '../../packages/fovea/src/preprocess/input.ts'
import { pngBytes } from '../../packages/pictures/src/png-bytes.testing.ts'
import { ensureBuilt, temporaryFolder } from '../cli/fovea-process.testing.ts'
import { untrained } from '../cli/saved-model.testing.ts'
import { hasChromium, launchChromium } from '../package/chromium.testing.ts'
import { openLivePage } from './live-page.testing.ts'

const noBrowser = !hasChromium && !process.env['FOVEA_REQUIRE_BROWSER']
const picture = {
  width: 90,
  height: 70,
  channels: 3,
  data: Uint8Array.from({ length: 90 * 70 * 3 }, (_, index) => 128 + 120 * Math.sin(index / 40)),
} as const

function network(side: number, channels: number, last: Parameters<typeof dense>[0]) {
  return sequential([
    rescaling({ scale: 1 / 255, inputShape: [side, side, channels] }),
    conv2d({ filters: 12, kernelSize: 3, activation: 'relu' }),
    globalAveragePooling2d(),
    dense(last),
  ])
}

const hundred = Array.from({ length: 100 }, (_, index) => `class ${index}`)
const kinds: readonly (readonly [string, SavedModel])[] = [
  ['two classes, colour, 16×16', untrained(network(16, 3, { units: 1, activation: 'sigmoid' }), ['cat', 'dog'])],
  ['a hundred classes, grey, 8×8', untrained(network(8, 1, { units: 100, activation: 'softmax' }), hundred)],
  ['a hundred classes, colour, 64×64', untrained(network(64, 3, { units: 100, activation: 'softmax' }), hundred)],
]

async function probabilitiesOf(saved: SavedModel): Promise<number[]> {
  const { pixels } = pictureToInput(picture, saved.spec)
  const predictor = predictorOf(saved)
  const rows = inputRows(saved.model, { shape: [1, ...saved.spec.shape], data: pixels })
  const { predictions } = await predictor.predict(rows).finally(() => predictor.dispose())
  const own = Array.from(Object.values(predictions)[0]!)
  return own.length === 1 ? [1 - own[0]!, own[0]!] : own
}

describe.skipIf(noBrowser)('in Chromium', () => {
  let browser: Browser

  beforeAll(async () => {
    ensureBuilt()
    browser = await launchChromium()
  }, 180_000)
  afterAll(() => browser?.close())

  test.each(kinds)('%s: the model’s own probabilities, at most ten of them', async (_, saved) => {
    const folder = temporaryFolder()
    const file = join(folder, 'picture.png')
    writeFileSync(file, pngBytes(picture))
    const live = await openLivePage(browser, join(folder, 'page.html'), liveSection(await liveModel(saved, 'run')))
    expect(await live.page.locator('#try-box').count()).toBe(saved.spec.channels === 'grey' ? 1 : 0)
    await live.choose(file)
    await expect.poll(() => live.answer()).not.toBe('')
    const expected = await probabilitiesOf(saved)
    const shown = expected.length > 10 ? expected.toSorted((a, b) => b - a).slice(0, 10) : expected
    expect(await live.probabilities()).toEqual(shown)
    const winner = saved.classNames[expected.indexOf(Math.max(...expected))]!
    expect(await live.answer()).toContain(`${winner} (`)
    expect(live.incidents).toEqual([])
  })

  test('a model that diverged says so', async () => {
    const [, saved] = kinds[1]!
    const weights = saved.weights.map(weight => ({
      ...weight,
      data: new Float32Array(weight.data.length).fill(Number.NaN),
    }))
    const file = join(temporaryFolder(), 'page.html')
    const live = await openLivePage(browser, file, liveSection(await liveModel({ ...saved, weights }, 'run')))
    await live.page.locator('#try-box').click()
    await expect.poll(() => live.answer()).toMatch(/diverged/)
    expect(live.incidents).toEqual([])
  })

  test('a finger draws too', async () => {
    const [, [, saved]] = kinds as [unknown, (typeof kinds)[number]]
    const file = join(temporaryFolder(), 'page.html')
    const live = await openLivePage(browser, file, liveSection(await liveModel(saved, 'run')), { hasTouch: true })
    await live.page.locator('#try-box').tap()
    await expect.poll(() => live.answer()).toMatch(/^class/)
    expect(live.incidents).toEqual([])
  })
})
