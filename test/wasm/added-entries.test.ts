/** Entries that come later: the same bits as those that were compiled together, one memory, and nothing is compiled twice without need. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { StepGraph } from '../../packages/fovea/src/graph/node.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import type { WasmProgram } from '../../packages/fovea/src/runtime/wasm-program.ts'
import { type NetworkName, networks } from './networks.testing.ts'
import { buildStep, compile, countOf, differences, everything, feedFrom, host, type Step } from './runs.testing.ts'

/** A program that has only some of the step's entries. */
async function part(step: Step, names: readonly string[], options: { threads: number; guard?: number }) {
  const { guard, threads } = options
  const device = wasmDevice(host, { aloneSeconds: 0, ...(guard !== undefined && { guard }) })
  const entries = entriesOf(step, names)
  const program = (await device.compile(entries, { threads })) as WasmProgram
  await program.writeStates(statesOf(step, entries))
  return program
}

const entriesOf = ({ entries }: Step, names: readonly string[]) =>
  Object.fromEntries(names.map(name => [name, entries[name]!]))

const statesOf = ({ states }: Step, entries: Readonly<Record<string, StepGraph>>) => {
  const read = new Set(Object.values(entries).flatMap(graph => graph.states.map(({ attributes }) => attributes.name)))
  return Object.fromEntries(Object.entries(states).filter(([name]) => read.has(name)))
}

const orders: readonly (readonly string[])[] = [
  ['train', 'evaluate', 'predict', 'gradients'],
  ['predict', 'train', 'gradients', 'evaluate'],
  ['evaluate', 'predict', 'train', 'gradients'],
]

describe.each<NetworkName>(['odd', 'cnn', 'branches'])('%s', name => {
  const step = buildStep(networks[name](), { batch: 6 })
  // What entries that were compiled together give, by the number of threads; once more, since entries have taken turns in memory.
  const again = { first: 40 }
  const expected: Record<number, readonly Awaited<ReturnType<typeof everything>>[]> = {}
  beforeAll(async () => {
    for (const threads of [1, 2]) {
      const together = await compile(step, { threads })
      expected[threads] = [await everything(together, step, 3), await everything(together, step, 2, again)]
      await together.dispose()
    }
  })

  it.each(orders.flatMap(order => [1, 2].map(threads => [order, threads] as const)))(
    'one by one in the order %s, %i threads: the bits of entries compiled together',
    async (order, threads) => {
      const program = await part(step, [order[0]!], { threads })
      try {
        for (const entry of order.slice(1)) {
          const known = new Set(Object.keys(await program.readStates()))
          await program.add(entriesOf(step, [entry]))
          const all = statesOf(step, step.entries)
          const added = Object.keys(await program.readStates()).filter(state => !known.has(state))
          await program.writeStates(Object.fromEntries(added.map(state => [state, all[state]!])))
        }
        const [first, second] = expected[threads]!
        expect(countOf(first!)).toBeGreaterThan(1000)
        expect(differences(await everything(program, step, 3), first!)).toEqual([])
        expect(differences(await everything(program, step, 2, again), second!)).toEqual([])
      } finally {
        await program.dispose()
      }
    },
  )
})

describe('memory and code', () => {
  const step = buildStep(networks.cnn(), { batch: 6 })

  it('evaluation added to training needs no memory of its own, and no code is made anew', async () => {
    const program = await part(step, ['train'], { threads: 2 })
    try {
      await program.run('train', 2, feedFrom(step, 0))
      const { memoryBytes, codeBytes } = program.info
      await program.add(entriesOf(step, ['evaluate']))
      expect(program.info).toMatchObject({ memoryBytes, codeBytes })
      await program.run('evaluate', 1, feedFrom(step, 5))
      await program.run('train', 1, feedFrom(step, 6))
      const both = program.info.codeBytes
      expect(both).toBeGreaterThan(codeBytes)
      await program.run('evaluate', 1, feedFrom(step, 5))
      expect(program.info).toMatchObject({ memoryBytes, codeBytes: both })
    } finally {
      await program.dispose()
    }
  })

  it('an entry for more rows takes the place of the one there is, on a larger memory, with the states as they are', async () => {
    const larger = buildStep(networks.cnn(), { batch: 64 })
    const program = await part(step, ['predict'], { threads: 2 })
    const fresh = await part(larger, ['predict'], { threads: 2 })
    try {
      await program.run('predict', 1, feedFrom(step, 0))
      const before = program.info.memoryBytes
      await program.add(entriesOf(larger, ['predict']))
      const [received] = await program.run('predict', 1, feedFrom(larger, 0))
      const [expected] = await fresh.run('predict', 1, feedFrom(larger, 0))
      expect(differences(received!, expected!)).toEqual([])
      expect(program.info.memoryBytes).toBeGreaterThan(before)
      expect(program.info.codeBytes).toBe(fresh.info.codeBytes)
    } finally {
      await program.dispose()
      await fresh.dispose()
    }
  })

  it('what prediction prepared is prepared again after another entry has used its memory', async () => {
    const program = await part(step, ['predict'], { threads: 2 })
    try {
      const [first] = await program.run('predict', 1, feedFrom(step, 0))
      await program.add(entriesOf(step, ['evaluate']))
      await program.run('evaluate', 3, feedFrom(step, 1))
      const [second] = await program.run('predict', 1, feedFrom(step, 0))
      expect(differences(second!, first!)).toEqual([])
    } finally {
      await program.dispose()
    }
  })

  it('nothing is added while a step runs', async () => {
    const program = await part(step, ['predict'], { threads: 2 })
    try {
      const running = program.run('predict', 1, feedFrom(step, 0))
      await expect(program.add(entriesOf(step, ['evaluate']))).rejects.toThrow('busy')
      await running
    } finally {
      await program.dispose()
    }
  })
})
