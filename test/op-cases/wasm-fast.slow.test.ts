/** The WebAssembly device with contracted multiply-adds (numerics 'fast'): the same bounds, whole numbers as exact, by every algorithm. */
import { expect, it } from 'vitest'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { contracts, wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { describeIntegerCases, describeOpCases } from './device-suite.ts'
import { runCases } from './run-case.ts'
import { winogradCases } from './winograd-cases.ts'

const device = () => wasmDevice(nodeHost())
const fast = { threads: 2, numerics: 'fast' } as const

it('this engine contracts', () => {
  expect(contracts(nodeHost())).toBe(true)
})

describeOpCases(device, [{ ...fast, algorithm: 'direct' }])
describeIntegerCases(
  device,
  [
    { ...fast, algorithm: 'direct' },
    { ...fast, algorithm: 'winograd2' },
  ],
  720,
)
const winograd = winogradCases(60, 'normal', { leastChannels: 8 })
it.each(['auto', 'winograd4'] as const)('%s is within the bound of F(4×4)', async algorithm => {
  expect(await runCases(device(), winograd, { ...fast, algorithm })).toEqual([])
})
