/** Runs the steps of modules on a pool of workers over one shared memory. Loaded where there are to be several threads. */
import { UserError } from '../../base/errors.ts'
import type { Host, WorkerHandle } from '../../base/host.ts'
import { control } from '../../targets/wasm/barrier.ts'
import { shortSteps } from './short-steps.ts'
import {
  disposedOf,
  type Loaded,
  type StepsRequest,
  singleThread,
  type Threads,
  threadFailure,
  withModule,
} from './threads.ts'
import type { WebAssemblyMemory } from './web-assembly.ts'
import { workerSource } from './worker.ts'

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
  readonly count: number
  /** Why the surroundings give no workers, or no more of them; missing as long as they do. */
  readonly refusal: UserError | undefined
  over(memory: WebAssemblyMemory): Threads
  end(reason: Error): Promise<void>
}

/** `count` workers; the caller's thread only waits for their messages. They start up while it plans and generates code. */
export async function startWorkers(host: Host, count: number): Promise<StartedWorkers> {
  const workers = await startAll(host, count)
  let broken: Error | undefined
  let refusal: UserError | undefined
  for (const worker of workers) {
    worker.onError(error => {
      if (error instanceof UserError) refusal ??= error
    })
  }
  const replies = workers.map(worker => new Mailbox(worker))
  const all = async (memory: WebAssemblyMemory, messages: readonly unknown[]): Promise<void> => {
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
    count,
    get refusal() {
      return refusal
    },
    end,
    over(memory) {
      const caller = singleThread(memory, host.now)
      let current = memory
      let modules: readonly Loaded[] = []
      const instantiate = ({ module, own: { start, stride, profile } }: Loaded): Promise<void> => {
        const shared = { module, memory: current, threads: count, profile, abortAddress: control.abort }
        const messages = workers.map((_, thread) => ({ load: { ...shared, thread, scratch: start + thread * stride } }))
        return all(current, messages)
      }
      const byAll = (request: StepsRequest): Promise<void> =>
        all(
          current,
          workers.map(() => ({ run: request })),
        )
      const short = shortSteps(host.now, (request, alone) => (alone ? caller.run(request) : byAll(request)))
      return {
        async load(module, own) {
          const { start, stride } = own
          await Promise.all([instantiate({ module, own }), caller.load(module, { start, stride })])
          modules = withModule(modules, { module, own })
        },
        async moveTo(next, keeps) {
          current = next
          if (keeps === 'nothing') modules = []
          await caller.moveTo(next, keeps)
          for (const loaded of modules) await instantiate(loaded)
        },
        run: (request, alone) => (alone === undefined ? byAll(request) : short(request, alone)),
        dispose: () => end(disposedOf()),
      }
    },
  }
}

/** All of them or, where the system gives fewer, none. */
async function startAll(host: Host, count: number): Promise<WorkerHandle[]> {
  const workers: WorkerHandle[] = []
  try {
    while (workers.length < count) workers.push(await host.startWorker(workerSource))
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
      if (reply.failed !== undefined) this.fail(reply.aborted ? new Aborted(reply.failed) : threadFailure(reply.failed))
      else this.waiting?.resolve()
    })
    worker.onError(error => this.fail(error instanceof UserError ? error : threadFailure(error.message)))
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

/** Said once in a process. */
let saidAlone = false

/** Where one thread has to do. */
export function sayAlone(refusal: UserError): void {
  if (saidAlone) return
  saidAlone = true
  console.warn(`Fovea goes on with one thread: the numbers are the same, but take longer.\n${refusal.message}`)
}
