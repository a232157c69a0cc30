/**
 * `node scripts/screenshots.mjs REPORT.html`: the report's pictures in docs/, of the top of the page in light and dark, and of the whole
 * page on a phone. Needs Chromium (`/usr/bin/chromium` or FOVEA_CHROMIUM). JPEG keeps them small.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { root } from './setup.mjs'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('Name a report: node scripts/screenshots.mjs runs/…/report.html')

const views = [
  { name: 'light', colorScheme: 'light', width: 1100, height: 1500, scale: 1 },
  { name: 'dark', colorScheme: 'dark', width: 1100, height: 1500, scale: 1 },
  { name: 'phone', colorScheme: 'light', width: 390, height: 2400, scale: 1 },
]

const browser = await chromium.launch({
  executablePath: process.env['FOVEA_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--no-first-run', '--disable-background-networking'],
})
try {
  for (const { name, colorScheme, width, height, scale } of views) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height }, deviceScaleFactor: scale })
    await page.goto(pathToFileURL(resolve(file)).href)
    await page.screenshot({ path: `${root}/docs/report-${name}.jpg`, type: 'jpeg', quality: 72 })
    await page.close()
  }
} finally {
  await browser.close()
}
