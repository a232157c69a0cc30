/**
 * How the report looks, measured in Chromium: how long it is and what its first screens show, the size of its type on screen and phone,
 * that tables which go on say so, that a printed page is whole and light, and that its figures can be saved. Needs Chromium.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { decode, encode } from 'fast-png'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt, fovea } from '../cli/fovea-process.testing.ts'
import { writeTinyRecipe } from '../cli/tiny-recipe.testing.ts'
import { hasChromium, launchChromium } from '../package/chromium.testing.ts'

const dataFolder = process.env['FOVEA_DATA']
const required = process.env['FOVEA_REQUIRE_BROWSER'] === '1'
const desktop = { width: 1280, height: 800 }
const tablet = { width: 860, height: 1100 }
const phone = { width: 390, height: 844 }

let browser: Browser
let cwd = ''
const pages: Record<string, string> = {}

beforeAll(async () => {
  await ensureBuilt()
  if (!hasChromium && !required) return
  browser = await launchChromium()
  cwd = mkdtempSync(join(tmpdir(), 'fovea-look-'))
  writeTinyRecipe(cwd)
  const data = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => 128 + 120 * Math.sin(at / 40))
  writeFileSync(join(cwd, 'picture.png'), encode({ width: 32, height: 32, channels: 3, data }))
  const calls = [
    ['train', 'tiny.json', '--limit', '400', '--out', 'one'],
    ['train', 'tiny.json', '--limit', '400', '--seed', '2', '--out', 'other'],
    ['report', 'one', 'other', '--out', 'two.html'],
    ['explain', 'one', 'picture.png', '--out', 'explained.html'],
    ...(dataFolder ? [['train', 'mnist-cnn', '--limit', '1000', '--epochs', '2', '--out', 'digits']] : []),
  ]
  for (const words of calls) {
    expect(await fovea(words, { cwd, env: dataFolder ? { FOVEA_DATA: dataFolder } : {} })).toMatchObject({ code: 0 })
  }
  pages['one'] = join(cwd, 'one', 'report.html')
  pages['two'] = join(cwd, 'two.html')
  pages['explained'] = join(cwd, 'explained.html')
  pages['digits'] = join(cwd, 'digits', 'report.html')
}, 300_000)

afterAll(async () => {
  await browser?.close()
  if (cwd !== '') rmSync(cwd, { recursive: true })
})

async function opened<T>(
  name: string,
  options: BrowserContextOptions,
  look: (page: Page) => Promise<T>,
  { isWhole = false } = {},
): Promise<T> {
  const context = await browser.newContext(options)
  try {
    const page = await context.newPage()
    await page.goto(pathToFileURL(pages[name]!).href)
    await page.waitForFunction(() => document.querySelector('.try[hidden]') === null)
    if (isWhole) {
      await page.evaluate(() => {
        for (const each of document.querySelectorAll('details')) each.open = true
      })
    }
    // Two frames: what watches sizes has seen them.
    await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))
    return await look(page)
  } finally {
    await context.close()
  }
}

const heightOf = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollHeight)

/** Lower ends of these parts, in pixels of the page. */
const endsOf = (page: Page, parts: readonly string[]): Promise<number[]> =>
  page.evaluate(ids => ids.map(id => document.getElementById(id)!.getBoundingClientRect().bottom + scrollY), [...parts])

/** Visible writing smaller than 12 pixels as it is seen: its size and its beginning. */
function smallType(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    for (const element of document.querySelectorAll<HTMLElement | SVGElement>('body *')) {
      const own = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE)
      const text = own.map(node => node.textContent!.trim()).join('')
      if (text === '' || ['SCRIPT', 'STYLE', 'title', 'OPTION'].includes(element.tagName)) continue
      if (!element.checkVisibility()) continue
      const scale =
        element instanceof SVGGraphicsElement ? Math.hypot(element.getScreenCTM()!.a, element.getScreenCTM()!.b) : 1
      const size = Number.parseFloat(getComputedStyle(element).fontSize) * scale
      if (size < 11.99) found.push(`${size.toFixed(1)} ${text.slice(0, 30)}`)
    }
    return found
  })
}

