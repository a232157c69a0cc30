/** `fovea report`: the page that training ends with, the page of several runs, figures as files, and what cannot be drawn. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CompareDocument, ReportDocument } from '../../packages/cli/src/command/documents.ts'
import { decodePicture } from '../../packages/pictures/src/pictures.ts'
import { root } from '../source-files.testing.ts'
import { callFovea } from './fovea-call.testing.ts'
import { ensureBuilt, fovea } from './fovea-process.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

let cwd: string

beforeAll(async () => {
  await ensureBuilt()
  cwd = mkdtempSync(join(tmpdir(), 'fovea-report-'))
  writeTinyRecipe(cwd)
  const call = await callFovea(['train', 'tiny.json', '--limit', '96', '--threads', '1', '--out', 'run'], { cwd })
  expect(call.code).toBe(0)
  expect(call.stdout).toContain(`Report ${join('run', 'report.html')}`)
}, 180_000)

afterAll(() => rmSync(cwd, { recursive: true }))

const page = (path: string): string => readFileSync(join(cwd, path), 'utf8')

test('training ends with the page of its run: one file, nothing fetched from anywhere', () => {
  const html = page('run/report.html')
  expect(html).toMatch(/<strong>tiny<\/strong> \([\d,]+ parameters\) learned from 96 pictures of shapes for 2 epochs/)
  const { test: tested } = JSON.parse(page('run/result.json')) as { test: { accuracy: number } }
  expect(html).toContain(`<strong>${(tested.accuracy * 100).toFixed(2)} %</strong>`)
  const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8')) as { version: string }
  expect(html).toMatch(
    new RegExp(
      `\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC</time> · seed 1 · Fovea ${version} · <code>npx fovea train run --limit 96</code>`,
    ),
  )
  expect(html).not.toMatch(/(?:src|href)="(?!data:|#)/)
  expect(html).not.toMatch(/@import|url\((?!["']?(?:data:|#))/)
})

test('the page is a pure function of the run directory', async () => {
  const before = page('run/report.html')
  const call = await fovea(['report', 'run', '--json'], { cwd })
  const document = JSON.parse(call.stdout) as ReportDocument
  expect(document).toEqual({
    report: join('run', 'report.html'),
    bytes: statSync(join(cwd, 'run/report.html')).size,
    png: [],
    failed: [],
  })
  expect(page('run/report.html')).toBe(before)
})

test('--out and --png name where page and figures go', async () => {
  const call = await callFovea(['report', 'run', '--out', 'pages/mine.html', '--png', 'figures', '--json'], { cwd })
  const { report, png } = JSON.parse(call.stdout) as ReportDocument
  expect(report).toBe('pages/mine.html')
  expect(existsSync(join(cwd, report))).toBe(true)
  expect(png.map(path => path.replace(/^figures./, ''))).toEqual(
    expect.arrayContaining(readdirSync(join(cwd, 'figures'))),
  )
  for (const path of png) {
    const { width, height, data } = await decodePicture(readFileSync(join(cwd, path)), path)
    expect(Math.min(width, height)).toBeGreaterThan(50)
    // Something is drawn on the white ground.
    expect(data.some(byte => byte < 128)).toBe(true)
  }
})

test('a file where the folder of the figures should be is told', async () => {
  const call = await callFovea(['report', 'run', '--png', 'tiny.json'], { cwd })
  expect(call).toMatchObject({ code: 1, stderr: expect.stringMatching(/^tiny\.json\S+ cannot be written/) })
})

test('a run given twice counts once', async () => {
  const call = await callFovea(['report', 'run', './run/', '--out', 'once.html'], { cwd })
  expect(call).toMatchObject({ code: 0 })
  expect(page('once.html') === page('run/report.html')).toBe(true)
  const compared = await callFovea(['compare', 'run', './run/', '--threads', '1', '--json'], { cwd })
  const { runs } = JSON.parse(compared.stdout) as CompareDocument
  expect(runs.map(({ runDir }) => runDir)).toEqual(['run'])
})

test('compare ends with a page of all runs', async () => {
  const words = ['compare', 'run', 'tiny.json', '--limit', '96', '--threads', '1', '--epochs', '1', '--json']
  const { report } = JSON.parse((await callFovea(words, { cwd })).stdout) as CompareDocument
  expect(report).toBe(join('runs', 'tiny-1-1', 'comparison.html'))
  const html = page(report!)
  for (const name of ['run', 'tiny-1-1']) expect(html).toContain(`</i>${name}</h3>`)
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(existsSync(join(cwd, 'runs/tiny-1-1/report.html'))).toBe(true)
})

test('a training that breaks down leaves its page too', async () => {
  const words = ['train', 'tiny.json', '--limit', '96', '--threads', '1', '--learning-rate', '1e30', '--out', 'broken']
  const call = await callFovea(words, { cwd })
  expect(call).toMatchObject({ code: 1, stderr: expect.stringContaining('broke down') })
  expect(call.stdout).toContain(`Report ${join('broken', 'report.html')}`)
  expect(page('broken/report.html')).toMatch(/<strong>diverged<\/strong>/)
})

test('a folder without a run is told apart', async () => {
  mkdirSync(join(cwd, 'empty'))
  const call = await callFovea(['report', 'empty'], { cwd })
  expect(call).toMatchObject({ code: 1, stderr: expect.stringMatching(/empty holds no run[\s\S]*run\.jsonl/) })
})
