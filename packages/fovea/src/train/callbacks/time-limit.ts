/**
 * Keeps a training to the time it was planned for. In: that time. While epochs take as long as was measured, nothing happens. Where those
 * that are left would take longer (a slower machine, many tiny epochs each of which writes its files), the schedule of the learning rate
 * goes by faster from then on, and training ends when it has come to its end: so there are fewer epochs, and the rate still falls to
 * where it was to fall.
 */
import type { JsonRecord } from '../../base/json.ts'
import { anyNumber, number, parse, record } from '../../base/schema.ts'
import type { Clock } from '../../engine/steps.ts'
import type { Callback } from './callback.ts'

/** Epochs of this share of the time say how long one takes: the first ones are slower, while the engine compiles. */
const looked = 0.1
/** How much longer than planned it may become before anything is done. */
const tolerated = 1.02

export interface TimeLimitOptions {
  /** From now on. */
  readonly seconds: number
  readonly clock: Clock
  /** The rate of an epoch (from 0) where no schedule says it. */
  readonly rateOf?: ((epoch: number) => number) | undefined
}

export function timeLimit({ seconds, clock, rateOf }: TimeLimitOptions): Callback {
  let begun = clock.now()
  /** When each epoch ended, in seconds. */
  const ends: number[] = []
  /** Epochs of the plan that are over, and how many of them each further one stands for. */
  let [over, factor] = [0, 1]
  let isTold = false
  return {
    name: 'timeLimit',
    onEpochBegin(epoch, training) {
      if (rateOf && over !== epoch) training.learningRate = rateOf(Math.floor(over))
    },
    async onEpochEnd(epoch, _, training) {
      const now = (clock.now() - begun) / 1000
      ends.push(now)
      over += factor
      const left = training.epochs - over
      if (left < 0.5) {
        if (epoch + 1 < training.epochs) training.stop('the time is over')
        return
      }
      if (now < looked * seconds) return
      const since = Math.min(
        ends.length - 2,
        ends.findIndex(end => end >= now - looked * seconds),
      )
      const each = since < 0 ? now : (now - ends[since]!) / (ends.length - 1 - since)
      const fitting = Math.max(1, (seconds - now) / each)
      const next = left / fitting > tolerated ? left / fitting : Math.min(factor, Math.max(1, left / fitting))
      if (next === factor) return
      if (!isTold)
        await training.say('Epochs take longer than planned: fewer of them, so that training ends in time.', 'warning')
      isTold = true
      factor = next
      training.hasten(factor)
    },
    // The schedule's own pace is in the checkpoint.
    state: () => ({ values: { seconds, passed: (clock.now() - begun) / 1000, over, factor } }),
    restore({ values }) {
      const kept = parse(record(stateFields), values, 'the state of timeLimit', 'Field')
      begun = clock.now() - 1000 * kept.passed
      over = kept.over
      factor = kept.factor
    },
  }
}

const stateFields = {
  seconds: anyNumber,
  passed: number({ least: 0 }),
  over: number({ least: 0 }),
  factor: number({ above: 0 }),
}

/** The seconds of the limit that a training had which is gone on with; undefined where it had none. */
export function limitIn(callbacks: Readonly<Record<string, JsonRecord>>): number | undefined {
  const [, state] = Object.entries(callbacks).find(([name]) => /^\d+-timeLimit$/.test(name)) ?? []
  return state && parse(record(stateFields), state, 'the state of timeLimit', 'Field').seconds
}
