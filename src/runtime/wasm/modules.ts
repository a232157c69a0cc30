/**
 * The entries of a program as code: each is written, compiled and made known to the threads before it first runs, those that are asked for
 * together as one module. What never runs costs nothing.
 */
import { emitProgram, type ProgramOptions } from '../../kernels/wasm/program.ts'
import type { Plan } from '../../plan/types.ts'
import type { Threads } from './threads.ts'

export class Modules {
  /** Of all code so far. */
  codeBytes = 0
  private readonly plans: readonly Plan[]
  private readonly threads: Threads
  private readonly options: ProgramOptions
  private readonly loaded = new Set<Plan>()

  constructor(plans: readonly Plan[], threads: Threads, options: ProgramOptions) {
    this.plans = plans
    this.threads = threads
    this.options = options
  }

  /** Whether the entry can run at once. */
  has(entry: Plan): boolean {
    return this.loaded.has(entry)
  }

  /** Makes entries ready to run, with their preparations. */
  async load(entries: readonly Plan[]): Promise<void> {
    const names = new Set(entries.flatMap(({ name, preparation }) => [name, preparation]))
    const missing = this.plans.filter(plan => names.has(plan.name) && !this.loaded.has(plan))
    if (missing.length === 0) return
    const code = emitProgram(missing, this.options)
    await this.threads.load(await WebAssembly.compile(code))
    for (const plan of missing) this.loaded.add(plan)
    this.codeBytes += code.length
  }
}
