/** Inputs that must be fetched before a step: the same bits as those that are there, and a failure to fetch breaks nothing. */
import { expect, it } from 'vitest'
import type { Feed } from '../../packages/fovea/src/runtime/device.ts'
import { networks } from './networks.testing.ts'
import { buildStep, compile, countOf, differences, everything, feedFrom, type Step } from './runs.testing.ts'

/** Fills the slots a turn of the event loop later, like a file that is read. */
const later =
  (feed: Feed): Feed =>
  async (step, slots) => {
    await new Promise(resolve => setImmediate(resolve))
    return feed(step, slots)
  }

/** States after so many steps of training, and the outputs of each. */
async function trained(step: Step, steps: number, feed: Feed) {
  const program = await compile(step, { threads: 2 })
  try {
    const outputs = await program.run('train', steps, feed)
    const losses = outputs.map(({ loss }) => loss![0]!)
    return { losses, ...(await program.readStates()) }
  } finally {
    await program.dispose()
  }
}

it('awaited inputs give the bits of those that are there', async () => {
  const step = buildStep(networks.odd(), { batch: 6 })
  const expected = await trained(step, 5, feedFrom(step, 0))
  expect(countOf(expected)).toBeGreaterThan(1000)
  expect(differences(await trained(step, 5, later(feedFrom(step, 0))), expected)).toEqual([])
})

it('what cannot be fetched rejects the run; the program goes on', async () => {
  const step = buildStep(networks.odd(), { batch: 6 })
  const program = await compile(step, { threads: 2 })
  const fresh = await compile(step, { threads: 2 })
  try {
    const failing = program.run('evaluate', 3, async (index, slots) => {
      if (index === 1) throw new Error('no such file')
      return feedFrom(step, 0)(index, slots)
    })
    await expect(failing).rejects.toThrow('no such file')
    expect(differences(await everything(program, step, 2), await everything(fresh, step, 2))).toEqual([])
  } finally {
    await program.dispose()
    await fresh.dispose()
  }
})
