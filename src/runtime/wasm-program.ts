/** A compiled program on the WebAssembly device: fills inputs, runs steps, reads outputs and states, one run at a time. */
import { InternalError, UserError } from '../base/errors.ts'
import type { Host } from '../base/host.ts'
import type { NumericArray } from '../base/shape.ts'
import type { Probe } from '../kernels/wasm/program.ts'
import type { ProgramPlan } from '../plan/plan.ts'
import type { Plan } from '../plan/types.ts'
import type { Feed, Program, StepOutputs } from './device.ts'
import { viewOf } from './wasm/memory.ts'
import type { Modules } from './wasm/modules.ts'
import { readOrdered, writeOrdered } from './wasm/order.ts'
import { programEnded, programStarted } from './wasm/programs-in-use.ts'
import type { Runner } from './wasm/runner.ts'
import { disposedOf, type Threads } from './wasm/threads.ts'

/** A plan that is ready to run. */
export interface Compiled {
  readonly plan: ProgramPlan
  readonly pool: Threads
  readonly modules: Modules
  readonly runner: Runner
  readonly threads: number
  readonly memoryBytes: number
  /** Until the first entries were ready. */
  readonly compileSeconds: number
}

export interface Profiled {
  readonly probes: readonly Probe[]
  readonly start: number
  readonly stride: number
}

export class WasmProgram implements Program {
  /** For tests: where everything lies, and the bytes themselves. */
  readonly plan: ProgramPlan
  private readonly host: Host
  private readonly compiled: Compiled
  private memory: WebAssembly.Memory | undefined
  /** Of entries that were compiled when they first ran. */
  private laterSeconds = 0
  private running = false
  private broken: Error | undefined
  private readonly profile: Profiled | undefined

  constructor(host: Host, compiled: Compiled, memory: WebAssembly.Memory, profile?: Profiled) {
    this.host = host
    this.compiled = compiled
    this.profile = profile
    this.plan = compiled.plan
    this.memory = memory
    programStarted(this, compiled.pool)
  }

  get info(): Program['info'] {
    const { threads, compileSeconds, memoryBytes, modules } = this.compiled
    return {
      device: 'wasm',
      threads,
      compileSeconds: compileSeconds + this.laterSeconds,
      memoryBytes,
      codeBytes: modules.codeBytes,
    }
  }

  get bytes(): ArrayBufferLike {
    if (!this.memory) throw disposedOf()
    return this.memory.buffer
  }

  async run(entry: string, steps: number, feed: Feed): Promise<StepOutputs[]> {
    const plan = this.plan.entries.find(candidate => candidate.name === entry)
    if (!plan)
      throw new InternalError(
        'runtime',
        `no entry ${entry}; there are ${this.plan.entries.map(candidate => candidate.name).join(', ')}`,
      )
    if (this.running)
      throw new UserError({
        what: 'The model is busy with another run.',
        fix: 'await the first call before the next one',
      })
    this.check()
    this.running = true
    try {
      await this.makeReady(plan)
      const outputs: StepOutputs[] = []
      for (let first = 0; first < steps; first += this.plan.slots) {
        const count = Math.min(this.plan.slots, steps - first)
        const rows: number[] = []
        for (let slot = 0; slot < count; slot++) rows.push(this.fill(plan, slot, slots => feed(first + slot, slots)))
        try {
          await this.compiled.runner.run(plan, rows, steps === 1)
        } catch (error) {
          this.broken = error as Error
          throw error
        }
        for (let slot = 0; slot < count; slot++) outputs.push(this.collect(plan, slot, rows[slot]!))
      }
      return outputs
    } finally {
      this.running = false
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
    this.compiled.runner.statesChanged()
    for (const [name, value] of Object.entries(values)) {
      const { buffer, shape } = this.state(name)
      if (value.length !== buffer.size) {
        throw new UserError({
          what: `The state '${name}' cannot take this many values.`,
          expected: `${buffer.size} values`,
          received: `${value.length} values`,
        })
      }
      writeOrdered(viewOf(this.bytes, buffer) as Float32Array, buffer.layout, shape, this.plan.target.block, value)
    }
  }

  /** Milliseconds of every thread in every probe since the last call. */
  takeTimes(): { readonly probe: Probe; readonly milliseconds: readonly number[] }[] {
    if (!this.profile) throw new InternalError('runtime', 'the program was compiled without a profile')
    const { probes, start, stride } = this.profile
    const sums = Array.from(
      { length: this.compiled.threads },
      (_, thread) => new Float64Array(this.bytes, start + thread * stride + this.plan.scratchStride, probes.length),
    )
    const times = probes.map((probe, index) => ({ probe, milliseconds: sums.map(sum => sum[index]!) }))
    for (const sum of sums) sum.fill(0)
    return times
  }

  async dispose(): Promise<void> {
    programEnded(this)
    await this.compiled.pool.dispose()
    this.memory = undefined
  }

  private async makeReady(entry: Plan): Promise<void> {
    const { modules } = this.compiled
    if (modules.has(entry)) return
    const started = this.host.now()
    await modules.load([entry])
    this.laterSeconds += (this.host.now() - started) / 1000
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

  private state(name: string) {
    this.check()
    const state = this.plan.states.get(name)
    if (!state)
      throw new InternalError('runtime', `no state ${name}; there are ${[...this.plan.states.keys()].join(', ')}`)
    return state
  }

  private fill(plan: Plan, slot: number, feed: (slots: Record<string, NumericArray>) => number): number {
    const base = this.plan.feedStart + slot * this.plan.feedStride
    const n = feed(
      Object.fromEntries(
        plan.inputs.map(({ node, buffer }) => [node.attributes.name, viewOf(this.bytes, buffer, base)]),
      ),
    )
    if (!Number.isInteger(n) || n < 1 || n > plan.batch) {
      throw new InternalError('runtime', `a step has ${n} rows; the program was compiled for 1 to ${plan.batch}`)
    }
    return n
  }

  private collect(plan: Plan, slot: number, n: number): StepOutputs {
    const base = this.plan.resultStart + slot * this.plan.resultStride
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
