/** Every op case, some integer cases and Winograd's shapes on every target: the bits of WebAssembly. */
import { describe, expect, it } from 'vitest'
import { nodeHost } from '../../src/host/node/host.ts'
import { wasmDevice } from '../../src/runtime/wasm-device.ts'
import { allOpCases } from '../op-cases/all-cases.ts'
import { largeFilters, winogradCase, winogradCases } from '../op-cases/winograd-cases.ts'
import { bitFaults } from './same-bits.testing.ts'
import { describeIntegerBits } from './suite.testing.ts'
import { interpreterOf, odd, targets } from './targets.testing.ts'

const all = [...targets, ...odd]
const devices = [wasmDevice(nodeHost()), ...all.map(target => interpreterOf(target))]
const cases = allOpCases()

describe('op cases', () => {
  it.each([...new Set(cases.map(({ kind }) => kind))])('%s', async kind => {
    const ofKind = cases.filter(opCase => opCase.kind === kind)
    expect(await bitFaults(devices, ofKind, { threads: 1 })).toEqual([])
  })
})

describe('Winograd', () => {
  it.each(['winograd2', 'winograd4'] as const)('%s, slice by slice', async algorithm => {
    expect(await bitFaults(devices, winogradCases(24, 'normal'), { threads: 2, algorithm })).toEqual([])
  })
  it('over the whole batch', async () => {
    const large = largeFilters.map(shape => winogradCase('large', shape, 'normal'))
    expect(await bitFaults(devices, large, { threads: 2, algorithm: 'winograd4' })).toEqual([])
  })
})

describeIntegerBits(36, all)
