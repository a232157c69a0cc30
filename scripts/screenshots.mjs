/**
 * `node scripts/screenshots.mjs REPORT.html`: the report's pictures in docs/, its first two screens in light, in dark and on a phone, with
 * a digit drawn where there is a box for it. Needs Chromium (`/usr/bin/chromium` or FOVEA_CHROMIUM). JPEG keeps them small.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { root } from './setup.mjs'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('Name a report: node scripts/screenshots.mjs runs/…/report.html')

const views = [
  { name: 'light', colorScheme: 'light', width: 1280, height: 1600 },
  { name: 'dark', colorScheme: 'dark', width: 1280, height: 1600 },
  { name: 'phone', colorScheme: 'light', width: 390, height: 2200 },
]

/** A seven, in shares of the box. */
const stroke = [
  [0.28, 0.24],
  [0.74, 0.24],
  [0.6, 0.52],
  [0.48, 0.8],
]

/** @param {import('playwright-core').Page} page */
async function draw(page) {
  await page.locator('#try-box').scrollIntoViewIfNeeded()
  const box = await page.locator('#try-box').boundingBox()
  if (box === null) return
  const [first, ...others] = stroke.map(([x, y]) => [box.x + x * box.width, box.y + y * box.height])
  await page.mouse.move(...first)
  await page.mouse.down()
  for (const [x, y] of others) await page.mouse.move(x, y, { steps: 5 })
  await page.mouse.up()
  await page.waitForSelector('#try[aria-busy=false]')
  await page.evaluate(() => scrollTo(0, 0))
}

const browser = await chromium.launch({
  executablePath: process.env['FOVEA_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--no-first-run', '--disable-background-networking'],
})
try {
  for (const { name, colorScheme, width, height } of views) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height } })
    await page.goto(pathToFileURL(resolve(file)).href)
    if ((await page.locator('#try-box').count()) > 0) await draw(page)
    await page.screenshot({ path: `${root}/docs/report-${name}.jpg`, type: 'jpeg', quality: 72 })
    await page.close()
  }
} finally {
  await browser.close()
}
