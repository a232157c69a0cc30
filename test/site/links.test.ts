/** The check of the finished site's links finds what leads nowhere, and nothing else. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { root } from '../source-files.testing.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-links-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function checked(pages: Readonly<Record<string, string>>) {
  for (const [path, text] of Object.entries(pages)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'site/check-links.js'), folder], {
    encoding: 'utf8',
  })
  return { status, lines: (stdout + stderr).trimEnd().split('\n') }
}

test('links between pages, to anchors, files and other sites are fine', () => {
  const { status, lines } = checked({
    'index.html':
      '<i id="top"></i> <a href="guide/">a</a> <a href="guide/#x">b</a> <a href="https://x.y/">c</a> <a href="#top">d</a>',
    'guide/index.html':
      '<h2 id="x">x</h2> <a href="../">up</a> <img src="../a.png"> <code>&lt;a href="nowhere"&gt;</code>',
    'a.png': '',
  })
  expect(lines).toEqual(['2 pages, 6 links: all lead somewhere'])
  expect(status).toBe(0)
})

test('a missing page, file or anchor and a way out of the site are found', () => {
  const { status, lines } = checked({
    'index.html':
      '<a href="gone/">a</a> <img src="gone.png"> <a href="guide/#gone">b</a> <a href="#gone">c</a> <a href="../x">d</a>',
    'guide/index.html': '<h2 id="x">x</h2>',
  })
  expect(status).toBe(1)
  expect(lines).toEqual([
    'index.html: gone/: no such page or file',
    'index.html: guide/#gone: guide/index.html has no place #gone',
    'index.html: #gone: index.html has no place #gone',
    'index.html: ../x: outside of the site',
    'index.html: gone.png: no such page or file',
    '5 of 5 links lead nowhere',
  ])
})
