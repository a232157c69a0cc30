/**
 * The worker that holds a program of a page: a file of its own, which bundlers find by its address in window-device.ts. Bundlers that do
 * not look for it build it as a second entry, `fovea/program-worker`.
 */
import { browserHost } from './host/browser/host.ts'
import * as computeWorkers from './host/browser/worker.ts'
import { families } from './runtime/remote/families.ts'
import type { WorkerCall } from './runtime/remote/messages.ts'
import { programServer } from './runtime/remote/program-server.ts'
import { wasmDevice } from './runtime/wasm-device.ts'

const post = (message: unknown, transfer: readonly ArrayBufferLike[] = []): void =>
  postMessage(message, { transfer: transfer as ArrayBuffer[] })
// The page says it once for all its workers.
console.warn = (warning: unknown) => post({ warning: String(warning) })
const take = programServer(wasmDevice(browserHost()), post)
addEventListener('message', ({ data }: MessageEvent<WorkerCall>) => take(data))
// Something has to hold them, or bundlers leave them out again.
Object.assign(globalThis, { families: [...families, computeWorkers] })
post({ ready: true })
