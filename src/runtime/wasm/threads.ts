/** Runs the steps of modules: on a pool of workers over one shared memory, or right here where there is one thread only. */
import { InternalError, UserError } from '../../base/errors.ts'
import type { Host, WorkerHandle } from '../../base/host.ts'
import { control } from '../../kernels/wasm/barrier.ts'
import { workerSource } from './worker.ts'

export interface StepsRequest {
  readonly entry: string
  /** Real rows of each step. */
  readonly rows: readonly number[]
  readonly feed: number
  readonly feedStride: number
  readonly result: number
  readonly resultStride: number
}

/** Where each thread finds memory of its own. */
export interface ThreadMemory {
  readonly start: number
  readonly stride: number
  /** Bytes into it at which a profile's sums begin, and their number; without it nothing is measured. */
  readonly profile?: { readonly offset: number; readonly probes: number }
}

export interface Threads {
  /** Makes the entries of a module known. */
  load(module: WebAssembly.Module): Promise<void>
  /** `alone`: on the caller's thread, which takes less time than to wake the others where the steps are short. */
  run(request: StepsRequest, alone?: boolean): Promise<void>
  dispose(): Promise<void>
}

type EntryFunction = (
  thread: number,
  threads: number,
  rows: number,
  feed: number,
  result: number,
  scratch: number,
) => void

/** One thread: the steps run on the caller's own. */
export function singleThread(
  memory: WebAssembly.Memory,
  { start: scratch, profile }: ThreadMemory,
  now: () => number,
): Threads {
  const sums = new Float64Array(memory.buffer, scratch + (profile?.offset ?? 0), profile?.probes ?? 0)
  let last = 0
  const mark = (probe: number): void => {
    const time = now()
    sums[probe]! += time - last
    last = time
  }
  const entries = new Map<string, EntryFunction>()
  return {
    async load(module) {
      const { exports } = await WebAssembly.instantiate(module, { fovea: { memory, mark } })
      for (const [name, step] of Object.entries(exports)) entries.set(name, step as EntryFunction)
    },
    async run({ entry, rows, feed, feedStride, result, resultStride }) {
      const step = entries.get(entry)!
      try {
        for (const [index, n] of rows.entries())
          step(0, 1, n, feed + index * feedStride, result + index * resultStride, scratch)
      } catch (error) {
        throw failure(String((error as Error).stack ?? error))
      }
    },
    async dispose() {},
  }
}

export function disposedOf(): UserError {
  return new UserError({ what: 'The program was disposed of.', fix: 'compile the model again' })
}

function failure(message: string): InternalError {
  return new InternalError('runtime', `a compute thread failed: ${message}`)
}

interface Reply {
  readonly ready?: boolean
  readonly done?: boolean
  readonly failed?: string
  readonly aborted?: boolean
}

/** Of a thread that stopped because another one had failed. */
class Aborted extends Error {}

/** Workers that have no memory yet. */
export interface StartedWorkers {
  over(memory: WebAssembly.Memory, own: ThreadMemory): Threads
  end(reason: Error): Promise<void>
}

/** `count` workers; the caller's thread only waits for their messages. They start up while it plans and generates code. */
export function startWorkers(host: Host, count: number): StartedWorkers {
  const workers = startAll(host, count)
  let broken: Error | undefined
  const replies = workers.map(worker => new Mailbox(worker))
  const all = async (memory: WebAssembly.Memory, messages: readonly unknown[]): Promise<void> => {
    if (broken) throw broken
    for (const worker of workers) worker.hold(true)
    // Whoever waits for a thread that failed is told to stop.
    const abort = (error: unknown): never => {
      Atomics.store(new Int32Array(memory.buffer), control.abort / 4, 1)
      throw error
    }
    const answers = replies.map(reply => reply.next().catch(abort))
    for (const [thread, worker] of workers.entries()) worker.post(messages[thread])
    try {
      const failures = (await Promise.allSettled(answers)).flatMap(answer =>
        answer.status === 'rejected' ? [answer.reason as Error] : [],
      )
      if (failures.length === 0) return
      broken = failures.find(error => !(error instanceof Aborted)) ?? failures[0]!
      throw broken
    } finally {
      for (const worker of workers) worker.hold(false)
    }
  }
  const end = async (reason: Error): Promise<void> => {
    broken ??= reason
    // Whoever waits for an answer gets none any more.
    for (const reply of replies) reply.fail(reason)
    await Promise.all(workers.map(worker => worker.terminate()))
  }
  return {
    end,
    over(memory, { start, stride, profile }) {
      const caller = singleThread(memory, { start, stride }, host.now)
      return {
        async load(module) {
          const own = { module, memory, threads: count, profile, abortAddress: control.abort }
          const messages = workers.map((_, thread) => ({ load: { ...own, thread, scratch: start + thread * stride } }))
          await Promise.all([all(memory, messages), caller.load(module)])
        },
        run: (request, alone) =>
          alone
            ? caller.run(request)
            : all(
                memory,
                workers.map(() => ({ run: request })),
              ),
        dispose: () => end(disposedOf()),
      }
    },
  }
}

/** All of them or, where the system gives fewer, none. */
function startAll(host: Host, count: number): WorkerHandle[] {
  const workers: WorkerHandle[] = []
  try {
    while (workers.length < count) workers.push(host.startWorker(workerSource))
    return workers
  } catch (error) {
    for (const worker of workers) void worker.terminate()
    throw error
  }
}

/** The next answer of one worker, as a promise. */
class Mailbox {
  private waiting: { resolve: () => void; reject: (error: Error) => void } | undefined
  private failure: Error | undefined

  constructor(worker: WorkerHandle) {
    worker.onMessage(message => {
      const reply = message as Reply
      if (reply.failed !== undefined) this.fail(reply.aborted ? new Aborted(reply.failed) : failure(reply.failed))
      else this.waiting?.resolve()
    })
    worker.onError(error => this.fail(error instanceof UserError ? error : failure(error.message)))
  }

  next(): Promise<void> {
    if (this.failure) return Promise.reject(this.failure)
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject }
    })
  }

  /** This and every later answer is the first error. */
  fail(error: Error): void {
    this.failure ??= error
    this.waiting?.reject(this.failure)
  }
}
