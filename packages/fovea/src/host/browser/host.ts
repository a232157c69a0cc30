/**
 * A browser's side of the Host contract: workers are started from a Blob address, so a bundler has nothing to find. Threads
 * share one memory only where the page is cross-origin isolated (served with the COOP and COEP headers).
 */
import type { Host } from '../../base/host.ts'
import { yieldToEvents } from './yield-to-events.ts'

export function browserHost(): Host {
  return {
    name: 'browser',
    cores: globalThis.navigator?.hardwareConcurrency || 1,
    sharedMemory: globalThis.crossOriginIsolated === true && typeof SharedArrayBuffer === 'function',
    now: () => performance.now(),
    // A page that computes on one thread needs nothing of it.
    startWorker: async source => (await import('./worker.ts')).startedWorker(source),
    yieldToEvents,
  }
}
