/** Every plan of every network that a recipe trains, and of the small networks, checked without the planner's own reasoning. */
import { describe, expect, it } from 'vitest'
import { zooModel } from '../../packages/fovea/src/network/zoo/zoo.ts'
import { planProgram } from '../../packages/fovea/src/plan/plan.ts'
import { wasm128 } from '../../packages/fovea/src/plan/target.ts'
import type { Buffer, Kernel, Plan } from '../../packages/fovea/src/plan/types.ts'
import { recipes } from '../../packages/fovea/src/recipes/recipes.ts'
import { networkNames, networks } from '../wasm/networks.testing.ts'
import { buildStep } from '../wasm/runs.testing.ts'
import { memoryFaults, orderFaults, phaseFaults, planFaults } from './plan-checks.testing.ts'

const zooNames = [...new Set(recipes.map(({ model }) => model).filter(model => typeof model === 'string'))]

describe('plans', () => {
  it.each([...zooNames, 'lenet', 'resnet20'])('%s', async name => {
    const { entries } = buildStep(zooModel(name).build(), { batch: 32 })
    expect(planFaults(await planProgram(entries, { target: wasm128, slots: 3, start: 256 }))).toEqual([])
  })

  it.each(networkNames)('small: %s, with every optimizer state', async name => {
    for (const optimizer of ['sgd', 'rmsprop', 'adam', 'nadam', 'lion'] as const) {
      const { entries } = buildStep(networks[name](), { batch: 7, optimizer, floats: true })
      expect(planFaults(await planProgram(entries, { target: wasm128, slots: 2, start: 256 })), optimizer).toEqual([])
    }
  })
})

describe('the checks themselves', () => {
  const plan = () =>
    planProgram(buildStep(networks.cnn(), { batch: 8 }).entries, { target: wasm128, slots: 2, start: 256 })

  it('a swapped phase is found', async () => {
    const program = await plan()
    const [train] = program.entries as [Plan]
    const swapped = {
      ...train,
      phases: [...train.phases.slice(2, 4), ...train.phases.slice(0, 2), ...train.phases.slice(4)],
    }
    expect(orderFaults(train)).toEqual([])
    expect(orderFaults(swapped).length).toBeGreaterThan(0)
  })

  it('a missing barrier is found', async () => {
    const [train] = (await plan()).entries as [Plan]
    expect(phaseFaults(train)).toEqual([])
    const found = train.phases.slice(1).filter((_, index) => {
      const joined: Kernel[] = [...train.phases[index]!.kernels, ...train.phases[index + 1]!.kernels]
      return phaseFaults({ ...train, phases: [{ kernels: joined }] }).length > 0
    })
    expect(found).toHaveLength(train.phases.length - 1)
  })

  it('moved buffers are found', async () => {
    const program = await plan()
    const [train] = program.entries as [Plan]
    expect(memoryFaults(program, train)).toEqual([])
    const written = train.phases[0]!.kernels.flatMap(kernel => kernel.writes).filter(({ space }) => space === 'arena')
    const [a, b] = written as [Buffer, Buffer]
    b.offset = a.offset
    expect(memoryFaults(program, train).length).toBeGreaterThan(0)
  })
})
