/** A last batch of 1, 7 or N − 1 rows gives the bits of a program compiled for exactly that many. */
import { describe, expect, it } from 'vitest'
import { networkNames, networks } from './networks.testing.ts'
import { buildStep, compile, countOf, differences, everything } from './runs.testing.ts'

const batch = 10

describe('fewer rows than the program was compiled for', () => {
  it.each(networkNames)('%s', async name => {
    const step = buildStep(networks[name](), { batch })
    const large = await compile(step, { threads: 2 })
    for (const n of [1, 7, batch - 1]) {
      await large.writeStates(step.states)
      const received = await everything(large, step, 3, { n })
      const own = buildStep(networks[name](), { batch: n })
      const small = await compile(own, { threads: 1 })
      const expected = await everything(small, own, 3)
      await small.dispose()
      expect(countOf(expected)).toBeGreaterThan(2000)
      expect(differences(received, expected), `${n} rows`).toEqual([])
    }
    await large.dispose()
  })
})
