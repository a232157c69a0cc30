/** What training runs on here: the compiled device on this machine's threads, and its clock. */

import type { Clock } from 'fovea/internal/engine/steps'
import { nodeHost } from 'fovea/internal/host/node/host'
import type { Device } from 'fovea/internal/runtime/device'
import 'fovea/internal/runtime/at-once'
import { wasmDevice } from 'fovea/internal/runtime/wasm-device'

export function nodeDevice(): { device: Device; clock: Clock } {
  const host = nodeHost()
  return { device: wasmDevice(host), clock: host }
}
