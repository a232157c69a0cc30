/** A page made of the live section alone, opened from disk in Chromium, and a user's hands on it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { liveCss } from '../../packages/cli/src/report/live-style.ts'
import { themeCss } from '../../packages/cli/src/report/theme.ts'
import type { Stroke } from '../digits/strokes.testing.ts'

function livePageHtml(section: string): string {
  const style = `${themeCss()} body { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 1rem auto; padding: 0 1rem } ${liveCss}`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Try it</title>
<style>${style}</style>
${section}
</html>`
}

export async function openLivePage(
  browser: Browser,
  file: string,
  section: string,
  device: Pick<BrowserContextOptions, 'hasTouch'> = {},
) {
  writeFileSync(file, livePageHtml(section))
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, ...device })
  /** What is said on the console, goes wrong or is asked of a network; the page itself is not. */
  const incidents: string[] = []
  const url = pathToFileURL(file).href
  page.on('console', message => incidents.push(`console: ${message.text()}`))
  page.on('pageerror', error => incidents.push(`error: ${error.message}`))
  page.on('request', request => request.url() !== url && incidents.push(`request: ${request.url()}`))
  await page.goto(url)
  await page.waitForSelector('.try:not([hidden])')

  /** A gesture has its effect in the page before this asks. */
  const settled = () => page.waitForSelector('#try[aria-busy=false]', { state: 'attached' })

  return {
    page,
    incidents,
    /** Strokes in a square of `side` pixels, drawn anew in the whole box. */
    async draw(strokes: readonly Stroke[], side: number, pen: number): Promise<void> {
      await page.click('#try-clear')
      const box = page.locator('#try-box')
      const { x, y, width } = (await box.boundingBox())!
      const scale = width / side
      await page.fill('#try-pen', String(Math.round(pen * (280 / side))))
      for (const stroke of strokes) {
        const [first, ...others] = stroke.map(([across, down]) => [x + across * scale, y + down * scale] as const)
        await page.mouse.move(...first!)
        await page.mouse.down()
        // One after the other, as events come from a hand: several to a frame.
        await Promise.all(others.map(point => page.mouse.move(...point)))
        await page.mouse.up()
      }
    },
    async choose(picture: string): Promise<void> {
      await page.setInputFiles('#try-file', picture)
    },
    async drop(picture: string): Promise<void> {
      await page.evaluate(
        ([base64, name]) => {
          const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
          const dataTransfer = new DataTransfer()
          dataTransfer.items.add(new File([bytes], name, { type: 'image/png' }))
          document.getElementById('try')!.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }))
        },
        [readFileSync(picture).toString('base64'), 'dropped.png'] as const,
      )
    },
    /** `7 (98.31 %)` */
    async answer(): Promise<string> {
      await settled()
      return (await page.locator('#try-answer').textContent())!
    },
    async probabilities(): Promise<number[]> {
      await settled()
      const values = await page
        .locator('#try-bars data')
        .evaluateAll(all => all.map(data => data.getAttribute('value')))
      return values.map(Number)
    },
    /** Of a canvas, as a data URL: for comparing. */
    async shown(canvas: string): Promise<string> {
      await settled()
      return page.locator(canvas).evaluate(element => (element as HTMLCanvasElement).toDataURL())
    },
    async notes(): Promise<string> {
      await settled()
      return (await page.locator('#try-notes').textContent())!
    },
  }
}
