/** Kernels write nothing but their results, and read nothing that matters beyond their operands. */
import { describe, expect, it } from 'vitest'
import { broken, fillAllButStates, forbidden, paint } from './memory.testing.ts'
import { networkNames, networks } from './networks.testing.ts'
import { buildStep, compile, differences, everything, feedFrom } from './runs.testing.ts'

const guard = 256
const batch = 7

describe('memory', () => {
  it.each(networkNames)('%s: bytes behind every buffer stay untouched', async name => {
    for (const threads of [1, 2]) {
      const step = buildStep(networks[name](), { batch })
      const program = await compile(step, { threads, guard })
      for (const entry of program.plan.entries) {
        const regions = forbidden(program, entry, guard)
        expect(regions.length).toBeGreaterThan(20)
        for (const n of [batch, 3]) {
          paint(program, regions)
          await program.run(entry.name, 2, feedFrom(step, 0, n))
          expect(broken(program, regions), `${entry.name}, ${n} rows, ${threads} threads`).toEqual([])
        }
      }
      await program.dispose()
    }
  })

  it.each(networkNames)('%s: NaN in all unused memory and sharing of memory change nothing', async name => {
    const step = buildStep(networks[name](), { batch })
    const results = []
    // With a guard no two buffers share memory: whatever lifetimes the plan found, the bits must be these.
    for (const [byte, options] of [
      [0, { guard }],
      [0xff, {}],
    ] as const) {
      const program = await compile(step, { threads: 2, ...options })
      fillAllButStates(program, byte)
      results.push({
        ...(await everything(program, step, 2)),
        ...Object.fromEntries(
          Object.entries(await everything(program, step, 1, { n: 5 })).map(([key, value]) => [`5 rows ${key}`, value]),
        ),
      })
      await program.dispose()
    }
    expect(differences(results[1]!, results[0]!)).toEqual([])
  })

  it('a broken pattern is found', async () => {
    const step = buildStep(networks.mlp(), { batch })
    const program = await compile(step, { threads: 1, guard })
    const entry = program.plan.entries[0]!
    const regions = forbidden(program, entry, guard)
    paint(program, regions)
    new Uint8Array(program.bytes)[regions.at(-1)!.end - 1]! += 1
    expect(broken(program, regions)).toHaveLength(1)
    await program.dispose()
  })
})
