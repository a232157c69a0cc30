/** Every op case, and some integer cases on the odd targets: the bits of WebAssembly. */
import { describe, expect, it } from 'vitest'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { allOpCases } from '../op-cases/all-cases.ts'
import { bitFaults } from './same-bits.testing.ts'
import { describeIntegerBits } from './suite.testing.ts'
import { interpreterOf, odd, targets } from './targets.testing.ts'

const devices = [wasmDevice(nodeHost()), ...[...targets, ...odd].map(target => interpreterOf(target))]
const cases = allOpCases()

describe('op cases', () => {
  it.each([...new Set(cases.map(({ kind }) => kind))])('%s', async kind => {
    const ofKind = cases.filter(opCase => opCase.kind === kind)
    expect(await bitFaults(devices, ofKind, { threads: 1 })).toEqual([])
  })
})

// The other targets have all of them: targets.slow.test.ts.
describeIntegerBits(18, odd)
