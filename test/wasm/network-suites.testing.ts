/**
 * What must hold of every network on the WebAssembly device, as suites over a list of (network, algorithm): the fast suite takes
 * few, the slow one all.
 */
import { describe, expect, it } from 'vitest'
import { broken, fillAllButStates, forbidden, paint } from './memory.testing.ts'
import { networks } from './networks.testing.ts'
import { buildStep, compile, countOf, differences, everything, feedFrom, type Variant } from './runs.testing.ts'

/** The same bits for any number of threads, and in two programs where the second takes over the first one's states. */
export function describeThreads(variants: readonly Variant[], counts: readonly number[]): void {
  describe('threads', () => {
    it.each(variants)('%s, %s: any number gives the same bits; so does a run in two parts', async (name, algorithm) => {
      const step = buildStep(networks[name](), { batch: 14 })
      const results = []
      for (const threads of counts) {
        const program = await compile(step, { algorithm, threads })
        results.push(await everything(program, step, 6))
        await program.dispose()
      }
      for (const [index, threads] of counts.entries())
        expect(differences(results[index]!, results[0]!), `${threads} threads`).toEqual([])

      const first = await compile(step, { algorithm, threads: 2 })
      await first.run('train', 2, feedFrom(step, 0))
      const second = await compile(step, { algorithm, threads: 1 }, false)
      await second.writeStates(await first.readStates())
      await first.dispose()
      const rest = await everything(second, step, 4, { first: 2 })
      await second.dispose()
      const unbroken = Object.entries(results[0]!).filter(([key]) => !/^train [01] /.test(key))
      const renamed = unbroken.map(([key, value]) => [key.replace(/^train (\d)/, (_, n) => `train ${n - 2}`), value])
      expect(differences(rest, Object.fromEntries(renamed)), 'in two parts').toEqual([])
    })
  })
}

/** A last batch of few rows gives the bits of a program compiled for exactly that many. */
export function describeLastBatch(variants: readonly Variant[], rows: readonly number[]): void {
  describe('fewer rows than the program was compiled for', () => {
    it.each(variants)('%s, %s', async (name, algorithm) => {
      const step = buildStep(networks[name](), { batch: 10 })
      const large = await compile(step, { algorithm, threads: 2 })
      for (const n of rows) {
        await large.writeStates(step.states)
        const received = await everything(large, step, 3, { n })
        const own = buildStep(networks[name](), { batch: n })
        const small = await compile(own, { algorithm, threads: 1 })
        const expected = await everything(small, own, 3)
        await small.dispose()
        expect(countOf(expected)).toBeGreaterThan(2000)
        expect(differences(received, expected), `${n} rows`).toEqual([])
      }
      await large.dispose()
    })
  })
}

const guard = 256
const batch = 7

/** Kernels write nothing but their results, and read nothing that matters beyond their operands. */
export function describeMemory(variants: readonly Variant[]): void {
  describe('memory', () => {
    it.each(variants)('%s, %s: bytes behind every buffer stay untouched', async (name, algorithm) => {
      for (const threads of [1, 2]) {
        const step = buildStep(networks[name](), { batch })
        const program = await compile(step, { algorithm, threads, guard })
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

    it.each(variants)(
      '%s, %s: NaN in all unused memory and sharing of memory change nothing',
      async (name, algorithm) => {
        const step = buildStep(networks[name](), { batch })
        const results = []
        // With a guard no two buffers share memory: whatever lifetimes the plan found, the bits must be these.
        for (const [byte, options] of [
          [0, { guard }],
          [0xff, {}],
        ] as const) {
          const program = await compile(step, { algorithm, threads: 2, ...options })
          fillAllButStates(program, byte)
          results.push({
            ...(await everything(program, step, 2)),
            ...Object.fromEntries(
              Object.entries(await everything(program, step, 1, { n: 5 })).map(([key, value]) => [
                `5 rows ${key}`,
                value,
              ]),
            ),
          })
          await program.dispose()
        }
        expect(differences(results[1]!, results[0]!)).toEqual([])
      },
    )

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
}
