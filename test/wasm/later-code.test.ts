/** Code for entries that were not asked for at once is made when they first run: the same numbers, and nothing for what never runs. */
import { describe, expect, it } from 'vitest'
import { networks } from './networks.testing.ts'
import { buildStep, compile, countOf, differences, everything, feedFrom } from './runs.testing.ts'

describe.each([1, 2])('%i threads', threads => {
  const step = buildStep(networks.cnn(), { batch: 6 })

  it('entries that are compiled when they first run give the same bits', async () => {
    const whole = await compile(step, { threads })
    const later = await compile(step, { threads, first: ['train'] })
    try {
      const before = later.info
      const expected = await everything(whole, step, 3)
      expect(countOf(expected)).toBeGreaterThan(1000)
      expect(differences(await everything(later, step, 3), expected)).toEqual([])
      expect(before.codeBytes).toBeLessThan(0.7 * whole.info.codeBytes)
      expect(later.info.codeBytes).toBeGreaterThan(0.9 * whole.info.codeBytes)
      expect(before.compileSeconds).toBeLessThan(later.info.compileSeconds)
      expect(before.memoryBytes).toBe(later.info.memoryBytes)
    } finally {
      await whole.dispose()
      await later.dispose()
    }
  })

  it('what has run once is not compiled again', async () => {
    const program = await compile(step, { threads, first: [] })
    try {
      expect(program.info.codeBytes).toBe(0)
      await program.run('evaluate', 1, feedFrom(step, 0))
      const once = program.info
      expect(once.codeBytes).toBeGreaterThan(1000)
      await program.run('evaluate', 1, feedFrom(step, 1))
      expect(program.info).toEqual(once)
    } finally {
      await program.dispose()
    }
  })
})
