import { recipe } from 'fovea/internal/recipes/recipes'
import { expect, test } from 'vitest'
import { records, stateOf } from './journal.ts'
import type { SweepPlan } from './plan.ts'
import { importanceOf, rankedTrials, varianceShare } from './ranking.ts'
import { dimensionOf } from './space.ts'

const own = recipe('shapes-mlp')
const plan: SweepPlan = {
  ...{ recipe: own, seed: 1, limit: null, minutes: null, trainsWinner: true },
  dimensions: [dimensionOf('learningRate=1e-4..1e-2', own), dimensionOf('activation=relu,tanh', own)],
  trials: 9,
  rungs: 3,
}
const result = (value: number | null) => ({ value, epochs: 1, curve: [] })
const journal = (lines: readonly object[]) =>
  stateOf([records.plan(plan), ...lines].map(line => JSON.stringify(line)).join('\n'), 'journal')
const done = (trial: number, rung: number, value: number | null) =>
  records.done({ trial, rung }, 'a-machine 1 x', result(value), 1)

test('who came further is first, then who is better, then who broke down', () => {
  const state = journal([done(0, 0, 0.9), done(1, 0, 0.5), done(1, 1, 0.6), done(2, 0, null), done(3, 0, 0.9)])
  expect(rankedTrials(plan, state).map(({ trial, value }) => [trial, value])).toEqual([
    [1, 0.6],
    [0, 0.9],
    [3, 0.9],
    [2, null],
  ])
})

test('an option that decides everything has a share of 1, one that decides nothing about 0', () => {
  const state = journal(
    Array.from({ length: 9 }, (_, trial) => {
      const rate = rankedTrials(plan, journal([done(trial, 0, 0)]))[0]!.values['activation']
      return done(trial, 0, rate === 'tanh' ? 0.8 : 0.2)
    }),
  )
  const [first, second] = importanceOf(plan, state)
  expect(first).toEqual({ name: 'activation', share: 1 })
  expect(second!.share).toBeLessThan(0.35)
})

test('the share is the correlation ratio, corrected for chance', () => {
  // Two groups of three: within 2 + 2, in all 2 + 2 + 6 · 1.5² = 17.5; 1 − (4 / 4) / (17.5 / 5).
  expect(varianceShare([1, 2, 3, 4, 5, 6], [0, 0, 0, 1, 1, 1])).toBeCloseTo(1 - 1 / 3.5, 12)
  expect(varianceShare([1, 2], [0, 1])).toBeNull()
  expect(varianceShare([1, 2, 3], [0, 0, 0])).toBeNull()
  expect(varianceShare([2, 2, 2], [0, 0, 1])).toBe(0)
})
