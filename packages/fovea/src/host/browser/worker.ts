/** Workers of a page, started from a Blob address. Loaded where there are to be several threads. */
import { UserError } from '../../base/errors.ts'
import type { WorkerHandle } from '../../base/host.ts'

/** What the browser says to a worker will not change before the page is loaded anew. */
let refusal: UserError | undefined

function refused(received: string): UserError {
  refusal = new UserError({
    what: 'No compute thread can be started in this page.',
    expected: 'workers from blob: addresses',
    received,
    fix: received.includes('Trusted')
      ? "take require-trusted-types-for 'script' out of the page's Content-Security-Policy, or ask for one thread"
      : "add worker-src blob: to the page's Content-Security-Policy, or ask for one thread",
  })
  return refusal
}

/** Some browsers refuse a worker at once, others by an event. */
function newWorker(address: string): Worker {
  try {
    return new Worker(address)
  } catch (error) {
    URL.revokeObjectURL(address)
    throw refused(String(error))
  }
}

export function startedWorker(source: string): WorkerHandle {
  if (refusal) throw refusal
  if (typeof Worker === 'undefined') throw refused('a place that starts no workers')
  const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  const worker = newWorker(address)
  let answered = false
  let released = false
  // The address must live until the worker has read its script: its first message or error shows that it has.
  const release = () => {
    if (!released) URL.revokeObjectURL(address)
    released = true
  }
  const heard = () => {
    answered = true
    release()
  }
  worker.addEventListener('message', heard, { once: true })
  worker.addEventListener('error', release, { once: true })
  return {
    post: (message, transfer) => worker.postMessage(message, (transfer ?? []) as Transferable[]),
    onMessage: listener => worker.addEventListener('message', event => listener(event.data)),
    onError: listener => {
      worker.addEventListener('error', ({ message }) => {
        // A worker that a policy forbids fails without a word, one whose program fails with a message.
        if (answered || message) listener(new Error(message || 'a worker ended by itself'))
        else listener(refused('a worker that ended before it began'))
      })
      worker.addEventListener('messageerror', () => listener(new Error('a message of a worker could not be read')))
    },
    hold: () => {},
    terminate: async () => {
      release()
      worker.terminate()
    },
  }
}
