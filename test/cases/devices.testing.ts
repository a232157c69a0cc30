/** The devices that recorded cases run on; one is current at a time (the tests of a file run one after the other). */
import { beforeAll, describe } from 'vitest'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import type { Device } from '../../packages/fovea/src/runtime/device.ts'
import { referenceDevice } from '../../packages/fovea/src/runtime/reference.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import type { Tolerance } from './case-files.testing.ts'

interface Candidate {
  readonly name: string
  readonly make: () => Device
  /** Computes in float32: cases recorded in double agree within its rounding. */
  readonly float32: boolean
}

const devices: readonly Candidate[] = [
  { name: 'reference', make: () => referenceDevice(), float32: false },
  { name: 'wasm', make: () => onOneThread(wasmDevice(nodeHost())), float32: true },
]

/** Cases are small: starting workers for each would take longer than everything else. */
function onOneThread(device: Device): Device {
  return { ...device, compile: (entries, options) => device.compile(entries, { ...options, threads: 1 }) }
}

let current = devices[0]!
let made: Device | undefined

export function currentDevice(): Device {
  made ??= current.make()
  return made
}

/** What a case allows on the current device: in float32 at least 1e-5 of the value and 2e-6. */
export function allowed(tolerance: Tolerance): Tolerance {
  if (!current.float32 || tolerance.places !== undefined) return tolerance
  return { atol: Math.max(tolerance.atol ?? 0, 2e-6), rtol: Math.max(tolerance.rtol ?? 0, 1e-5) }
}

/** The suite once for each device, or for one; skipped, saying why, when the cases are not there. */
export function onEveryDevice(title: string, reason: string | undefined, suite: () => void, only?: string): void {
  if (reason !== undefined) {
    describe.skip(`${title} (skipped: ${reason})`, suite)
    return
  }
  const asked = devices.filter(({ name }) => only === undefined || name === only)
  describe.each(asked.map(device => [device.name, device] as const))(`${title} on %s`, (_, device) => {
    beforeAll(() => {
      current = device
      made = undefined
    })
    suite()
  })
}
