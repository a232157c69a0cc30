import { describe, expect, it } from 'vitest'
import { createGraph } from '../graph/builder.ts'
import type { StepGraph } from '../graph/node.ts'
import type { FeedSlots } from './device.ts'
import { referenceDevice } from './reference.ts'

/** `train` adds the sum of the rows to the state; `read` gives the state and the rows scaled by it. */
function entries(): Record<string, StepGraph> {
  const graph = createGraph(4)
  const x = graph.input('x', [4, 2], { batched: true })
  const total = graph.state('total', [2])
  const next = graph.add(total, graph.sum(x, [0]))
  const common = { batch: 4, inputs: [x], states: [total] }
  return {
    train: { ...common, updates: [{ state: total, value: next }], outputs: [{ name: 'before', node: total }] },
    read: { ...common, updates: [], outputs: [{ name: 'scaled', node: graph.mul(x, total) }] },
  }
}

const ones = (slots: FeedSlots): number => {
  slots['x']!.fill(1)
  return 3
}

describe('the reference device', () => {
  it('makes updates visible to the next step and to other entries', async () => {
    const program = await referenceDevice().compile(entries())
    const steps = await program.run('train', 3, (_, slots) => ones(slots))
    expect(steps.map(({ before }) => [...before!])).toEqual([
      [0, 0],
      [3, 3],
      [6, 6],
    ])
    const [read] = await program.run('read', 1, (_, slots) => ones(slots))
    expect([...read!['scaled']!]).toEqual([9, 9, 9, 9, 9, 9])
  })

  it('adds entries, which find the states as they are', async () => {
    const { train, read } = entries() as { train: StepGraph; read: StepGraph }
    const program = await referenceDevice().compile({ train })
    await program.run('train', 2, (_, slots) => ones(slots))
    await program.add({ read })
    const [found] = await program.run('read', 1, (_, slots) => ones(slots))
    expect([...found!['scaled']!]).toEqual([6, 6, 6, 6, 6, 6])
    await program.run('train', 1, (_, slots) => ones(slots))
    expect(await program.readStates()).toEqual({ total: Float64Array.of(9, 9) })
  })

  it('writes and reads states, and hands out copies', async () => {
    const program = await referenceDevice().compile(entries())
    await program.writeStates({ total: [1.5, 2.5] })
    const first = await program.readStates(['total'])
    first['total']!.fill(0)
    expect(await program.readStates()).toEqual({ total: Float64Array.of(1.5, 2.5) })
  })

  it('keeps the states of the last whole step when a step fails', async () => {
    const program = await referenceDevice().compile(entries())
    const failing = program.run('train', 2, (step, slots) => {
      if (step === 1) throw new Error('no more rows')
      return ones(slots)
    })
    await expect(failing).rejects.toThrow('no more rows')
    expect(await program.readStates()).toEqual({ total: Float64Array.of(3, 3) })
  })

  it('waits for inputs that must be fetched, and asks for the next step when they are there', async () => {
    const program = await referenceDevice().compile(entries())
    const told: string[] = []
    const steps = await program.run('train', 2, async (step, slots) => {
      told.push(`asked ${step}`)
      await new Promise(resolve => setTimeout(resolve))
      told.push(`filled ${step}`)
      return ones(slots)
    })
    expect(steps.map(({ before }) => [...before!])).toEqual([
      [0, 0],
      [3, 3],
    ])
    expect(told).toEqual(['asked 0', 'filled 0', 'asked 1', 'filled 1'])
  })

  it('refuses unknown names, wrong sizes, too many rows, and work after dispose', async () => {
    const program = await referenceDevice().compile(entries())
    await expect(program.run('predict', 1, () => 1)).rejects.toThrow("no entry 'predict'")
    await expect(program.readStates(['weight'])).rejects.toThrow("no state 'weight'")
    await expect(program.writeStates({ total: [1] })).rejects.toThrow('2 values')
    await expect(program.run('train', 1, () => 5)).rejects.toThrow('from 1 to 4')
    await program.dispose()
    await expect(program.run('train', 1, () => 1)).rejects.toThrow('disposed')
  })

  it('refuses entries that disagree on a state', async () => {
    const graph = createGraph(1)
    const other = graph.state('total', [3])
    const wrong: StepGraph = {
      batch: 1,
      inputs: [],
      states: [other],
      updates: [],
      outputs: [{ name: 'y', node: other }],
    }
    await expect(referenceDevice().compile({ ...entries(), wrong })).rejects.toThrow("state 'total'")
  })
})
