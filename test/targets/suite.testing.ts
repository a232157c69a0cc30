/** What must have the bits of WebAssembly on every target, as suites: the fast ones take few cases, the slow ones all. */
import { describe, expect, it } from 'vitest'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import type { Target } from '../../packages/fovea/src/plan/target.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { integerCases } from '../op-cases/integer-cases.ts'
import { largeFilters, winogradCase, winogradCases } from '../op-cases/winograd-cases.ts'
import { randomProgram } from '../programs/programs.testing.ts'
import { type NetworkName, networks } from '../wasm/networks.testing.ts'
import { buildStep, everything } from '../wasm/runs.testing.ts'
import { targetFaults } from './programs.testing.ts'
import { bitFaults, otherBits } from './same-bits.testing.ts'
import { interpreterOf } from './targets.testing.ts'

const wasm = wasmDevice(nodeHost())

/** `count` shapes, all by default. */
export function describeIntegerBits(count: number | undefined, targets: readonly Target[]): void {
  const [cases, size] = [integerCases(count), 18]
  const groups = Array.from({ length: Math.ceil(cases.length / size) }, (_, group) => group * size)
  describe('integer cases', () => {
    it.each(groups)(`cases from %i`, async first => {
      // One algorithm or the other: with both, the slow suite would take minutes more.
      const algorithm = (first / size) % 2 === 0 ? 'direct' : 'winograd2'
      const devices = [wasm, ...targets.map(target => interpreterOf(target))]
      expect(await bitFaults(devices, cases.slice(first, first + size), { threads: 1, algorithm })).toEqual([])
    })
  })
}

/** Three by three filters of any shape, slice by slice; and the last `large` of those whose batch is transformed as a whole. */
export function describeWinogradBits(
  { count, large }: { readonly count: number; readonly large: number },
  targets: readonly Target[],
): void {
  const devices = [wasm, ...targets.map(target => interpreterOf(target))]
  describe('Winograd', () => {
    it.each(['winograd2', 'winograd4'] as const)('%s, slice by slice', async algorithm => {
      expect(await bitFaults(devices, winogradCases(count, 'normal'), { threads: 2, algorithm })).toEqual([])
    })
    it('over the whole batch', async () => {
      const cases = largeFilters.slice(-large).map(shape => winogradCase('large', shape, 'normal'))
      expect(await bitFaults(devices, cases, { threads: 2, algorithm: 'winograd4' })).toEqual([])
    })
  })
}

const GROUP = 20
const algorithms = ['auto', 'winograd4', 'direct', 'winograd2'] as const

/** Random programs by their numbers: `randomProgram(number)` makes one again. */
export function describeProgramBits(first: number, count: number, targets: readonly Target[]): void {
  const groups = Array.from(
    { length: count / GROUP },
    (_, group) => [first + group * GROUP, algorithms[group % algorithms.length]!] as const,
  )
  it.each(groups)(`programs %i and the next ${GROUP - 1}, %s`, async (number, algorithm) => {
    const programs = Array.from({ length: GROUP }, (_, index) => randomProgram(number + index))
    const { faults, finite } = await targetFaults(programs, targets, { algorithm })
    expect(faults).toEqual([])
    expect(finite).toBeGreaterThan(0.9)
  })
}

/** Training steps, evaluation, prediction and gradients of whole networks. */
export function describeNetworkBits(names: readonly NetworkName[], targets: readonly Target[]): void {
  it.each(names)('%s', async name => {
    const step = buildStep(networks[name](), { batch: 6 })
    const valuesOn = async (device: typeof wasm, threads: number) => {
      const program = await device.compile(step.entries, { threads })
      await program.writeStates(step.states)
      const values = await everything(program, step, 2)
      await program.dispose()
      return values
    }
    const expected = await valuesOn(wasm, 1)
    for (const target of targets)
      expect(otherBits(await valuesOn(interpreterOf(target), 2), expected), target.name).toEqual([])
  })
}
