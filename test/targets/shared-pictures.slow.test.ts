/** Convolutions of one slice, cut into lines, register tiles and blocks of filters: the bits of those done picture by picture. */
import { expect, it } from 'vitest'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { convolutionCases } from '../op-cases/convolution-cases.ts'
import { bitFaults } from './same-bits.testing.ts'
import { interpreterOf, ofLanes } from './targets.testing.ts'

const alone = { kernel: 0, step: 0 }
const devices = [
  wasmDevice(nodeHost()),
  interpreterOf(ofLanes(4, { alone })),
  interpreterOf(ofLanes(8, { alone, block: 16, tileRows: 2 })),
]
const cases = convolutionCases().filter(({ batch }) => batch <= 4)

it.each([2, 3])('on %i threads', async threads => {
  expect(cases.length).toBeGreaterThan(100)
  expect(await bitFaults(devices, cases, { threads, algorithm: 'direct' })).toEqual([])
})
