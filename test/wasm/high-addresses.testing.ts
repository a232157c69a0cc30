/**
 * Memory beyond 2 GiB, where addresses are negative as signed integers: a state that nobody touches moves everything behind it, so
 * that feeds, results and the arena lie across the border or all beyond it. (Untouched pages cost nothing.)
 */
import { describe, expect, it } from 'vitest'
import { createGraph } from '../../packages/fovea/src/graph/builder.ts'
import type { Device } from '../../packages/fovea/src/runtime/device.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import type { WasmProgram } from '../../packages/fovea/src/runtime/wasm-program.ts'
import { allOpCases } from '../op-cases/all-cases.ts'
import type { OpCase } from '../op-cases/case.ts'
import { integerCases } from '../op-cases/integer-cases.ts'
import { runCases } from '../op-cases/run-case.ts'
import { winogradCases } from '../op-cases/winograd-cases.ts'
import { host } from './runs.testing.ts'

export type Place = (plan: WasmProgram['plan']) => number
export const arena: Place = plan => plan.resultStart + plan.slots * plan.resultStride

/** A device whose programs have address `border` where `place` says plus `extra`. */
function shifted(border: number, place: Place, extra: number): Device {
  const device = wasmDevice(host)
  return {
    name: 'wasm, shifted',
    async compile(entries, options) {
      const probe = (await device.compile(entries, { ...options, threads: 1 })) as unknown as WasmProgram
      const size = Math.floor((border - place(probe.plan) - extra) / 4)
      await probe.dispose()
      const ballast = createGraph(1).state('ballast', [size])
      const [[name, first], ...others] = Object.entries(entries) as [[string, (typeof entries)[string]]]
      const heavy = { ...first, states: [...first.states, ballast] }
      return device.compile(Object.fromEntries([[name, heavy], ...others]), options)
    },
  }
}

const heavy = new Set([
  'conv2d',
  'conv2dInputGrad',
  'conv2dFilterGrad',
  'matmul',
  'maxPool2dGrad',
  'batchMoments',
  'affineSample',
  'composite',
])
const cases = (): OpCase[] => [...allOpCases().filter(({ kind }) => heavy.has(kind)), ...integerCases(24)]

/** Every `stride`-th case of the heavy operations, with address `border` at each place; and Winograd's, which is exact on whole numbers. */
export function describeHighAddresses(
  places: readonly (readonly [string, number, Place, number])[],
  stride: number,
): void {
  const every = (all: readonly OpCase[]): OpCase[] => all.filter((_, index) => index % stride === 0)
  const suites = [
    ['direct', every(cases())],
    ['winograd2', every(winogradCases(60, 'integers', { exact: true }))],
  ] as const
  describe('addresses', () => {
    // A group goes to every place before the next, so that the oracle is asked once.
    const runs = suites.flatMap(([algorithm, chosen]) =>
      Array.from({ length: Math.ceil(chosen.length / 60) }, (_, group) =>
        chosen.slice(60 * group, 60 * group + 60),
      ).flatMap((group, index) =>
        places.map(([name, ...place]) => [name, algorithm, index + 1, group, place] as const),
      ),
    )
    it.each(runs)('%s, %s, group %i', async (_name, algorithm, _index, group, [border, place, extra]) => {
      expect(await runCases(shifted(border, place, extra), group, { threads: 2, algorithm })).toEqual([])
    })
  })
}
