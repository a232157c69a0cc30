/**
 * A device whose programs live in workers, one each: planning, code and steps happen there, and the caller's thread only fills inputs and
 * hears results. Buffers of inputs are transferred there and back, and the next ones are filled while the worker computes.
 */
import { InternalError, UserError } from '../../base/errors.ts'
import type { WorkerHandle } from '../../base/host.ts'
import type { StepGraph } from '../../graph/node.ts'
import type { CompileSettings, Device, Feed, Program, ProgramInfo, StepOutputs } from '../device.ts'
import { checkedRows } from '../step-rows.ts'
import { programEnded, programStarted } from '../wasm/programs-in-use.ts'
import { disposedOf } from '../wasm/threads.ts'
import { Calls } from './calls.ts'
import { type FeedLayout, feedLayout, slotsIn } from './feed-buffer.ts'
import { type FlatGraphs, flatGraph } from './graph-message.ts'

type Graphs = Readonly<Record<string, StepGraph>>

/** `start` gives a worker that has begun, or throws. */
export function remoteDevice(start: () => Promise<WorkerHandle>): Device {
  return {
    name: 'wasm',
    async compile(graphs, { threads, numerics, first, algorithm } = {}) {
      const options: CompileSettings = { threads, numerics, first, algorithm }
      const calls = new Calls(await start())
      try {
        const { info } = await calls.ask({ compile: flat(graphs), options })
        return new RemoteProgram(calls, graphs, info!)
      } catch (error) {
        await calls.end(error as Error)
        throw error
      }
    },
  }
}

const flat = (graphs: Graphs): FlatGraphs =>
  Object.fromEntries(Object.entries(graphs).map(([name, graph]) => [name, flatGraph(graph)]))

/** Inputs that are sent together have at most so many bytes, unless one step has more. */
const GROUP_BYTES = 1 << 20
const MOST_STEPS = 64
/** Groups on their way: one is computed, one waits for it. */
const GROUPS = 2

class RemoteProgram implements Program {
  private readonly calls: Calls
  private readonly layouts = new Map<string, FeedLayout>()
  private readonly firstInfo: ProgramInfo
  /** Of inputs that were computed, by their size. */
  private spare: ArrayBuffer[] = []
  private running = false

  constructor(calls: Calls, graphs: Graphs, info: ProgramInfo) {
    this.calls = calls
    this.firstInfo = info
    this.know(graphs)
    programStarted(this, { dispose: () => calls.end(disposedOf()) }, 1 + info.threads, info.memoryBytes)
  }

  get info(): ProgramInfo {
    return this.calls.info ?? this.firstInfo
  }

  async add(graphs: Graphs): Promise<void> {
    await this.alone(() => this.calls.ask({ add: flat(graphs) }))
    this.know(graphs)
  }

  run(entry: string, steps: number, feed: Feed): Promise<StepOutputs[]> {
    return this.alone(async () => {
      const layout = this.layouts.get(entry)
      if (!layout)
        throw new InternalError('runtime', `no entry ${entry}; there are ${[...this.layouts.keys()].join(', ')}`)
      const most = Math.max(1, Math.min(MOST_STEPS, Math.floor(GROUP_BYTES / Math.max(1, layout.stride))))
      const outputs: StepOutputs[] = []
      const asked: Promise<readonly StepOutputs[]>[] = []
      const hear = async (): Promise<void> => {
        outputs.push(...(await asked.shift()!))
      }
      try {
        for (let first = 0; first < steps; first += most) {
          const feeds = this.buffer(layout.stride * Math.min(most, steps - first))
          const { rows, failure } = await fill(layout, feeds, first, Math.min(most, steps - first), feed)
          if (rows.length > 0) asked.push(this.runGroup(entry, rows, feeds))
          if (failure) {
            while (asked.length > 0) await hear()
            throw failure.reason
          }
          while (asked.length >= GROUPS) await hear()
        }
        while (asked.length > 0) await hear()
      } finally {
        await Promise.allSettled(asked)
        this.spare = this.spare.slice(-GROUPS)
      }
      return outputs
    })
  }

  async readStates(names?: readonly string[]): Promise<Record<string, Float32Array | Float64Array>> {
    const { states } = await this.calls.ask({ read: names })
    return { ...states }
  }

  async writeStates(values: Readonly<Record<string, ArrayLike<number>>>): Promise<void> {
    // Copied: a view would bring all of the file that it lies in.
    const write = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Float32Array.from(value)]))
    const buffers = Object.values(write).map(({ buffer }) => buffer)
    await this.calls.ask({ write }, buffers)
  }

  async dispose(): Promise<void> {
    programEnded(this)
    await this.calls.end(disposedOf())
  }

  private know(graphs: Graphs): void {
    for (const [name, graph] of Object.entries(graphs)) this.layouts.set(name, feedLayout(graph))
  }

  private async runGroup(entry: string, rows: readonly number[], feeds: ArrayBuffer): Promise<readonly StepOutputs[]> {
    const answer = await this.calls.ask({ run: entry, rows, feeds }, [feeds])
    if (answer.feeds) this.spare.push(answer.feeds)
    return answer.outputs!
  }

  private buffer(bytes: number): ArrayBuffer {
    const at = this.spare.findIndex(({ byteLength }) => byteLength >= bytes)
    return at < 0 ? new ArrayBuffer(bytes) : this.spare.splice(at, 1)[0]!
  }

  /** One run or change at a time. */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.running)
      throw new UserError({
        what: 'The model is busy with another run.',
        fix: 'await the first call before the next one',
      })
    this.calls.check()
    this.running = true
    try {
      return await work()
    } finally {
      this.running = false
    }
  }
}

/** Rows of each step; fewer steps where one cannot be filled, and why. */
async function fill(layout: FeedLayout, feeds: ArrayBuffer, first: number, count: number, feed: Feed) {
  const rows: number[] = []
  try {
    for (let step = 0; step < count; step++) {
      const fed = feed(first + step, slotsIn(feeds, layout, step))
      rows.push(checkedRows(typeof fed === 'number' ? fed : await fed, layout.batch))
    }
    return { rows }
  } catch (reason) {
    return { rows, failure: { reason } }
  }
}
