/** One run directory: one process trains into it, and once it is finished it gives its result again. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
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

test('two that resume at once: the same', async () => {
  const { run, words } = setUp()
  let isBegun = false
  const first = await callFovea(words, {
    onOutput(_, interrupt) {
      if (!isBegun) interrupt()
      isBegun = true
    },
  })
  expect([0, 130]).toContain(first.code)
  rmSync(join(run, 'result.json'), { force: true })
  const resume = ['train', '--resume', run, ...short.slice(2)]
  const calls = await Promise.all([callFovea(resume), callFovea(resume)])
  expect(calls.map(({ code }) => code).sort()).toEqual([0, 1])
  expect(calls.find(({ code }) => code === 1)!.stderr).toMatch(/is in use/)
})

test('a finished run gives its result again, with the page that was not drawn', async () => {
  const { run, words, story } = setUp()
  const whole = await callFovea(words)
  expect(whole.code).toBe(0)
  const before = story()
  rmSync(join(run, 'report.html'))
  const again = await callFovea(['train', '--resume', run, ...short.slice(2)])
  expect(again.code).toBe(0)
  expect(JSON.parse(again.stdout)).toEqual(JSON.parse(whole.stdout))
  expect(existsSync(join(run, 'report.html'))).toBe(true)
  expect(story()).toBe(before)
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
