/**
 * A program of the interpreter: one plan in one memory, a machine for each thread. Threads take turns on the caller's own, and a step is done
 * before the next one is fed. Code of an entry is made when it first runs; what it prepares is computed anew for every run, and
 * entries that come later have all of them planned anew.
 */
import { InternalError, UserError } from '../base/errors.ts'
import type { StepGraph } from '../graph/node.ts'
import { type PlanOptions, type ProgramPlan, planProgram } from '../plan/plan.ts'
import type { Plan } from '../plan/types.ts'
import { type Machine, machine } from '../targets/interpreter/machine.ts'
import { interpreted } from '../targets/interpreter/program.ts'
import type { Feed, FeedSlots, Program, StepOutputs } from './device.ts'
import { checkStateSize } from './state-size.ts'
import { viewOf } from './wasm/memory.ts'
import { readOrdered, writeOrdered } from './wasm/weight-order.ts'

type Entries = Readonly<Record<string, StepGraph>>

export interface InterpreterSettings {
  readonly threads: number
  readonly options: Pick<PlanOptions, 'target' | 'guard' | 'algorithm'>
  readonly now: () => number
}

/** Where the first buffer may lie: what is written to address 0 by mistake hits none. */
const START = 256

/** A plan of the entries, zeroed memory for it and a machine for each thread. */
async function placedEntries(entries: Entries, { threads, options }: InterpreterSettings) {
  const plan = await planProgram(entries, { ...options, slots: 1, start: START })
  const { target, scratchStart, scratchStride } = plan
  const bytes = new ArrayBuffer(Math.ceil((scratchStart + threads * scratchStride) / 8) * 8)
  return { plan, bytes, machines: Array.from({ length: threads }, () => machine(target.lanes, bytes)) }
}

type Placed = Awaited<ReturnType<typeof placedEntries>>

export class InterpreterProgram implements Program {
  /** For tests: where everything lies, and the bytes themselves. */
  plan: ProgramPlan
  bytes: ArrayBuffer
  private machines: readonly Machine[]
  private readonly loaded = new Set<Plan>()
  private codeBytes = 0
  private compileSeconds: number
  private disposed = false
  private entries: Entries
  private readonly settings: InterpreterSettings
  private readonly now: () => number

  private constructor(entries: Entries, settings: InterpreterSettings, placed: Placed, seconds: number) {
    this.settings = settings
    this.now = settings.now
    this.entries = entries
    this.plan = placed.plan
    this.bytes = placed.bytes
    this.machines = placed.machines
    this.compileSeconds = seconds
  }

  static async of(entries: Entries, settings: InterpreterSettings): Promise<InterpreterProgram> {
    const started = settings.now()
    const placed = await placedEntries(entries, settings)
    return new InterpreterProgram(entries, settings, placed, (settings.now() - started) / 1000)
  }

  async add(entries: Entries): Promise<void> {
    const states = await this.readStates()
    const started = this.now()
    this.entries = { ...this.entries, ...entries }
    const { plan, bytes, machines } = await placedEntries(this.entries, this.settings)
    this.plan = plan
    this.bytes = bytes
    this.machines = machines
    this.compileSeconds += (this.now() - started) / 1000
    await this.writeStates(states)
  }

  get info(): Program['info'] {
    const { compileSeconds, codeBytes } = this
    const threads = this.machines.length
    return { device: 'interpreter', threads, compileSeconds, memoryBytes: this.bytes.byteLength, codeBytes }
  }

  async run(entry: string, steps: number, feed: Feed): Promise<StepOutputs[]> {
    this.check()
    const plan = this.entry(entry)
    const preparation = plan.preparation === undefined ? undefined : this.entry(plan.preparation)
    for (const each of [preparation, plan]) if (each) await this.load(each)
    if (preparation) this.step(preparation, 1)
    const outputs: StepOutputs[] = []
    for (let step = 0; step < steps; step++) {
      const n = await feed(step, this.slotsOf(plan))
      if (!Number.isInteger(n) || n < 1 || n > plan.batch)
        throw new InternalError('runtime', `a step has ${n} rows; the program was compiled for 1 to ${plan.batch}`)
      this.step(plan, n)
      outputs.push(this.collect(plan, n))
    }
    return outputs
  }

  async readStates(names: readonly string[] = [...this.plan.states.keys()]): Promise<Record<string, Float32Array>> {
    return Object.fromEntries(
      names.map(name => {
        const { buffer, shape } = this.state(name)
        const memory = viewOf(this.bytes, buffer) as Float32Array
        return [name, readOrdered(memory, buffer.layout, shape, this.plan.target.block)]
      }),
    )
  }

  async writeStates(values: Readonly<Record<string, ArrayLike<number>>>): Promise<void> {
    for (const [name, value] of Object.entries(values)) {
      const { buffer, shape } = this.state(name)
      checkStateSize(name, buffer.size, value)
      const memory = viewOf(this.bytes, buffer) as Float32Array
      writeOrdered(memory, buffer.layout, shape, this.plan.target.block, value)
    }
  }

  async dispose(): Promise<void> {
    this.disposed = true
  }

  /** From barrier to barrier, first to last and then last to first: what depends on the order of threads shows. */
  private step(plan: Plan, rows: number): void {
    const { feedStart, resultStart, scratchStart, scratchStride } = this.plan
    let running = this.machines.map(({ functions }, thread, { length }) =>
      functions.get(plan.name)!(thread, length, rows, feedStart, resultStart, scratchStart + thread * scratchStride),
    )
    while (running.length > 0) running = running.filter(thread => !thread!.next().done).reverse()
  }

  private async load(plan: Plan): Promise<void> {
    if (this.loaded.has(plan)) return
    const started = this.now()
    const code = await interpreted([plan], this.plan.target)
    for (const each of this.machines) code.into(each)
    this.loaded.add(plan)
    this.codeBytes += code.size
    this.compileSeconds += (this.now() - started) / 1000
  }

  private slotsOf({ inputs }: Plan): FeedSlots {
    return Object.fromEntries(
      inputs.map(({ node, buffer }) => [node.attributes.name, viewOf(this.bytes, buffer, this.plan.feedStart)]),
    )
  }

  private collect({ outputs, batch }: Plan, n: number): StepOutputs {
    const { resultStart, target } = this.plan
    return Object.fromEntries(
      outputs.map(({ name, node, buffer }) => {
        const memory = viewOf(this.bytes, buffer, resultStart) as Float32Array
        const all = readOrdered(memory, buffer.layout, node.shape, target.block)
        return [name, node.batched ? all.slice(0, (all.length / batch) * n) : all]
      }),
    )
  }

  private entry(name: string): Plan {
    const { entries } = this.plan
    const found = entries.find(each => each.name === name)
    if (found) return found
    throw new InternalError('runtime', `no entry ${name}; there are ${entries.map(each => each.name).join(', ')}`)
  }

  private state(name: string) {
    this.check()
    const state = this.plan.states.get(name)
    if (state) return state
    throw new InternalError('runtime', `no state ${name}; there are ${[...this.plan.states.keys()].join(', ')}`)
  }

  private check(): void {
    if (this.disposed) throw new UserError({ what: 'The program was disposed of.', fix: 'compile the model again' })
  }
}
