/** Every verb × every place where it takes a path × everything that is no file of that kind: a sentence, at once, and exit code 1 or 2. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PredictDocument } from '../../packages/cli/src/command/predict-documents.ts'
import { runFiles } from '../../packages/fovea/src/run/run-files.ts'
import { pngBytes } from '../../packages/pictures/src/png-bytes.testing.ts'
import { callFovea } from './fovea-call.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

let folder: string
const at = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-places-'))
  writeTinyRecipe(folder)
  const grey = { width: 32, height: 32, channels: 3, data: new Uint8Array(32 * 32 * 3).fill(90) } as const
  writeFileSync(at('good.png'), pngBytes(grey))
  execFileSync('mkfifo', [at('pipe')])
  writeFileSync(at('huge'), '')
  truncateSync(at('huge'), 5 * 1024 ** 3)
  writeFileSync(at('page.png'), '<!doctype html><title>Not found</title>')
  const words = ['train', at('tiny.json'), '--out', at('run'), '--limit', '32', '--epochs', '1', '--threads', '1']
  expect((await callFovea([...words, '--quiet'])).code).toBe(0)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** X stands for the odd place, RUN for a run, PICTURE for a picture. */
const calls = [
  'summary X',
  'train X',
  'train --resume X',
  'evaluate X',
  'predict X PICTURE',
  'predict RUN X',
  'compare X',
  'compare RUN X',
  'report X',
  'diagnose X',
  'explain X PICTURE',
  'explain RUN X',
  'filter X',
  'shift-test X',
  'data mnist --offline --data-dir X',
  'data cifar-10 --offline --data-dir X',
]
const outputs = [
  'train tiny.json --limit 32 --epochs 1 --quiet --out X',
  'report RUN --out X',
  'report RUN --png X',
  'explain RUN PICTURE --out X',
  'filter PICTURE --out X',
]
const wordsOf = (call: string, place: string): string[] =>
  call.split(' ').map(word => {
    const known: Record<string, string> = {
      X: place,
      RUN: at('run'),
      PICTURE: at('good.png'),
      'tiny.json': at('tiny.json'),
    }
    return known[word] ?? word
  })

function expectSentence(call: Awaited<ReturnType<typeof callFovea>>, place: string): void {
  expect([1, 2]).toContain(call.code)
  expect(call.stderr).not.toMatch(/^ {4}at |Error:|E[A-Z]{4,}:/m)
  expect(call.stderr).toContain(place)
}

const places = ['pipe', 'pipe/inside', 'n'.repeat(300)]
// No output goes to a device: as root, a file moved into its place would break the whole system.
const devices = ['/dev/zero', '/dev/full'].filter(existsSync)

describe.each([...calls, ...outputs])('%s', call => {
  test.each(outputs.includes(call) ? places : [...places, ...devices])('X is %s', async name => {
    const place = name.startsWith('/') ? name : at(name)
    expectSentence(await callFovea(wordsOf(call, place)), place)
  })
})

describe.each(calls)('%s', call => {
  test('X is too large', async () => {
    const { code, stderr } = await callFovea(wordsOf(call, at('huge')))
    expect([1, 2]).toContain(code)
    expect(stderr).toMatch(/too large|is a file|holds no run/)
    expect(stderr).not.toMatch(/^ {4}at /m)
  })

  test.skipIf(call.includes('--'))('X is -', async () => {
    const { code, stderr } = await callFovea(wordsOf(call, '-'))
    expect(code).toBe(1)
    expect(stderr).toMatch(/Standard input (is not read|names no picture)|- holds no run/)
  })
})

describe('a run directory with a pipe in place of a file', () => {
  const verbs = ['summary', 'evaluate', 'predict', 'compare', 'report', 'diagnose', 'explain', 'train --resume']

  test.each(Object.values(runFiles).filter(name => !name.endsWith('.html')))('%s', async file => {
    const run = at(`odd-${file}`)
    cpSync(at('run'), run, { recursive: true })
    rmSync(join(run, file), { force: true })
    execFileSync('mkfifo', [join(run, file)])
    for (const verb of verbs) {
      const picture = ['predict', 'explain'].includes(verb) ? [at('good.png')] : []
      const more = verb === 'evaluate' ? ['--limit', '8', '--threads', '1'] : []
      const call = await callFovea([...verb.split(' '), run, ...picture, ...more])
      // Verbs that do not need this file go on; the others say which one it is.
      if (call.code !== 0) expectSentence(call, run)
      expect(call.stderr).not.toMatch(/^ {4}at /m)
    }
    // The file whose weights are tested is never passed over for another one in silence.
    if (file === runFiles.best) expect((await callFovea(['evaluate', run])).stderr).toContain(file)
  })
})

describe('one damaged picture among good ones', () => {
  test('the good ones are answered, the others reported, and the exit code is 1', async () => {
    const pictures = [at('good.png'), at('page.png'), at('pipe'), at('good.png')]
    const text = await callFovea(['predict', at('run'), ...pictures, '--threads', '1'])
    expect(text.code).toBe(1)
    expect(text.stdout.split('\n').filter(line => line.startsWith(`${at('good.png')} `))).toHaveLength(2)
    expect(text.stderr).toMatch(/page\.png cannot be read as a picture[\s\S]*pipe cannot be read/)
    const { code, stdout } = await callFovea(['predict', at('run'), ...pictures, '--threads', '1', '--json'])
    const { predictions, failed } = JSON.parse(stdout) as PredictDocument
    expect(code).toBe(1)
    expect(predictions.map(({ picture }) => picture)).toEqual([at('good.png'), at('good.png')])
    expect(failed.map(({ picture, problems }) => [picture, problems.length])).toEqual([
      [at('page.png'), 1],
      [at('pipe'), 1],
    ])
  })

  test('where all are good, none failed', async () => {
    const { code, stdout } = await callFovea(['predict', at('run'), at('good.png'), '--threads', '1', '--json'])
    expect(code).toBe(0)
    expect((JSON.parse(stdout) as PredictDocument).failed).toEqual([])
  })
})

test('nothing that was to be written is left half done', () => {
  expect(readdirSync(folder).filter(name => name.includes('.part'))).toEqual([])
})
