import { expect, test } from 'vitest'
import type { Contestant } from './contestant.ts'
import { interleave } from './rounds.ts'

function contestants(log: string[], times: Readonly<Record<string, number>>): Contestant[] {
  return Object.entries(times).map(([name, time]) => ({
    name,
    async run() {
      log.push(name)
      return time
    },
    close: async () => {},
  }))
}

const pace = { warmUp: 1, rounds: 3, turn: 10, pause: async () => {} }

test('everyone has a turn in every round, each begun by another one; the warm-up does not count', async () => {
  const log: string[] = []
  const all = contestants(log, { a: 1, b: 2 })
  const times = await interleave(all, { ...pace, between: async () => void log.push('|') })
  expect(log.join('')).toBe('abab|ba|ab|')
  expect(times.get(all[1]!)).toEqual([2, 2, 2])
})

test('whoever is slow has two turns', async () => {
  const log: string[] = []
  const all = contestants(log, { a: 1, slow: 500 })
  const times = await interleave(all, pace)
  expect(times.get(all[0]!)).toHaveLength(3)
  expect(times.get(all[1]!)).toEqual([500, 500])
})
