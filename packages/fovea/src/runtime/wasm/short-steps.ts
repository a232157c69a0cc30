/**
 * Who computes a short step: the caller's thread, or all of them, which have to be woken. It is measured, for what waking takes differs from
 * machine to machine, and no bit depends on it.
 */
import type { StepsRequest } from './threads.ts'

/** Milliseconds that a step took of late each way; missing where it was not tried. */
interface Tried {
  runs: number
  alone?: number
  together?: number
}

/** Of so many runs the last few are done the other way than the one that is quicker: the machine may change. */
const ROUND = 128
const TRIALS = 4
/** What the last run makes up of the mean. */
const NEWEST = 0.25

/** Runs steps of one row count. `expected`: whether the caller's thread is quicker, until both ways were tried. */
export function shortSteps(now: () => number, run: (request: StepsRequest, alone: boolean) => Promise<void>) {
  const all = new Map<string, Tried>()
  return async (request: StepsRequest, expected: boolean): Promise<void> => {
    const key = `${request.entry} ${request.rows}`
    const tried: Tried = all.get(key) ?? { runs: 0 }
    all.set(key, tried)
    const { alone: own, together } = tried
    const quicker = own === undefined || together === undefined ? expected : own <= together
    const alone = quicker !== ++tried.runs % ROUND >= ROUND - TRIALS
    const began = now()
    await run(request, alone)
    const took = now() - began
    const way = alone ? 'alone' : 'together'
    tried[way] = took + (1 - NEWEST) * ((tried[way] ?? took) - took)
  }
}
