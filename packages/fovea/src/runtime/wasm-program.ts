/** A compiled program on the WebAssembly device: fills inputs, runs steps, reads outputs and states, one run at a time. */
import { InternalError, UserError } from '../base/errors.ts'
import type { Host } from '../base/host.ts'
import type { ProgramPlan, StateBuffer } from '../plan/plan.ts'
import type { Plan } from '../plan/types.ts'
import type { Feed, FeedSlots, Program, StepOutputs } from './device.ts'
import { checkStateSize } from './state-size.ts'
import { checkedRows } from './step-rows.ts'
import { viewOf } from './wasm/memory.ts'
import type { Graphs, Part, PartOptions } from './wasm/part.ts'
import { programEnded, programStarted } from './wasm/programs-in-use.ts'
import { disposedOf, type Threads } from './wasm/threads.ts'
import type { WebAssemblyMemory } from './wasm/web-assembly.ts'
import { readOrdered, writeOrdered } from './wasm/weight-order.ts'

/** The first part of a program, ready to run. */
export interface Compiled {
  readonly pool: Threads
  readonly memory: WebAssemblyMemory
  readonly part: Part
  readonly settings: PartOptions
  /** What it took. */
  readonly seconds: number
}

export class WasmProgram implements Program {
  private readonly host: Host
  private readonly pool: Threads
  private readonly settings: PartOptions
  private memory: WebAssemblyMemory | undefined
  private parts: readonly Part[]
  /** The part that ran last: of what lies behind the states only its own is valid. */
  private last: Part | undefined
  private compileSeconds: number
  private memoryBytes: number
  private running = false
  private broken: Error | undefined

  constructor(host: Host, { pool, memory, part, settings, seconds }: Compiled) {
    this.host = host
    this.pool = pool
    this.settings = settings
    this.memory = memory
    this.memoryBytes = memory.buffer.byteLength
    this.parts = [part]
    this.compileSeconds = seconds
    programStarted(this, pool, settings.shared ? settings.threads : 0, memory.buffer.byteLength)
  }

  /** For tests: where the entries that were compiled first lie. */
  get plan(): ProgramPlan {
    return this.parts[0]!.plan
  }

  get info(): Program['info'] {
    return {
      device: 'wasm',
      threads: this.settings.threads,
      compileSeconds: this.compileSeconds,
      memoryBytes: this.memoryBytes,
      codeBytes: this.parts.reduce((sum, { modules }) => sum + modules.codeBytes, 0),
    }
  }

  get bytes(): ArrayBufferLike {
    if (!this.memory) throw disposedOf()
    return this.memory.buffer
  }

  async add(graphs: Graphs): Promise<void> {
    await this.alone(async () => {
      const started = this.host.now()
      const { withEntries } = await import('./wasm/added-entries.ts')
      const { parts, values } = await withEntries(graphs, this.parts, this.settings, {
        bytes: this.bytes,
        pool: this.pool,
        readStates: () => this.readStates(),
        moveTo: (memory, keeps) => this.moveTo(memory, keeps),
      })
      this.parts = parts
      if (values) await this.writeStates(values)
      this.compileSeconds += (this.host.now() - started) / 1000
    })
  }

  async run(entry: string, steps: number, feed: Feed): Promise<StepOutputs[]> {
    const planIn = (part: Part) => part.plan.entries.find(({ name }) => name === entry)
    const part = this.parts.findLast(planIn)
    const plan = part && planIn(part)
    if (!plan) {
      const names = this.parts.flatMap(each => each.plan.entries.map(({ name }) => name))
      throw new InternalError('runtime', `no entry ${entry}; there are ${names.join(', ')}`)
    }
    return this.alone(async () => {
      await this.makeReady(part, plan)
      if (this.last !== part) part.runner.statesChanged()
      this.last = part
      const outputs: StepOutputs[] = []
      const { slots } = part.plan
      for (let first = 0; first < steps; first += slots) {
        const count = Math.min(slots, steps - first)
        const { rows, failure } = await this.fill(part, plan, count, (slot, places) => feed(first + slot, places))
        if (rows.length > 0) await this.runSteps(part, plan, rows, steps === 1)
        if (failure) throw failure.reason
        for (const [slot, n] of rows.entries()) outputs.push(this.collect(part, plan, slot, n))
      }
      return outputs
    })
  }

