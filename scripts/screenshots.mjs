/**
 * `node scripts/screenshots.mjs REPORT.html`: the report's pictures in docs/, from its curves on in light and dark, and its beginning on a
 * phone. Needs Chromium (`/usr/bin/chromium` or FOVEA_CHROMIUM). JPEG keeps them small.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { root } from './setup.mjs'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('Name a report: node scripts/screenshots.mjs runs/…/report.html')

const views = [
  { name: 'light', colorScheme: 'light', width: 1080, height: 1400, from: '#curves' },
  { name: 'dark', colorScheme: 'dark', width: 1080, height: 1400, from: '#curves' },
  { name: 'phone', colorScheme: 'light', width: 390, height: 1400, from: 'header' },
]

const browser = await chromium.launch({
  executablePath: process.env['FOVEA_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--no-first-run', '--disable-background-networking'],
})
try {
  for (const { name, colorScheme, width, height, from } of views) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height } })
    await page.goto(pathToFileURL(resolve(file)).href)
    await page.evaluate(selector => document.querySelector(selector)?.scrollIntoView(), from)
    await page.screenshot({ path: `${root}/docs/report-${name}.jpg`, type: 'jpeg', quality: 72 })
    await page.close()
  }
} finally {
  await browser.close()
}
