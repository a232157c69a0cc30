/**
 * The device of a window: programs live in workers, so that the page goes on while models are planned, trained and asked. Where the
 * worker's file cannot be had, the page's own thread does it all, and how to mend that is said once.
 */
import type { Host, WorkerHandle } from './base/host.ts'
import type { Device } from './runtime/device.ts'
import { remoteDevice } from './runtime/remote/remote-device.ts'

/** What was refused once is not asked for again before the page is loaded anew. */
let refusal: string | undefined

export function windowDevice(host: Host): Device {
  const remote = remoteDevice(startedWorker)
  return {
    name: 'wasm',
    async compile(entries, options) {
      if (refusal === undefined) {
        try {
          return await remote.compile(entries, options)
        } catch (error) {
          if (!(error instanceof NoWorker)) throw error
          sayBlocked(error.message)
        }
      }
      const { wasmDevice } = await import('./runtime/wasm-device.ts')
      return wasmDevice(host).compile(entries, options)
    },
  }
}

class NoWorker extends Error {}

function sayBlocked(received: string): void {
  if (refusal !== undefined) return
  refusal = received
  const fix = received.includes('Trusted')
    ? "take require-trusted-types-for 'script' out of the page's Content-Security-Policy"
    : "serve that file (esbuild and Rollup build it as a second entry, fovea/program-worker), and let worker-src of the page's Content-Security-Policy have 'self'"
  console.warn(`Fovea computes on the page's own thread: the numbers are the same, but the page waits meanwhile.
  expected: a worker from program-worker.js, beside the script that has Fovea in it
  received: ${received}
  fix: ${fix}`)
}

/** A worker that has begun: one that is refused, or whose file is not there, ends before it says anything. */
function startedWorker(): Promise<WorkerHandle> {
  return new Promise((resolve, reject) => {
    const worker = newWorker()
    worker.onerror = ({ message }) => {
      worker.terminate()
      reject(new NoWorker(message || 'a worker that ended before it began'))
    }
    worker.onmessage = () => {
      worker.onmessage = null
      worker.onerror = null
      resolve(handleOf(worker))
    }
  })
}

function newWorker(): Worker {
  try {
    // Bundlers look for exactly this form.
    return new Worker(new URL('./program-worker.js', import.meta.url), { type: 'module' })
  } catch (error) {
    throw new NoWorker(String(error))
  }
}

function handleOf(worker: Worker): WorkerHandle {
  return {
    post: (message, transfer) => worker.postMessage(message, (transfer ?? []) as Transferable[]),
    onMessage: listener => worker.addEventListener('message', ({ data }) => listener(data)),
    onError: listener => {
      worker.addEventListener('error', ({ message }) => listener(new Error(message || 'a worker ended by itself')))
      worker.addEventListener('messageerror', () => listener(new Error('a message of a worker could not be read')))
    },
    hold: () => {},
    terminate: async () => worker.terminate(),
  }
}