  /** Rows of each step; fewer steps where one cannot be filled, and why. */
  private async fill(part: Part, plan: Plan, count: number, feed: Feed) {
    const rows: number[] = []
    try {
      for (let slot = 0; slot < count; slot++) {
        const fed = feed(slot, this.slotsOf(part, plan, slot))
        rows.push(checkedRows(typeof fed === 'number' ? fed : await fed, plan.batch))
      }
      return { rows }
    } catch (reason) {
      return { rows, failure: { reason } }
    }
  }

  private async runSteps({ runner }: Part, plan: Plan, rows: readonly number[], short: boolean): Promise<void> {
    try {
      await runner.run(plan, rows, short)
    } catch (error) {
      this.broken = error as Error
      throw error
    }
  }

  async readStates(names: readonly string[] = [...this.plan.states.keys()]): Promise<Record<string, Float32Array>> {
    return Object.fromEntries(
      names.map(name => {
        const { buffer, shape } = this.state(name)
        return [
          name,
          readOrdered(viewOf(this.bytes, buffer) as Float32Array, buffer.layout, shape, this.plan.target.block),
        ]
      }),
    )
  }

  async writeStates(values: Readonly<Record<string, ArrayLike<number>>>): Promise<void> {
    for (const { runner } of this.parts) runner.statesChanged()
    for (const [name, value] of Object.entries(values)) {
      const { buffer, shape } = this.state(name)
      checkStateSize(name, buffer.size, value)
      writeOrdered(viewOf(this.bytes, buffer) as Float32Array, buffer.layout, shape, this.plan.target.block, value)
    }
  }

  async dispose(): Promise<void> {
    programEnded(this)
    await this.pool.dispose()
    this.memory = undefined
  }

  /** One run or change at a time; none on a program that is broken or gone. */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.running)
      throw new UserError({
        what: 'The model is busy with another run.',
        fix: 'await the first call before the next one',
      })
    this.check()
    this.running = true
    try {
      return await work()
    } finally {
      this.running = false
    }
  }

  private async moveTo(memory: WebAssemblyMemory, keeps: 'everything' | 'nothing'): Promise<void> {
    try {
      await this.pool.moveTo(memory, keeps)
      this.memory = memory
      this.memoryBytes = memory.buffer.byteLength
      this.last = undefined
    } catch (error) {
      this.broken = error as Error
      throw error
    }
  }

  private async makeReady({ modules }: Part, entry: Plan): Promise<void> {
    if (modules.has(entry)) return
    const started = this.host.now()
    await modules.load([entry])
    this.compileSeconds += (this.host.now() - started) / 1000
  }

  /** A run that failed may have left a step half done: then no number of the program is given out any more. */
  private check(): void {
    if (!this.memory) throw disposedOf()
    if (!this.broken) return
    throw new UserError({
      what: 'The program is broken: a run of it failed.',
      received: this.broken.message,
      fix: 'compile the model again and start from saved weights',
    })
  }

  private state(name: string): StateBuffer {
    this.check()
    const state = this.plan.states.get(name)
    if (!state)
      throw new InternalError('runtime', `no state ${name}; there are ${[...this.plan.states.keys()].join(', ')}`)
    return state
  }

  /** The inputs of the step whose place is `slot`, in memory. */
  private slotsOf({ plan: { feedStart, feedStride } }: Part, plan: Plan, slot: number): FeedSlots {
    const base = feedStart + slot * feedStride
    return Object.fromEntries(
      plan.inputs.map(({ node, buffer }) => [node.attributes.name, viewOf(this.bytes, buffer, base)]),
    )
  }

  private collect({ plan: { resultStart, resultStride } }: Part, plan: Plan, slot: number, n: number): StepOutputs {
    const base = resultStart + slot * resultStride
    return Object.fromEntries(
      plan.outputs.map(({ name, node, buffer }) => {
        const all = readOrdered(
          viewOf(this.bytes, buffer, base) as Float32Array,
          buffer.layout,
          node.shape,
          this.plan.target.block,
        )
        return [name, node.batched ? all.slice(0, (all.length / plan.batch) * n) : all]
      }),
    )
  }
}
