/**
 * The report of a run on own pictures in Chromium, opened from disk: the map shows the picture at the pointer and lists a class, a rectangle
 * and, by keys alone, the pictures around one; without a script it is a still picture. Needs Chromium.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writePng } from '../../packages/fovea/src/index.ts'
import { ensureBuilt, fovea } from '../cli/fovea-process.testing.ts'
import { hasChromium, launchChromium } from '../package/chromium.testing.ts'

const required = process.env['FOVEA_REQUIRE_BROWSER'] === '1'
const classes = ['above', 'below', 'none of both']
const count = 90

let browser: Browser
let cwd = ''
let page: string

beforeAll(async () => {
  await ensureBuilt()
  if (!hasChromium && !required) return
  browser = await launchChromium()
  cwd = mkdtempSync(join(tmpdir(), 'fovea-own-page-'))
  const colour = (row: number, kind: number): number => (kind === 2 ? 90 : row < 12 === (kind === 0) ? 200 : 30)
  for (let index = 0; index < count; index++) {
    const kind = index % 3
    const data = Uint8Array.from({ length: 24 * 24 * 3 }, (_, at) => {
      const noise = Math.imul(at + 1, 2654435761 + 97 * index) >>> 26
      return colour(Math.floor(at / 72), kind) + noise
    })
    // Every tenth lies in the folder of another class.
    const folder = join(cwd, 'photos', classes[(kind + Number(index % 10 === 9)) % 3]!)
    mkdirSync(folder, { recursive: true })
    await writePng(join(folder, `photo ${index}.png`), { width: 24, height: 24, channels: 3, data })
  }
  const words = ['train', 'photos', '--size', '16', '--epochs', '3', '--threads', '1', '--out', 'run']
  const trained = await fovea(words, { cwd, env: { FOVEA_CACHE: join(cwd, 'cache') } })
  expect(trained.code, trained.stderr).toBe(0)
  // The page of the run directory alone.
  const drawn = await fovea(['report', 'run', '--out', 'page.html'], { cwd })
  expect(drawn.code, drawn.stderr).toBe(0)
  page = join(cwd, 'page.html')
}, 300_000)

afterAll(async () => {
  await browser?.close()
  if (cwd !== '') rmSync(cwd, { recursive: true, force: true })
})

async function opened(options: BrowserContextOptions, check: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext(options)
  try {
    const tab = await context.newPage()
    const troubles: string[] = []
    tab.on('pageerror', error => troubles.push(error.message))
    tab.on('request', request => {
      if (/^https?:/.test(request.url())) troubles.push(request.url())
    })
    await tab.goto(pathToFileURL(page).href)
    await check(tab)
    expect(troubles).toEqual([])
  } finally {
    await context.close()
  }
}

describe.skipIf(!hasChromium && !required)('the report of own pictures', () => {
  test('has the map alive: pointer, classes, rectangle, keys', async () => {
    await opened({ viewport: { width: 1280, height: 900 } }, async tab => {
      const map = tab.locator('.map-drawn svg')
      await map.scrollIntoViewIfNeeded()
      const said = tab.locator('.map-said > p[aria-live]')
      await expect.poll(() => said.textContent()).toMatch(/Choose a class/)
      const mark = (await tab.locator('.map-drawn g[data-class] use').first().boundingBox())!
      await tab.mouse.move(mark.x + mark.width / 2, mark.y + mark.height / 2)
      await expect.poll(() => tab.locator('.map-tip').textContent()).toMatch(/photo \d+\.png/)
      expect(await tab.locator('.map-tip i').evaluate(tile => getComputedStyle(tile).backgroundImage)).toMatch(/^url/)

      await tab.locator('.map-classes button').nth(2).click()
      await expect.poll(() => said.textContent()).toMatch(/^none of both: /)
      const listed = Number(/: (\d+) pictures/.exec((await said.textContent())!)![1])
      await expect.poll(() => tab.locator('.map-said li').count()).toBe(listed)
      await expect.poll(() => tab.locator('.map-drawn use:not(.dim)').count()).toBe(listed + classes.length)
      await tab.locator('.map-classes button').nth(2).click()
      await expect.poll(() => said.textContent()).toMatch(/Choose a class/)

      const box = (await map.boundingBox())!
      await tab.mouse.move(box.x + 2, box.y + 2)
      await tab.mouse.down()
      await tab.mouse.move(box.x + box.width - 4, box.y + box.height - 4)
      await tab.mouse.up()
      await expect.poll(() => said.textContent()).toBe(`In the rectangle: ${count} pictures, the first 60`)

      await map.focus()
      await tab.keyboard.press('Escape')
      await expect.poll(() => said.textContent()).toMatch(/Choose a class/)
      await tab.keyboard.press('ArrowLeft')
      const first = await tab.locator('.map-tip').textContent()
      await tab.keyboard.press('ArrowLeft')
      await tab.keyboard.press('ArrowUp')
      await expect.poll(() => tab.locator('.map-tip').textContent()).not.toBe(first)
      await tab.keyboard.press('Enter')
      await expect.poll(() => said.textContent()).toBe('Around this picture: 24 pictures')
    })
  }, 60_000)

  test('is a still picture without a script, and fits a phone and 4,500 pixels', async () => {
    await opened({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } }, async tab => {
      expect(await tab.locator('.map-drawn svg use').count()).toBeGreaterThanOrEqual(count)
      expect(await tab.locator('.map-said').isVisible()).toBe(false)
      expect(await tab.locator('#mislabelled li').count()).toBeGreaterThan(0)
    })
    for (const [width, most] of [
      [1280, 4500],
      [390, 12_000],
    ] as const) {
      await opened({ viewport: { width, height: 844 } }, async tab => {
        const sizes = await tab.evaluate(() => [
          document.documentElement.scrollWidth,
          document.documentElement.scrollHeight,
        ])
        expect(sizes[0]).toBe(width)
        expect(sizes[1]).toBeLessThanOrEqual(most)
      })
    }
  }, 60_000)
})
