/**
 * A browser's side of the Host contract: workers are started from a Blob address, so a bundler has nothing to find. Threads
 * share one memory only where the page is cross-origin isolated (served with the COOP and COEP headers).
 */
import type { Host, WorkerHandle } from '../../base/host.ts'

export function browserHost(): Host {
  return {
    name: 'browser',
    cores: navigator.hardwareConcurrency || 1,
    sharedMemory: globalThis.crossOriginIsolated === true && typeof SharedArrayBuffer === 'function',
    now: () => performance.now(),
    startWorker,
    yieldToEvents,
  }
}

function startWorker(source: string): WorkerHandle {
  const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  const worker = new Worker(address)
  let released = false
  // The address must live until the worker has read its script: its first message or error shows that it has.
  const release = () => {
    if (!released) URL.revokeObjectURL(address)
    released = true
  }
  worker.addEventListener('message', release, { once: true })
  worker.addEventListener('error', release, { once: true })
  return {
    post: (message, transfer) => worker.postMessage(message, (transfer ?? []) as Transferable[]),
    onMessage: listener => worker.addEventListener('message', event => listener(event.data)),
    onError: listener => {
      worker.addEventListener('error', event => listener(new Error(event.message || 'a worker could not be started')))
      worker.addEventListener('messageerror', () => listener(new Error('a message of a worker could not be read')))
    },
    hold: () => {},
    terminate: async () => {
      release()
      worker.terminate()
    },
  }
}

/** A message to oneself is handled after pending events and, unlike a timer, is not slowed down by the browser. */
function yieldToEvents(): Promise<void> {
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
