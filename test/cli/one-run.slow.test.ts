/** One run directory: one process trains into it, and once it is finished it gives its result again. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodePng } from '../../packages/pictures/src/encode.ts'
import { callFovea } from './fovea-call.testing.ts'
import { temporaryFolder } from './fovea-process.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

const short = ['--limit', '64', '--threads', '1', '--json', '--quiet']

function setUp() {
  const folder = temporaryFolder()
  // Long enough that the second one does not come when the first one is done.
  writeTinyRecipe(folder, { epochs: 30 })
  const run = join(folder, 'run')
  const words = ['train', join(folder, 'tiny.json'), ...short, '--out', run]
  const story = () => readFileSync(join(run, 'run.jsonl'), 'utf8')
  return { folder, run, words, story }
}

test('two that begin at once: one trains, the other one is refused and spoils nothing', async () => {
  const { run, words } = setUp()
  const calls = await Promise.all([callFovea(words), callFovea(words)])
  // Both may have left for the other one, and come again; one of them gets it then.
  expect(calls.map(({ code }) => code).sort()).toEqual([0, 1])
  expect(calls.find(({ code }) => code === 1)!.stderr).toMatch(
    /is in use: another training writes into it|holds a run already/,
  )
  expect(existsSync(join(run, 'result.json'))).toBe(true)
})

test('two that resume at once: one trains, the other one is refused or comes when the first one is done', async () => {
  const { run, words, story } = setUp()
  expect((await callFovea(words)).code).toBe(0)
  // Without a checkpoint it begins again, which takes long enough for the other one to come.
  for (const name of ['result.json', 'last.ckpt', 'last-before.ckpt']) rmSync(join(run, name))
  const before = story()
  const resume = ['train', '--resume', run, ...short.slice(2)]
  const calls = await Promise.all([callFovea(resume), callFovea(resume)])
  const trained = calls.find(({ code }) => code === 0)!
  const other = calls.find(call => call !== trained)!
  if (other.code === 0) expect(JSON.parse(other.stdout)).toEqual(JSON.parse(trained.stdout))
  else expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('is in use')])
  const validations = (text: string): number => text.match(/^{"type":"validation"/gm)?.length ?? 0
  expect(validations(story()) - validations(before)).toBe(30)
})

test('a finished run gives its result again, with the page that was not drawn', async () => {
  const { run, words, story } = setUp()
  const whole = await callFovea(words)
  expect(whole.code).toBe(0)
  const before = story()
  rmSync(join(run, 'report.html'))
  // As a process leaves it that is killed while it draws the page.
  writeFileSync(join(run, '.999999999-0-1.part'), '<html>')
  const dead = { process: '999999999-0', host: hostname(), since: '' }
  writeFileSync(join(run, '.fovea-999999999-0000abcd.lock'), JSON.stringify(dead))
  const again = await callFovea(['train', '--resume', run, ...short.slice(2)])
  expect(again.code).toBe(0)
  expect(JSON.parse(again.stdout)).toEqual(JSON.parse(whole.stdout))
  expect(existsSync(join(run, 'report.html'))).toBe(true)
  expect(story()).toBe(before)
  expect(readdirSync(run).filter(name => name.startsWith('.'))).toEqual([])
  const text = await callFovea(['train', '--resume', run, '--threads', '1'])
  expect(text.stdout).toMatch(/Test accuracy [\s\S]*Run directory/)
  // One that was killed between its last epoch and its result is tested, and has its page.
  for (const name of ['result.json', 'report.html']) rmSync(join(run, name))
  const finished = await callFovea(['train', '--resume', run, ...short.slice(2)])
  expect(finished.code).toBe(0)
  const { test, weightsSha256 } = JSON.parse(whole.stdout)
  expect(JSON.parse(finished.stdout)).toMatchObject({ test, weightsSha256 })
  expect(existsSync(join(run, 'report.html'))).toBe(true)
})

test('own pictures that are gone or others since a run was begun: refused, and said', async () => {
  const folder = temporaryFolder()
  const set = join(folder, 'pictures')
  const put = async (label: number, index: number, add = 0) => {
    const data = new Uint8Array(40 * 40 * 3).map((_, at) => label * 120 + ((at * (index + 3) * 7) % 100) + add)
    const bytes = await encodePng({ width: 40, height: 40, channels: 3, data })
    writeFileSync(join(set, ['dark', 'light'][label]!, `${index}.png`), bytes)
  }
  for (const name of ['dark', 'light']) mkdirSync(join(set, name), { recursive: true })
  for (let index = 0; index < 10; index++) for (const label of [0, 1]) await put(label, index)
  const run = join(folder, 'run')
  const words = ['train', set, '--size', '32', '--epochs', '1', '--threads', '1', '--quiet', '--out', run]
  expect((await callFovea(words)).code).toBe(0)
  rmSync(join(run, 'result.json'))
  const resume = () => callFovea(['train', '--resume', run, '--epochs', '2', '--threads', '1', '--quiet'])
  const { parts } = JSON.parse(readFileSync(join(run, 'pictures.json'), 'utf8'))
  const file: string = parts.train.files[0]
  const [label, index] = [file.startsWith('dark') ? 0 : 1, Number(/\d+/.exec(file)![0])]
  rmSync(join(set, file))
  const refused = await resume()
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/begun with cannot be read any more: \S+\.png[\s\S]*--again/)
  expect(refused.stderr).toContain(file)
  await put(label, index, 1)
  const noted = await resume()
  expect([noted.code, noted.stderr]).toEqual([
    0,
    expect.stringMatching(/^Note: 1 picture was written after the run was begun \(\S+\.png\): if they are others now/),
  ])
})
