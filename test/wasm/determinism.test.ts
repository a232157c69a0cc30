/** The same bits for any number of threads, and in two programs where the second takes over the first one's states. */
import { describe, expect, it } from 'vitest'
import { networkNames, networks } from './networks.testing.ts'
import { buildStep, compile, differences, everything, feedFrom } from './runs.testing.ts'

describe('bits', () => {
  it.each(networkNames)('%s: one, two and three threads agree; so does a run in two parts', async name => {
    const step = buildStep(networks[name](), { batch: 14 })
    const results = []
    for (const threads of [1, 2, 3]) {
      const program = await compile(step, { threads })
      results.push(await everything(program, step, 6))
      await program.dispose()
    }
    expect(differences(results[1]!, results[0]!), 'two threads').toEqual([])
    expect(differences(results[2]!, results[0]!), 'three threads').toEqual([])

    const first = await compile(step, { threads: 2 })
    await first.run('train', 2, feedFrom(step, 0))
    const second = await compile(step, { threads: 1 }, false)
    await second.writeStates(await first.readStates())
    await first.dispose()
    const rest = await everything(second, step, 4, { first: 2 })
    await second.dispose()
    const unbroken = Object.entries(results[0]!).filter(([key]) => !/^train [01] /.test(key))
    const renamed = unbroken.map(([key, value]) => [key.replace(/^train (\d)/, (_, n) => `train ${n - 2}`), value])
    expect(differences(rest, Object.fromEntries(renamed)), 'in two parts').toEqual([])
  })
})
