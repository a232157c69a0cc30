/** What training runs on here: the compiled device on this machine's threads, and its clock. */

import type { Clock } from '../engine/steps.ts'
import { nodeHost } from '../host/node/host.ts'
import type { Device } from '../runtime/device.ts'
import { wasmDevice } from '../runtime/wasm-device.ts'

export function nodeDevice(): { device: Device; clock: Clock } {
  const host = nodeHost()
  return { device: wasmDevice(host), clock: host }
}
