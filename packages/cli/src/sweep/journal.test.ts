import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownMark } from 'fovea/internal/host/node/file-lock'
import { recipe } from 'fovea/internal/recipes/recipes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { journalName, openJournal, records, silence, stateOf } from './journal.ts'
import { planFrom, type SweepPlan, samePlan } from './plan.ts'
import { dimensionOf } from './space.ts'

const own = recipe('shapes-mlp')
const plan: SweepPlan = {
  ...{ recipe: own, seed: 1, limit: 64, minutes: null, trainsWinner: true },
  dimensions: [dimensionOf('learningRate=1e-4..1e-2', own), dimensionOf('activation=relu,tanh', own)],
  trials: 9,
  rungs: 3,
}
const piece = { trial: 2, rung: 0 }
const result = { value: 0.5, epochs: 1, curve: [{ epoch: 1, loss: 2, valLoss: 1, valAccuracy: 0.5 }] }

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-journal-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const stateWith = (lines: readonly object[], now?: number) =>
  stateOf([records.plan(plan), ...lines].map(line => JSON.stringify(line)).join('\n'), 'journal', now)

test('the plan is read as it was written; two plans are the same where they are', () => {
  expect(planFrom(JSON.parse(JSON.stringify(records.plan(plan))), 'journal')).toEqual(plan)
  expect(samePlan(plan, { ...plan })).toBe(true)
  expect(samePlan(plan, { ...plan, seed: 2 })).toBe(false)
  expect(samePlan({ ...plan, minutes: 3 }, { ...plan, minutes: 3, trials: 1 })).toBe(true)
  expect(() => planFrom({ type: 'plan' }, 'The first line')).toThrow(/The first line/)
})

test('a piece is taken as long as its worker is heard of, and free when that is silent, gone, or gives it back', () => {
  const [here, away] = [ownMark(), 'another-machine 1 x']
  const claim = (worker: string) => records.claim(piece, worker)
  expect(stateWith([claim(here)]).isTaken(piece)).toBe(true)
  expect(stateWith([claim(away)]).isTaken(piece)).toBe(true)
  const later = Date.now() + silence + 1000
  expect(stateWith([claim(away)], later).isTaken(piece)).toBe(false)
  expect(stateWith([claim(away), { ...records.alive(away), time: later }], later).isTaken(piece)).toBe(true)
  expect(stateWith([claim(away), records.release(piece, away)]).isTaken(piece)).toBe(false)
  // Who gave up a piece that is another's by now takes nothing from him.
  expect(stateWith([claim(away), claim(here), records.release(piece, away)]).isTaken(piece)).toBe(true)
  const gone = here.replace(String(process.pid), '4194303')
  expect(stateWith([claim(gone)]).isTaken(piece)).toBe(false)
})

test('the first result counts, and a line that was cut off is passed over', async () => {
  const journal = openJournal(folder)
  await journal.change(() => ({
    add: [records.plan(plan), records.done(piece, 'a 1 x', result, 3)],
    result: undefined,
  }))
  const path = join(folder, journalName)
  appendFileSync(path, '{"type":"done","trial":3,"ru')
  const other = { ...result, value: 0.75 }
  await journal.change(() => ({ add: [records.done(piece, 'b 1 x', other, 3)], result: undefined }))
  await journal.change(() => ({ add: [records.done({ trial: 4, rung: 0 }, 'b 1 x', other, 3)], result: undefined }))
  const state = await journal.read()
  expect(state.plan).toEqual(plan)
  expect(state.resultOf(piece)).toEqual(result)
  expect(state.resultOf({ trial: 3, rung: 0 })).toBeUndefined()
  expect(state.resultOf({ trial: 4, rung: 0 })).toEqual(other)
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(6)
})

test('of many that want one piece, one gets it', async () => {
  const journal = openJournal(join(folder))
  const claims = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      journal.change(state => {
        const free = !state.isTaken({ trial: 7, rung: 0 })
        return { add: free ? [records.claim({ trial: 7, rung: 0 }, `${ownMark()}${index}`)] : [], result: free }
      }),
    ),
  )
  expect(claims.filter(Boolean)).toHaveLength(1)
})
