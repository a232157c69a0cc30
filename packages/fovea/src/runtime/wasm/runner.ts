/**
 * Runs the steps of an entry: its preparation first where a state may have changed since the last one, and all of it on the caller's
 * thread where that is quicker than to wake the workers (one small picture; some two milliseconds at most, so that the caller hardly waits).
 */
import { estimates, type KernelEstimate, stepSeconds } from '../../plan/cost.ts'
import type { ProgramPlan } from '../../plan/plan.ts'
import type { Plan } from '../../plan/types.ts'
import type { Threads } from './threads.ts'

/** Longest work of the caller's thread, as `plan/cost` estimates it. */
export const ALONE_SECONDS = 0.0025
/** What it takes to wake workers and to hear from them. */
const WAKE_SECONDS = 150e-6

export class Runner {
  private readonly program: ProgramPlan
  private readonly threads: Threads
  private readonly aloneSeconds: number
  private readonly count: number
  private readonly estimates = new Map<Plan, readonly KernelEstimate[]>()
  /** Entries prepared for the present states. */
  private readonly prepared = new Set<Plan>()

  constructor(program: ProgramPlan, threads: Threads, count: number, aloneSeconds: number) {
    this.count = count
    this.program = program
    this.threads = threads
    this.aloneSeconds = aloneSeconds
  }

  /** Rows of each step. `short`: one step, and no further ones follow at once. */
  async run(entry: Plan, rows: readonly number[], short: boolean): Promise<void> {
    const preparation = this.program.entries.find(({ name }) => name === entry.preparation)
    if (!preparation) this.statesChanged()
    else if (!this.prepared.has(entry)) {
      await this.steps(preparation, [1], short)
      this.prepared.add(entry)
    }
    await this.steps(entry, rows, short)
  }

  /** Whatever is not prepared may have changed one; so may the host. */
  statesChanged(): void {
    this.prepared.clear()
  }

  private steps(entry: Plan, rows: readonly number[], short: boolean): Promise<void> {
    const { feedStart: feed, feedStride, resultStart: result, resultStride } = this.program
    const quicker = short ? this.isQuickerAlone(entry, rows[0]!) : undefined
    return this.threads.run({ entry: entry.name, rows, feed, feedStride, result, resultStride }, quicker)
  }

  /** As estimated; undefined where the caller would wait too long. */
  private isQuickerAlone(entry: Plan, rows: number): boolean | undefined {
    const kernels = this.estimates.get(entry) ?? estimates(entry)
    this.estimates.set(entry, kernels)
    const alone = stepSeconds(kernels, rows, 1)
    if (alone > this.aloneSeconds) return undefined
    return alone <= stepSeconds(kernels, rows, this.count) + WAKE_SECONDS
  }
}
