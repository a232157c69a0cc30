/** The page of `fovea review` in a user's hands, in Chromium: twenty labels mended, undone, mended again; the log says it. Needs Chromium. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { labelLines, labelsAfter } from '../../packages/fovea/src/run/label-log.ts'
import { readRunLines } from '../../packages/fovea/src/run/run-file.ts'
import { decodeRunPictures } from '../../packages/fovea/src/run/run-pictures.ts'
import { bin, ensureBuilt } from '../cli/fovea-process.testing.ts'
import { hasChromium, launchChromium } from '../package/chromium.testing.ts'
import { makeOwnRun } from './own-run.testing.ts'

const required = process.env['FOVEA_REQUIRE_BROWSER'] === '1'
const each = 120

let browser: Browser
let folder = ''
let run = ''
let address = ''
let server: ReturnType<typeof spawn>

beforeAll(async () => {
  if (!hasChromium && !required) return
  ensureBuilt()
  browser = await launchChromium()
  folder = mkdtempSync(join(tmpdir(), 'fovea-review-page-'))
  ;({ run } = await makeOwnRun(folder, each))
  server = spawn(process.execPath, [bin, 'review', run], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  address = await new Promise<string>(resolve => {
    let text = ''
    server.stdout!.setEncoding('utf8').on('data', written => {
      text += written
      const found = /http:\S+/.exec(text)
      if (found) resolve(found[0])
    })
  })
}, 120_000)

afterAll(async () => {
  server?.kill('SIGINT')
  await browser?.close()
  if (folder !== '') rmSync(folder, { recursive: true })
})

const log = () => labelLines(readRunLines(readFileSync(join(run, 'labels.jsonl'), 'utf8')), 'labels.jsonl')
const pictures = () => decodeRunPictures(readFileSync(join(run, 'pictures.json')), 'pictures.json')
const changed = () => labelsAfter(log(), pictures()).filter(picture => picture.changed)

interface Opening {
  readonly viewport?: { readonly width: number; readonly height: number }
  /** What the browser says meanwhile. */
  readonly said?: readonly string[]
}

async function opened(
  work: (page: Page) => Promise<void>,
  { viewport = { width: 1280, height: 800 }, said = [] }: Opening = {},
): Promise<void> {
  const page = await browser.newPage({ viewport })
  const incidents: string[] = []
  page.on('console', message => incidents.push(message.text()))
  page.on('pageerror', error => incidents.push(error.message))
  page.on('request', request => {
    if (!request.url().startsWith(new URL('/', address).href)) incidents.push(request.url())
  })
  try {
    await page.goto(address)
    await page.waitForSelector('#grid li')
    await work(page)
    expect(incidents).toEqual(said)
  } finally {
    await page.close()
  }
}

const changes = (page: Page, text: string) =>
  page.waitForFunction(wanted => document.getElementById('changes')?.textContent === wanted, text)
const chosen = (page: Page) => page.locator('#grid li[aria-selected=true]').count()