describe.skipIf(!hasChromium && !required)('in Chromium', () => {
  const single = ['one', ...(dataFolder ? ['digits'] : [])]

  test.each(single)('the page of one run (%s) is short, and its first two screens show what matters', async name => {
    await opened(name, { viewport: desktop }, async page => {
      expect(await heightOf(page)).toBeLessThanOrEqual(4500)
      expect(await page.locator('details[open]').count()).toBe(0)
      for (const end of await endsOf(page, ['outcome', 'confusion', 'try', 'figure-accuracy', 'figure-loss']))
        expect(end).toBeLessThanOrEqual(2 * desktop.height)
      const [score] = await endsOf(page, ['outcome'])
      expect(score).toBeLessThanOrEqual(desktop.height)
      expect(await page.locator('.score').isVisible()).toBe(true)
    })
  })

  test('the page of two runs shows them beside each other', async () => {
    await opened('two', { viewport: desktop }, async page => {
      expect(await heightOf(page)).toBeLessThanOrEqual(6000)
      const places = await page
        .locator('#confusion article')
        .evaluateAll(all => all.map(each => [each.getBoundingClientRect().left, each.getBoundingClientRect().top]))
      expect(places.length).toBe(2)
      expect(places[1]![0]).toBeGreaterThan(places[0]![0]!)
      expect(places[1]![1]).toBe(places[0]![1])
    })
  })

  test.each([...single, 'two', 'explained'])(
    'type is 12 pixels high at least, on a wide page, a tablet and a phone (%s)',
    async name => {
      for (const viewport of [desktop, tablet, phone])
        expect(await opened(name, { viewport }, smallType, { isWhole: true }), `${viewport.width}`).toEqual([])
    },
  )

  test.each([...single, 'two'])('on a phone nothing sticks out, and what goes on says so (%s)', async name => {
    const look = async (page: Page) => {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width)
      const boxes = await page.locator('.scroll').evaluateAll(all =>
        all.map(box => ({
          goesOn: box.scrollWidth > box.clientWidth + 2,
          says: getComputedStyle(box, '::before').content,
          reached: box.getAttribute('tabindex'),
        })),
      )
      const goingOn = boxes.filter(({ goesOn }) => goesOn)
      expect(goingOn.length).toBeGreaterThan(0)
      for (const { says, reached } of goingOn) expect([says, reached]).toEqual(['"goes on to the right →"', '0'])
      for (const { says } of boxes.filter(({ goesOn }) => !goesOn)) expect(says).toBe('none')
      const matrix = page.locator('#figure-confusion .scroll, #figure-confusion-1 .scroll')
      await matrix.evaluate(box => box.scrollTo(10_000, 0))
      await expect.poll(() => matrix.evaluate(box => getComputedStyle(box, '::before').content)).toBe('none')
    }
    await opened(name, { viewport: phone }, look, { isWhole: true })
  })

  test.skipIf(!dataFolder)(
    'on a phone the answer stands beside the drawing box (skipped without FOVEA_DATA)',
    async () => {
      await opened('digits', { viewport: phone, hasTouch: true }, async page => {
        await page.locator('#try-box').tap()
        await expect.poll(() => page.locator('#try-answer').textContent()).not.toBe('')
        const [box, answer] = await Promise.all(
          ['#try-box', '#try-answer'].map(part => page.locator(part).boundingBox()),
        )
        expect(answer!.x).toBeGreaterThanOrEqual(box!.x + box!.width)
        expect(answer!.y).toBeLessThan(box!.y + box!.height)
        expect(await page.locator('#try-bars tr').first().isVisible()).toBe(true)
      })
    },
  )

  test('an explanation has the maps of its layers in a grid, and fits a phone', async () => {
    await opened('explained', { viewport: desktop }, async page => {
      const lefts = await page
        .locator('#maps figure')
        .evaluateAll(all => all.map(each => each.getBoundingClientRect().left))
      expect(lefts.length).toBeGreaterThan(3)
      expect(new Set(lefts).size).toBe(3)
    })
    await opened('explained', { viewport: phone }, async page => {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width)
    })
  })

  test('printed from a dark screen the page is light and whole: everything open, nothing cut', async () => {
    // A4 between margins of 14 mm.
    const sheet = { width: 688, height: 1016 }
    await opened('one', { viewport: sheet, colorScheme: 'dark' }, async page => {
      const closed = () => page.locator('details:not([open])').count()
      const before = await closed()
      expect(before).toBeGreaterThan(0)
      await page.evaluate(() => {
        addEventListener('beforeprint', () => {
          document.body.dataset['printed'] = String(document.querySelectorAll('details:not([open])').length)
        })
      })
      expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000)
      expect(await page.locator('body').getAttribute('data-printed')).toBe('0')
      expect(await closed()).toBe(before)
      await page.emulateMedia({ media: 'print' })
      const look = await page.evaluate(() => {
        const figures = [...document.querySelectorAll('figure')].filter(each => each.checkVisibility())
        return {
          ground: getComputedStyle(document.body).backgroundColor,
          ink: getComputedStyle(document.body).color,
          hidden: ['#try', 'nav', '.save'].filter(each => document.querySelector(each)!.checkVisibility()),
          breaks: figures.filter(each => getComputedStyle(each).breakInside !== 'avoid').length,
          tallest: Math.max(...figures.map(each => each.getBoundingClientRect().height)),
          right: Math.max(...[...document.querySelectorAll('main *')].map(each => each.getBoundingClientRect().right)),
          figures: figures.length,
          all: document.querySelectorAll('main figure').length - document.querySelectorAll('#try figure').length,
        }
      })
      expect(look).toMatchObject({ ground: 'rgb(255, 255, 255)', ink: 'rgb(28, 33, 40)', hidden: [], breaks: 0 })
      // Without the script too, what is closed is printed.
      expect(look.figures).toBe(look.all)
      expect(look.tallest).toBeLessThan(sheet.height)
      expect(look.right).toBeLessThanOrEqual(sheet.width + 1)
    })
  })

  test('every figure can be saved as a PNG, on white with its colours', async () => {
    const options = { viewport: desktop, colorScheme: 'dark', acceptDownloads: true } as const
    const look = async (page: Page) => {
      const saved = join(cwd, 'saved')
      mkdirSync(saved, { recursive: true })
      const figures = page.locator('main figure:not(#try figure)')
      const count = await figures.count()
      expect(count).toBeGreaterThan(8)
      for (let index = 0; index < count; index++) {
        const figure = figures.nth(index)
        const downloading = page.waitForEvent('download')
        await figure.locator('.save').click()
        const download = await downloading
        expect(download.suggestedFilename()).toBe(`${(await figure.getAttribute('id'))!.replace('figure-', '')}.png`)
        const file = join(saved, download.suggestedFilename())
        await download.saveAs(file)
        const { width, data, channels } = decode(readFileSync(file))
        expect(width).toBe(
          2 *
            (await figure
              .locator('svg')
              .first()
              .evaluate(svg => Number.parseFloat(svg.getAttribute('width')!))),
        )
        // Where nothing is drawn it is white; something is.
        const at = (pixel: number) => data.slice(pixel * channels, pixel * channels + 3)
        expect([...at(width - 1)].every(value => value === 255)).toBe(true)
        expect(data.some((value, place) => place % channels < 3 && value < 128)).toBe(true)
      }
    }
    await opened('one', options, look, { isWhole: true })
  })
})
