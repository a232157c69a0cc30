/** A headless Chromium with a fresh profile, and what a page in it reports. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

export const chromiumPath = process.env['FOVEA_CHROMIUM'] ?? '/usr/bin/chromium'
export const hasChromium = existsSync(chromiumPath)

export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      ...['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
      ...more,
    ],
  })
}

/** Opens the page and gives the value its program puts into `window.report`; rejects with the page's first error. */
export async function reportOf<T>(browser: Browser, url: string, timeoutMs = 120_000): Promise<T> {
  const page = await browser.newPage()
  try {
    const failed = new Promise<never>((_, reject) => {
      page.on('pageerror', error => reject(error))
      page.on('crash', () => reject(new Error('the page crashed')))
    })
    const done = (async () => {
      await page.goto(url)
      const handle = await page.waitForFunction(() => (globalThis as { report?: unknown }).report, undefined, {
        timeout: timeoutMs,
      })
      return (await handle.jsonValue()) as T
    })()
    return await Promise.race([done, failed])
  } finally {
    await page.close()
  }
}
