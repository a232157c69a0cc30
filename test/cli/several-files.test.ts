/** Verbs that take several files: one that cannot be used keeps no other from being answered, is named at the end, and the call exits with 1. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReportDocument, ShiftTestDocument } from '../../packages/cli/src/command/documents.ts'
import type { PredictDocument } from '../../packages/cli/src/command/predict-documents.ts'
import { dense, flatten, sequential } from '../../packages/fovea/src/index.ts'
import { pngBytes } from '../../packages/pictures/src/png-bytes.testing.ts'
import { callFovea } from './fovea-call.testing.ts'
import { ensureBuilt, fovea } from './fovea-process.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

let cwd: string

beforeAll(async () => {
  await ensureBuilt()
  cwd = mkdtempSync(join(tmpdir(), 'fovea-several-'))
  writeTinyRecipe(cwd)
  const png = pngBytes({
    width: 8,
    height: 8,
    channels: 3,
    data: Uint8Array.from({ length: 192 }, (_, at) => (at * at) % 251),
  })
  writeFileSync(join(cwd, 'a.png'), png)
  writeFileSync(join(cwd, 'b.png'), png.subarray(0, 60))
  writeFileSync(join(cwd, 'c.png'), png)
  const call = await callFovea(['train', 'tiny.json', '--limit', '96', '--threads', '1', '--out', 'run'], { cwd })
  expect(call.code).toBe(0)
}, 180_000)

afterAll(() => rmSync(cwd, { recursive: true }))

const verbs: Readonly<Record<string, readonly string[]>> = {
  predict: ['run', 'a.png', 'b.png', 'c.png'],
  report: ['gone', 'run'],
  'shift-test': ['run', 'gone', '--pixels', '1', '--degrees', '0', '--limit', '16', '--threads', '1'],
}
const missing: Readonly<Record<string, RegExp>> = {
  predict: /^b\.png is a damaged PNG file/m,
  report: /gone/,
  'shift-test': /gone/,
}

test('predict says once what it did to all pictures, and leads on to explain', async () => {
  for (const [name, width] of [
    ['wide', 16],
    ['wider', 20],
  ] as const) {
    const data = Uint8Array.from({ length: width * 24 }, (_, at) => (at * at) % 251)
    writeFileSync(join(cwd, `${name}.png`), pngBytes({ width, height: 8, channels: 3, data }))
  }
  const both = await fovea(['predict', 'run', 'wide.png', 'wider.png'], { cwd })
  expect(both.stdout.match(/only the middle was looked at/g)).toHaveLength(1)
  expect(both.stdout).toContain('Of all of them only the middle was looked at.')
  expect(both.stdout).toContain('Next: fovea explain run wide.png --out page.html')
  const some = await callFovea(['predict', 'run', 'wide.png', 'a.png'], { cwd })
  expect(some.stdout).toContain('Of 1 of them only the middle was looked at.')
  const one = await callFovea(['predict', 'run', 'wide.png'], { cwd })
  expect(one.stdout).toMatch(/^wide\.png: .*\n {2}only the middle was looked at: 8×8 of 16×8\n/)
})

test('a model file alone is told what can be asked of it', async () => {
  const model = sequential([flatten({ inputShape: [8, 8, 3] }), dense({ units: 2, activation: 'softmax' })])
  writeFileSync(join(cwd, 'mine.safetensors'), await model.toBytes())
  const asked = async (...words: string[]) => (await callFovea(words, { cwd })).stderr
  for (const verb of ['evaluate', 'shift-test'])
    expect(await asked(verb, 'mine.safetensors')).toMatch(/one of mnist, [\s\S]*shapes[\s\S]*model\.evaluate\(source\)/)
  expect(await asked('report', 'mine.safetensors')).toMatch(/Reports are of runs that `fovea train`/)
  expect(await asked('diagnose', 'mine.safetensors')).toMatch(/a run directory, or the history/)
})

describe.each(Object.keys(verbs))('%s', verb => {
  test('answers for those that can be used, and names the others', async () => {
    const call = await callFovea([verb, ...verbs[verb]!], { cwd })
    expect(call.code).toBe(1)
    expect(call.stdout).not.toBe('')
    expect(call.stderr).toMatch(missing[verb]!)
  })

  test('has the same with --json', async () => {
    const call = await callFovea([verb, ...verbs[verb]!, '--json'], { cwd })
    expect(call.code).toBe(1)
    const document = JSON.parse(call.stdout) as PredictDocument & ReportDocument & ShiftTestDocument
    expect(document.failed).toHaveLength(1)
    expect(document.failed[0]!.problems[0]!.what).toMatch(missing[verb]!)
    if (verb === 'predict') expect(document.predictions.map(({ picture }) => picture)).toEqual(['a.png', 'c.png'])
    if (verb === 'report') expect(existsSync(join(cwd, document.report))).toBe(true)
    if (verb === 'shift-test')
      expect(document.models.map(({ path }) => path)).toEqual([join('run', 'best.safetensors')])
  })

  test('answers nothing where none can be used', async () => {
    const only = { predict: ['run', 'b.png'], report: ['gone', 'lost'], 'shift-test': ['gone', 'lost'] }[verb]!
    const call = await callFovea([verb, ...only, '--json'], { cwd })
    expect(call.code).toBe(1)
    expect(JSON.parse(call.stdout)).toHaveProperty('error')
  })
})
