/**
 * Runs many steps of an entry in groups. A group is as many steps as take some 40 ms, so that calls cost little, and progress,
 * Ctrl-C and page events are seen to in between. How steps are grouped has no influence on what they compute.
 */
import type { Host } from '../base/host.ts'

/** What is needed to know of time and of pending events. */
export type Clock = Pick<Host, 'now' | 'yieldToEvents'>

export interface StepRun<Results> {
  readonly first: number
  readonly steps: number
  /** Runs `count` steps from step `first` on, in one call. */
  readonly run: (first: number, count: number) => Promise<Results[]>
  /** Called after every step, in order. */
  readonly onStep: (step: number, results: Results) => void | Promise<void>
  /** Called after every group: the states are those of the last step that was told. */
  readonly onGroup?: (() => void | Promise<void>) | undefined
  /** Asked between groups. */
  readonly shouldStop?: (() => boolean) | undefined
  /** Groups of one step: what a step's listener decides takes effect at once. */
  readonly oneByOne?: boolean | undefined
}

/** Milliseconds of a group. */
const groupTime = 40
/** A group grows at most by this factor over the last one. */
const growth = 8

/** How many steps the next group has, after one of `count` steps that took so many milliseconds. */
export function nextGroup(group: number, count: number, took: number): number {
  const suited = Math.floor((groupTime * count) / Math.max(took, 0.001))
  return Math.max(1, Math.min(suited, group * growth))
}

/** Gives how many steps were done (from `first` on) and the milliseconds they took on the device. */
export async function runSteps<Results>(clock: Clock, run: StepRun<Results>): Promise<{ done: number; ms: number }> {
  let group = 1
  let done = run.first
  let ms = 0
  while (done < run.steps && !run.shouldStop?.()) {
    const begin = done
    const count = Math.min(group, run.steps - begin)
    const started = clock.now()
    const results = await run.run(begin, count)
    const took = clock.now() - started
    ms += took
    for (const [index, result] of results.entries()) {
      done++
      await run.onStep(begin + index, result)
    }
    await run.onGroup?.()
    group = run.oneByOne ? 1 : nextGroup(group, count, took)
    await clock.yieldToEvents()
  }
  return { done: done - run.first, ms }
}
