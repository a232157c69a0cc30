/** Calls to a worker and its answers, which come in the order of the calls. It knows no program, so a forgotten one can be found. */
import type { WorkerHandle } from '../../base/host.ts'
import type { ProgramInfo } from '../device.ts'
import { threadFailure } from '../wasm/threads.ts'
import { receivedError, type WorkerAnswer, type WorkerCall, type WorkerReply } from './messages.ts'

interface Waiting {
  readonly resolve: (answer: WorkerAnswer) => void
  readonly reject: (error: Error) => void
}

/** Said once in a page, whichever worker says it. */
const said = new Set<string>()

export class Calls {
  /** As the last answer has it. */
  info: ProgramInfo | undefined
  private readonly worker: WorkerHandle
  private readonly waiting: Waiting[] = []
  private ended: Error | undefined

  constructor(worker: WorkerHandle) {
    this.worker = worker
    worker.onMessage(message => this.hear(message as WorkerReply))
    worker.onError(error => this.fail(threadFailure(error.message)))
  }

  ask(call: WorkerCall, transfer: readonly ArrayBufferLike[] = []): Promise<WorkerAnswer> {
    return new Promise((resolve, reject) => {
      this.check()
      this.worker.post(call, transfer)
      this.waiting.push({ resolve, reject })
    })
  }

  /** Throws where nothing is answered any more. */
  check(): void {
    if (this.ended) throw this.ended
  }

  /** Whoever waits for an answer gets `reason`. */
  async end(reason: Error): Promise<void> {
    this.fail(reason)
    await this.worker.terminate()
  }

  private fail(reason: Error): void {
    this.ended ??= reason
    for (const { reject } of this.waiting.splice(0)) reject(this.ended)
  }

  private hear(reply: WorkerReply): void {
    if ('ready' in reply) return
    if ('warning' in reply) {
      if (!said.has(reply.warning)) console.warn(reply.warning)
      said.add(reply.warning)
      return
    }
    this.info = reply.info ?? this.info
    const waiting = this.waiting.shift()
    if (reply.error) waiting?.reject(receivedError(reply.error))
    else waiting?.resolve(reply)
  }
}
