/** The report in a real browser, opened from disk: light, dark and on a phone; no error, no request, nothing cut off. Needs Chromium. */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt, fovea, temporaryFolder } from '../cli/fovea-process.testing.ts'
import { writeTinyRecipe } from '../cli/tiny-recipe.testing.ts'
import { hasChromium, launchChromium } from '../package/chromium.testing.ts'

const dataFolder = process.env['FOVEA_DATA']
const required = process.env['FOVEA_REQUIRE_BROWSER'] === '1'

let browser: Browser

beforeAll(async () => {
  await ensureBuilt()
  if (hasChromium || required) browser = await launchChromium()
}, 180_000)

afterAll(() => browser?.close())

const views = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1200, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1200, height: 900 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
] as const

/** Opens the file in every view and checks what must hold of any report. */
async function checkPage(path: string, more: (page: Page) => Promise<void> = async () => {}): Promise<void> {
  for (const { name, ...view } of views) {
    const context = await browser.newContext(view)
    try {
      const page = await context.newPage()
      const troubles: string[] = []
      page.on('console', message => {
        if (['error', 'warning'].includes(message.type())) troubles.push(`${name}: ${message.text()}`)
      })
      page.on('pageerror', error => troubles.push(`${name}: ${error.message}`))
      page.on('request', request => {
        const url = request.url()
        if (!url.startsWith('data:') && !url.startsWith('blob:') && url !== pathToFileURL(path).href)
          troubles.push(`${name}: request of ${url}`)
      })
      await page.goto(pathToFileURL(path).href)
      await page.evaluate(() => document.fonts.ready)
      expect(troubles).toEqual([])
      expect(await widerThanPage(page), name).toEqual([])
      expect(await withoutText(page), name).toEqual([])
      await more(page)
      expect(troubles).toEqual([])
    } finally {
      await context.close()
    }
  }
}

/** Elements that stick out at the right, where the page itself would have to be scrolled sideways. */
function widerThanPage(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth
    if (!wide) return []
    return [...document.querySelectorAll('main *')]
      .filter(element => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .map(element => `${element.tagName} ${element.id || element.className}`.slice(0, 80))
      .slice(0, 5)
  })
}

/** Figures and pictures that say nothing to those who cannot see them. */
function withoutText(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('figure svg, img, canvas')]
      .filter(element => (element.getAttribute('aria-label') ?? element.getAttribute('alt') ?? '').trim() === '')
      .map(element => element.outerHTML.slice(0, 80)),
  )
}

/** The largest mistake is open; another cell opens its pictures instead and closes them again, by keyboard alone. */
async function openCell(page: Page): Promise<void> {
  const open = page.locator('.cell:visible')
  const first = (await open.getAttribute('id'))!
  expect(await open.getAttribute('class')).toBe('cell first')
  const marked = () =>
    page
      .locator('#confusion svg a[aria-current]')
      .evaluateAll(all => all.map(link => (link as unknown as SVGAElement).href.baseVal))
  await expect.poll(marked).toEqual([`#${first}`])
  await page.locator(`#confusion svg a:not([*|href="#${first}"])`).first().focus()
  await page.keyboard.press('Enter')
  // What a key does is seen a moment later.
  const tile = page.locator('.cell:target i').first()
  await tile.waitFor()
  await expect.poll(() => open.count()).toBe(1)
  const opened = await open.getAttribute('id')
  await expect.poll(marked).toEqual([`#${opened}`])
  expect(await tile.evaluate(element => getComputedStyle(element).backgroundImage)).toMatch(
    /^url\("data:image\/\w+;base64,/,
  )
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect.poll(() => tile.count()).toBe(0)
  await expect.poll(() => open.getAttribute('id')).toBe(first)
}

describe.skipIf(!hasChromium && !required)('in Chromium', () => {
  test('the page of one run and the page of two', async () => {
    const cwd = temporaryFolder()
    writeTinyRecipe(cwd)
    const short = ['--limit', '200', '--threads', '1']
    expect(await fovea(['train', 'tiny.json', ...short, '--out', 'first'], { cwd })).toMatchObject({ code: 0 })
    expect(await fovea(['compare', 'first', 'tiny.json', ...short, '--seed', '2'], { cwd })).toMatchObject({ code: 0 })
    await checkPage(join(cwd, 'first', 'report.html'), openCell)
    await checkPage(join(cwd, 'runs', 'tiny-2-1', 'comparison.html'))
  })

  test.skipIf(!dataFolder)('the page of a CIFAR-10 run has at most 3 MB (skipped without FOVEA_DATA)', async () => {
    const cwd = temporaryFolder()
    const env = { FOVEA_DATA: dataFolder! }
    const words = ['train', 'cifar10-cnn', '--epochs', '1', '--limit', '4000', '--out', 'run']
    expect(await fovea(words, { cwd, env })).toMatchObject({ code: 0 })
    expect(statSync(join(cwd, 'run', 'report.html')).size).toBeLessThan(3_000_000)
    await checkPage(join(cwd, 'run', 'report.html'))
  })
})
