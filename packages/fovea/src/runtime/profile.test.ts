/** The profile of a step: every kernel and wait once, plausible times, and a table that names them. */
import { describe, expect, it } from 'vitest'
import { networks } from '../../../../test/wasm/networks.testing.ts'
import { buildStep, feedFrom, host } from '../../../../test/wasm/runs.testing.ts'
import { printProfile, profileProgram } from './profile.ts'
import { wasmDevice } from './wasm-device.ts'
import type { WasmProgram } from './wasm-program.ts'

const step = buildStep(networks.odd(), { batch: 6 })

describe('profileProgram', () => {
  it.each([1, 2])('with %i threads: times of every kernel and wait', async threads => {
    const { entries, states } = step
    const feed = feedFrom(step, 0)
    const profile = await profileProgram(host, {
      entries,
      entry: 'train',
      states,
      feed,
      steps: 4,
      options: { threads },
    })
    const plain = (await wasmDevice(host).compile(entries, { threads })) as WasmProgram
    const { phases } = plain.plan.entries.find(({ name }) => name === 'train')!
    await plain.dispose()
    expect(profile.kernels.map(({ kernel }) => kernel.id)).toEqual(
      phases.flatMap(({ kernels }) => kernels.map(({ id }) => id)),
    )
    expect(profile.waits).toHaveLength(phases.length)
    const all = [...profile.kernels.map(({ milliseconds }) => milliseconds), ...profile.waits]
    for (const each of all) {
      expect(each).toHaveLength(threads)
      expect(Math.min(...each)).toBeGreaterThanOrEqual(0)
    }
    for (let thread = 0; thread < threads; thread++)
      expect(all.reduce((sum, each) => sum + each[thread]!, 0)).toBeGreaterThan(0)
    const text = printProfile(profile, 40)
    for (const { kernel } of profile.kernels) expect(text).toContain(`${kernel.id} ${kernel.name}`)
    expect(text).toContain(`wait after phase ${phases.length - 1}`)
  })
})