describe.skipIf(!hasChromium && !required)('the page of a review', () => {
  test('mends twenty labels, takes it back, mends them again, and the log says it', async () => {
    await opened(async page => {
      await expect.poll(() => page.locator('#grid li').count()).toBe(200)
      await expect.poll(() => page.textContent('#count')).toBe(`1–200 of ${2 * each}`)
      await page.selectOption('#order', 'name')
      await page.selectOption('#class', { label: 'dark' })
      await page.click('#grid li:nth-child(3)')
      await page.click('#grid li:nth-child(22)', { modifiers: ['Shift'] })
      await expect.poll(() => chosen(page)).toBe(20)
      await page.keyboard.press('2')
      await changes(page, '1 change')
      const mended = changed()
      expect(mended.map(({ file }) => file)).toEqual(
        Array.from({ length: 20 }, (_, index) => `dark/${index + 2}.png`).sort(byPlace),
      )
      expect(mended.every(({ className }) => className === 'light')).toBe(true)
      await expect.poll(() => page.locator('#grid li.changed').count()).toBe(20)

      await page.keyboard.press('Control+z')
      await changes(page, '0 changes')
      expect(changed()).toEqual([])
      await expect.poll(() => page.locator('#grid li.changed').count()).toBe(0)

      await page.click('#grid li:nth-child(3)')
      for (let step = 0; step < 19; step++) await page.keyboard.press('Shift+ArrowRight')
      await expect.poll(() => chosen(page)).toBe(20)
      await page.click('#classes button:nth-child(2)')
      await changes(page, '1 change')
      expect(changed()).toEqual(mended)
    })
    expect(log().map(({ type }) => type)).toEqual(['relabel', 'undo', 'relabel'])
    expect(log().map(line => ('files' in line ? line.files.length : 0))).toEqual([20, 0, 20])
  })

  test('sets aside, uses again and takes back by keys, one picture after the other', async () => {
    await opened(async page => {
      await page.selectOption('#class', { label: 'light' })
      await page.selectOption('#order', 'name')
      await page.keyboard.press('x')
      await changes(page, '2 changes')
      await page.keyboard.press('x')
      await changes(page, '3 changes')
      expect(changed().filter(({ setAside }) => setAside)).toHaveLength(2)
      await expect.poll(() => page.textContent('#counts')).toContain('2 set aside')
      await page.selectOption('#show', 'aside')
      await expect.poll(() => page.locator('#grid li').count()).toBe(2)
      await page.keyboard.press('a')
      await page.keyboard.press('r')
      await changes(page, '4 changes')
      expect(changed().filter(({ setAside }) => setAside)).toHaveLength(0)
      for (const left of ['3 changes', '2 changes', '1 change']) {
        await page.keyboard.press('u')
        await changes(page, left)
      }
    })
    expect(changed()).toHaveLength(20)
  })

  test('turns pages, and asks only for the pictures in view', async () => {
    await opened(async page => {
      const asked = new Set<string>()
      page.on('request', request => asked.add(new URL(request.url()).pathname))
      await page.reload()
      await page.waitForFunction(() => document.querySelector<HTMLImageElement>('#grid img')?.naturalWidth === 40)
      expect(asked.size).toBeLessThan(150)
      const width = async () => (await page.locator('#grid li').first().boundingBox())!.width
      const small = await width()
      await page.locator('#size').fill('18')
      await expect.poll(width).toBeGreaterThan(1.5 * small)
      await page.click('#next')
      await expect.poll(() => page.textContent('#count')).toBe(`201–${2 * each} of ${2 * each}`)
      await expect.poll(() => page.locator('#grid li').count()).toBe(2 * each - 200)
    })
  })

  test('fits a phone: nothing is wider than the screen, and the actions are in view', async () => {
    await opened(
      async page => {
        const width = await page.evaluate(() => document.documentElement.scrollWidth)
        expect(width).toBe(390)
        await page.click('#grid li:nth-child(2)')
        const { y, height } = (await page.locator('#undo').boundingBox())!
        expect(y + height).toBeLessThanOrEqual(844)
        await expect.poll(() => chosen(page)).toBe(1)
      },
      { viewport: { width: 390, height: 844 } },
    )
  })

  test('says that a change is not written when the review has ended', async () => {
    await opened(
      async page => {
        await page.route('**/changes', route => route.abort())
        await page.click('#grid li:nth-child(3)')
        await page.keyboard.press('x')
        await page.waitForSelector('#said.wrong')
        await expect.poll(() => page.textContent('#said')).toContain('not written')
        await expect.poll(() => page.locator('#grid li.aside').count()).toBe(0)
      },
      { said: ['Failed to load resource: net::ERR_FAILED'] },
    )
    expect(changed()).toHaveLength(20)
  })
})

/** In the order of the parts: those to train on first. */
const byPlace = (a: string, b: string): number => {
  const number = (file: string): number => Number(file.match(/\d+/)![0])
  return (number(a) % 2) - (number(b) % 2) || number(a) - number(b)
}
