/**
 * Runs many steps of an entry in groups. A group is as many steps as take some 40 ms, so that calls cost little, and progress,
 * Ctrl-C and page events are seen to in between. How steps are grouped has no influence on what they compute.
 */
import type { Feed, StepOutputs } from '../runtime/device.ts'
import type { ProgramNeed } from './live-program.ts'
import type { Trainer } from './trainer.ts'

export interface StepRun {
  readonly need: ProgramNeed
  readonly first: number
  readonly steps: number
  /** `step` counts from 0 over the whole run. */
  readonly feed: Feed
  /** Called after every step, in order. */
  readonly onStep: (step: number, outputs: StepOutputs) => void | Promise<void>
  /** Asked between groups. */
  readonly shouldStop?: () => boolean
  /** Groups of one step: what a step's listener decides takes effect at once. */
  readonly oneByOne?: boolean
}

/** Milliseconds of a group. */
const groupTime = 40
/** A group grows at most by this factor over the last one. */
const growth = 8

/** Gives how many steps were done (from `first` on) and the milliseconds they took on the device. */
export async function runSteps(trainer: Trainer, run: StepRun): Promise<{ done: number; ms: number }> {
  const { clock } = trainer
  let group = 1
  let done = run.first
  let ms = 0
  while (done < run.steps && !run.shouldStop?.()) {
    const begin = done
    const count = Math.min(group, run.steps - begin)
    const started = clock.now()
    const outputs = await trainer.run(run.need, count, (step, slots) => run.feed(begin + step, slots))
    const took = clock.now() - started
    ms += took
    for (const [index, output] of outputs.entries()) {
      done++
      await run.onStep(begin + index, output)
    }
    const suited = Math.floor((groupTime * count) / Math.max(took, 0.001))
    group = run.oneByOne ? 1 : Math.max(1, Math.min(suited, group * growth))
    await clock.yieldToEvents()
  }
  return { done: done - run.first, ms }
}
