/**
 * The entries of a plan as code: each is written, compiled and made known to the threads before it first runs, those that are asked for
 * together as one module. What never runs costs nothing.
 */

import type { Plan } from '../../plan/types.ts'
import { emitProgram, type ProgramOptions } from '../../targets/wasm/program.ts'
import { compiledModule } from './engine-features.ts'
import type { ThreadMemory, Threads } from './threads.ts'

export class Modules {
  /** Of all code so far. */
  codeBytes = 0
  private readonly plans: readonly Plan[]
  private readonly threads: Threads
  private readonly own: ThreadMemory
  private readonly options: ProgramOptions
  private readonly loaded = new Set<Plan>()

  constructor(plans: readonly Plan[], threads: Threads, own: ThreadMemory, options: ProgramOptions) {
    this.plans = plans
    this.threads = threads
    this.own = own
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
    const code = await emitProgram(missing, this.options)
    await this.threads.load(await compiledModule(code), this.own)
    for (const plan of missing) this.loaded.add(plan)
    this.codeBytes += code.length
  }
}
