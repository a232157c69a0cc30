/** Programs of the documentation that are for pages, bundled as they stand and run in one: the guide's and the job's. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writePng } from '../../packages/pictures/src/pictures.ts'
import { ensureBuilt } from '../cli/fovea-process.testing.ts'
import { codeBlocks, jobsPage } from '../markdown.testing.ts'
import { chromiumPath, hasChromium, launchChromium } from '../package/chromium.testing.ts'
import { isolationHeaders, serveFolder } from '../package/static-server.testing.ts'
import { root } from '../source-files.testing.ts'

const forPages = ['docs/guide/browser.md', jobsPage]
  .flatMap(codeBlocks)
  .filter(({ marks }) => marks.includes('browser'))
/** The program that waits until somebody chooses a folder. */
const isChosen = ({ code }: { readonly code: string }): boolean => code.includes('webkitdirectory')
/** The program that asks for a camera: it is that of examples/apps/camera, which is tried there. */
const isCamera = ({ code }: { readonly code: string }): boolean => code.includes('getUserMedia')
const noBrowser = !hasChromium && !process.env['FOVEA_REQUIRE_BROWSER']

test('there are three in the guide, one of them for own pictures and one for a camera, and one among the jobs', () => {
  expect(forPages).toHaveLength(4)
  expect(forPages.filter(isChosen)).toHaveLength(1)
  expect(forPages.filter(isCamera)).toHaveLength(1)
})

describe.skipIf(noBrowser)(`in the Chromium at ${chromiumPath}`, () => {
  const folders: string[] = []
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })
  beforeAll(ensureBuilt)

  test.each(
    forPages
      .filter(program => !isChosen(program) && !isCamera(program))
      .flatMap(program => [
        { ...program, name: 'with COOP and COEP', headers: isolationHeaders, says: /on \d+ threads$/ },
        { ...program, name: 'without', headers: {}, says: /on 1 threads$/ },
      ]),
  )('$place, $name', async ({ code, headers, says }) => {
    await inPage(code, headers, async page => {
      await page.waitForFunction(() => /threads$/.test(document.body.textContent ?? ''))
      expect(await page.textContent('body')).toMatch(says)
    })
  })

  test('own pictures are chosen and learned', async () => {
    const place = mkdtempSync(join(tmpdir(), 'fovea-own-'))
    folders.push(place)
    for (let number = 0; number < 8; number++) {
      const data = new Uint8Array(12).fill(number % 2 === 0 ? 20 : 220)
      const file = join(place, number % 2 === 0 ? 'dark' : 'light', `${number}.png`)
      await writePng(file, { width: 2, height: 2, channels: 3, data })
    }
    const { code } = forPages.find(isChosen)!
    await inPage(code, {}, async page => {
      await page.waitForSelector('input')
      await page.waitForLoadState()
      await page.setInputFiles('input', place)
      await page.waitForFunction(() => /learned/.test(document.body.textContent ?? ''))
      expect(await page.textContent('body')).toBe('learned 8 pictures of dark, light')
    })
  })

  /** Bundles the program and opens a page that runs it; `look` waits for what it does. No error may reach the page. */
  async function inPage(code: string, headers: Record<string, string>, look: (page: Page) => Promise<void>) {
    const folder = mkdtempSync(join(tmpdir(), 'fovea-browser-guide-'))
    folders.push(folder)
    bundle(code, folder)
    const server = await serveFolder(folder, headers)
    const browser = await launchChromium()
    try {
      const page = await browser.newPage()
      const faults: string[] = []
      page.on('pageerror', error => faults.push(error.message))
      await Promise.all([look(page), page.goto(server.url)])
      expect(faults).toEqual([])
    } finally {
      await browser.close()
      await server.close()
    }
  }
})

function bundle(code: string, folder: string): void {
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(root, 'node_modules/fovea'), join(folder, 'node_modules/fovea'), 'junction')
  writeFileSync(join(folder, 'main.ts'), code)
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><title>Fovea</title><body><input type="file" webkitdirectory multiple><script type="module" src="main.js"></script>',
  )
  const words = ['main.ts', '--dir', '.', '--entry-file-names', 'main.js', '--platform', 'browser']
  const bundler = join(root, 'node_modules/rolldown/bin/cli.mjs')
  const { status, stderr } = spawnSync(process.execPath, [bundler, ...words], { cwd: folder, encoding: 'utf8' })
  expect(status, stderr).toBe(0)
}
