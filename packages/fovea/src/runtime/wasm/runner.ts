/**
 * Runs the steps of an entry: its preparation first where a state may have changed since the last one, and all of it on the caller's
 * thread where that is quicker than to wake the workers (one small picture; some two milliseconds at most, so that the caller hardly waits). No bit
 * depends on which of the two it was.
 */
import { estimates, type KernelEstimate, stepSeconds } from '../../plan/cost.ts'
import type { ProgramPlan } from '../../plan/plan.ts'
import type { Plan } from '../../plan/types.ts'
import type { Threads } from './threads.ts'

/** Longest work of the caller's thread, as `plan/cost` estimates it. */
export const ALONE_SECONDS = 0.0025
/** What it takes to wake workers and to hear from them, as long as nobody measured it here. */
const WAKE_SECONDS = 150e-6

/** How long a step took of late, in milliseconds, on the caller's thread and on all of them; undefined where it was not tried. */
interface Tried {
  runs: number
  alone?: number
  together?: number
}
/** Of so many runs the last few are done the other way than the one that is quicker, for the machine may change. */
const ROUND = 128
const TRIALS = 4
/** Of the mean that the last run makes up. */
const NEWEST = 0.25

export class Runner {
  private readonly program: ProgramPlan
  private readonly threads: Threads
  private readonly aloneSeconds: number
  private readonly count: number
  private readonly now: () => number
  private readonly estimates = new Map<Plan, readonly KernelEstimate[]>()
  /** By entry and rows. */
  private readonly tried = new Map<string, Tried>()
  /** Entries prepared for the present states. */
  private readonly prepared = new Set<Plan>()

  constructor(
    program: ProgramPlan,
    threads: Threads,
    { threads: count, aloneSeconds, now }: { readonly threads: number; readonly aloneSeconds: number; now(): number },
  ) {
    this.count = count
    this.now = now
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

  private async steps(entry: Plan, rows: readonly number[], short: boolean): Promise<void> {
    const { feedStart: feed, feedStride, resultStart: result, resultStride } = this.program
    const request = { entry: entry.name, rows, feed, feedStride, result, resultStride }
    if (!short || !this.mayBeAlone(entry, rows[0]!)) return this.threads.run(request)
    const key = `${entry.name} ${rows[0]}`
    const tried: Tried = this.tried.get(key) ?? { runs: 0 }
    this.tried.set(key, tried)
    const alone = this.isQuickerAlone(entry, rows[0]!, tried) !== ++tried.runs % ROUND >= ROUND - TRIALS
    const way = alone ? 'alone' : 'together'
    const began = this.now()
    await this.threads.run(request, alone)
    const took = this.now() - began
    tried[way] = took + (1 - NEWEST) * ((tried[way] ?? took) - took)
  }

  private mayBeAlone(entry: Plan, rows: number): boolean {
    return this.aloneSeconds > 0 && stepSeconds(this.estimatesOf(entry), rows, 1) <= this.aloneSeconds
  }

  /** As measured, or as estimated until both ways were tried. */
  private isQuickerAlone(entry: Plan, rows: number, { alone, together }: Tried): boolean {
    if (alone !== undefined && together !== undefined) return alone <= together
    const kernels = this.estimatesOf(entry)
    return stepSeconds(kernels, rows, 1) <= stepSeconds(kernels, rows, this.count) + WAKE_SECONDS
  }

  private estimatesOf(entry: Plan): readonly KernelEstimate[] {
    const known = this.estimates.get(entry) ?? estimates(entry)
    this.estimates.set(entry, known)
    return known
  }
}
