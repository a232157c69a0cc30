/**
 * What must hold of every network on the WebAssembly device, as a suite over a list of (network, algorithm): the fast suite takes few, the
 * slow one all. Compiling takes most of the time: the tests of a network share its programs, each of which begins with the first states.
 */
import { afterAll, describe, expect, it } from 'vitest'
import type { CompileSettings } from '../../packages/fovea/src/runtime/device.ts'
import { broken, fillAllButStates, forbidden, paint } from './memory.testing.ts'
import { networks } from './networks.testing.ts'
import {
  buildStep,
  compile,
  countOf,
  differences,
  everything,
  feedFrom,
  type Step,
  type Variant,
} from './runs.testing.ts'

const guard = 256
// Odd, and nothing that threads divide.
const batch = 13

export interface NetworkSuite {
  /** Numbers of threads, which must give the same bits. */
  readonly threads: readonly number[]
  /** Rows of a last batch, which has the bits of a program compiled for exactly that many. */
  readonly rows: readonly number[]
}

export function describeNetworks(variants: readonly Variant[], { threads: counts, rows }: NetworkSuite): void {
  describe.each(variants)('%s, %s', (name, algorithm) => {
    const step = buildStep(networks[name](), { batch })
    const programOf = sharedPrograms(step, algorithm)

    it('any number of threads gives the same bits; so does a run in two parts', async () => {
      const results = []
      for (const threads of counts) results.push(await everything(await programOf({ threads }), step, 6))
      for (const [index, threads] of counts.entries())
        expect(differences(results[index]!, results[0]!), `${threads} threads`).toEqual([])

      // The second program takes over the first one's states.
      const first = await programOf({ threads: 2 })
      await first.run('train', 2, feedFrom(step, 0))
      const second = await programOf({ threads: 1 })
      await second.writeStates(await first.readStates())
      const rest = await everything(second, step, 4, { first: 2 })
      const unbroken = Object.entries(results[0]!).filter(([key]) => !/^train [01] /.test(key))
      const renamed = unbroken.map(([key, value]) => [key.replace(/^train (\d)/, (_, n) => `train ${n - 2}`), value])
      expect(differences(rest, Object.fromEntries(renamed)), 'in two parts').toEqual([])
    })

    it('fewer rows than the program was compiled for', async () => {
      for (const n of rows) {
        const received = await everything(await programOf({ threads: 2 }), step, 3, { n })
        const own = buildStep(networks[name](), { batch: n })
        const small = await compile(own, { algorithm, threads: 1 })
        const expected = await everything(small, own, 3)
        await small.dispose()
        expect(countOf(expected)).toBeGreaterThan(2000)
        expect(differences(received, expected), `${n} rows`).toEqual([])
      }
    })

    // Kernels write nothing but their results, and read nothing that matters beyond their operands.
    it('bytes behind every buffer stay untouched', async () => {
      for (const threads of [1, 2]) {
        const program = await programOf({ threads, guard })
        for (const entry of program.plan.entries) {
          const regions = forbidden(program, entry, guard)
          expect(regions.length).toBeGreaterThan(20)
          for (const n of [batch, 3]) {
            paint(program, regions)
            await program.run(entry.name, 2, feedFrom(step, 0, n))
            expect(broken(program, regions), `${entry.name}, ${n} rows, ${threads} threads`).toEqual([])
          }
        }
      }
    })

    it('NaN in all unused memory and sharing of memory change nothing', async () => {
      const results = []
      // With a guard no two buffers share memory: whatever lifetimes the plan found, the bits must be these.
      for (const [byte, options] of [
        [0, { guard }],
        [0xff, {}],
      ] as const) {
        const program = await programOf({ threads: 2, ...options })
        fillAllButStates(program, byte)
        const whole = await everything(program, step, 2)
        const part = Object.entries(await everything(program, step, 1, { n: 5 }))
        results.push({ ...whole, ...Object.fromEntries(part.map(([key, value]) => [`5 rows ${key}`, value])) })
      }
      expect(differences(results[1]!, results[0]!)).toEqual([])
    })
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
}

/** Compiles a program when it is first asked for, and gives it its first states whenever it is; the last test disposes all. */
function sharedPrograms(step: Step, algorithm: NonNullable<CompileSettings['algorithm']>) {
  const programs = new Map<string, ReturnType<typeof compile>>()
  afterAll(async () => {
    for (const program of programs.values()) await (await program).dispose()
    programs.clear()
  })
  return async (options: { readonly threads: number; readonly guard?: number }): ReturnType<typeof compile> => {
    const key = JSON.stringify(options)
    if (!programs.has(key)) programs.set(key, compile(step, { algorithm, ...options }, false))
    const program = await programs.get(key)!
    await program.writeStates(step.states)
    return program
  }
}
