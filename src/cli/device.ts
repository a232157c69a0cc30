/** What training runs on here: this machine's threads, clock and the compiled device. */
import { nodeHost } from '../host/node/host.ts'
import type { Device } from '../runtime/device.ts'
import { referenceDevice } from '../runtime/reference.ts'
import type { Clock } from '../train/trainer.ts'

export function nodeDevice(): { device: Device; clock: Clock } {
  const clock = nodeHost()
  return { device: referenceDevice(), clock }
}
