/** The program of the browser's guide, bundled as it stands and run in a page. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt } from '../cli/fovea-process.testing.ts'
import { codeBlocks } from '../markdown.testing.ts'
import { chromiumPath, hasChromium, launchChromium } from '../package/chromium.testing.ts'
import { isolationHeaders, serveFolder } from '../package/static-server.testing.ts'
import { root } from '../source-files.testing.ts'

const program = codeBlocks('docs/guide/browser.md').find(({ marks }) => marks.includes('browser'))!
const noBrowser = !hasChromium && !process.env['FOVEA_REQUIRE_BROWSER']

describe.skipIf(noBrowser)(`${program.place} in the Chromium at ${chromiumPath}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-browser-guide-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  beforeAll(() => {
    ensureBuilt()
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(join(root, 'node_modules/fovea'), join(folder, 'node_modules/fovea'), 'junction')
    writeFileSync(join(folder, 'main.ts'), program.code)
    writeFileSync(
      join(folder, 'index.html'),
      '<!doctype html><title>Fovea</title><body><script type="module" src="main.js"></script>',
    )
    const words = ['main.ts', '--dir', '.', '--entry-file-names', 'main.js', '--platform', 'browser']
    const bundler = join(root, 'node_modules/rolldown/bin/cli.mjs')
    const { status, stderr } = spawnSync(process.execPath, [bundler, ...words], { cwd: folder, encoding: 'utf8' })
    expect(status, stderr).toBe(0)
  })

  test.each([
    { name: 'with COOP and COEP', headers: isolationHeaders, threads: /on \d+ threads$/ },
    { name: 'without', headers: {}, threads: /on 1 threads$/ },
  ])('$name', async ({ headers, threads }) => {
    const server = await serveFolder(folder, headers)
    const browser = await launchChromium()
    try {
      const page = await browser.newPage()
      const faults: string[] = []
      page.on('pageerror', error => faults.push(error.message))
      await page.goto(server.url)
      await page.waitForFunction(() => /threads$/.test(document.body.textContent ?? ''))
      expect(await page.textContent('body')).toMatch(threads)
      expect(faults).toEqual([])
    } finally {
      await browser.close()
      await server.close()
    }
  })
})
