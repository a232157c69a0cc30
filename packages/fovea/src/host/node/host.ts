/**
 * Node's side of the Host contract: workers are `worker_threads` started from a source string. A worker does not keep the
 * process alive unless it is held, so a program ends by itself when the last step is done.
 */
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { Host, WorkerHandle } from '../../base/host.ts'
import { hasAddressSpace, WORKER_ADDRESSES } from './address-space.ts'
import { memoryLeft } from './memory-left.ts'
import { refusalOf, SystemRefusal } from './system-errors.ts'

/** Its workers are there at once. */
export interface NodeHost extends Host {
  startWorker(source: string): WorkerHandle
}

export function nodeHost(): NodeHost {
  return {
    name: 'node',
    cores: availableParallelism(),
    sharedMemory: typeof SharedArrayBuffer === 'function',
    memoryLeft,
    now: () => performance.now(),
    startWorker,
    // Node 20 has it behind a flag that can be set at run time; newer engines have it on and would warn of the flag.
    enableRelaxedSimd: () => setFlagsFromString('--experimental-wasm-relaxed-simd'),
    yieldToEvents: () => new Promise(resolve => setImmediate(resolve)),
  }
}

function startWorker(source: string): WorkerHandle {
  const worker = newWorker(source)
  worker.unref()
  let stopping = false
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as Parameters<Worker['postMessage']>[1]),
    onMessage: listener => worker.on('message', listener),
    onError: listener => {
      worker.on('error', error => listener(refusalOf(error, 'A compute thread failed') ?? errorOf(error)))
      worker.on('exit', code => {
        if (!stopping) listener(endedByItself(code))
      })
    },
    hold: held => (held ? worker.ref() : worker.unref()),
    terminate: async () => {
      stopping = true
      await worker.terminate()
    },
  }
}

/** Workers that were started and have not reserved their addresses yet. */
let starting = 0

function newWorker(source: string): Worker {
  if (!hasAddressSpace((starting + 1) * WORKER_ADDRESSES)) {
    throw new SystemRefusal({
      what: 'A compute thread cannot be started',
      expected: 'about 1 GB of addresses a thread',
      received: 'a limit on the address space of this process',
      fix: 'raise the limit (ulimit -v), or ask for fewer threads (--threads 1)',
    })
  }
  try {
    // Flags of the parent (test runners, loaders) are of no use to a worker made of one plain script.
    const worker = new Worker(source, { eval: true, execArgv: [] })
    starting++
    const begun = new Promise(resolve => worker.once('online', resolve).once('exit', resolve))
    void begun.then(() => starting--)
    return worker
  } catch (error) {
    throw refusalOf(error, 'A compute thread cannot be started') ?? error
  }
}

const errorOf = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

/** No worker of ours ends by itself: it was ended from outside, as a system does that runs out of memory. */
function endedByItself(code: number): SystemRefusal {
  return new SystemRefusal({
    what: 'A compute thread failed',
    received: `a worker ended by itself with code ${code}`,
    fix: 'the memory may have run out: use a smaller batch size or fewer threads, or close other programs',
  })
}
