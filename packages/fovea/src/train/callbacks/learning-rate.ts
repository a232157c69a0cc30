/** Callbacks that set the learning rate: by a function of the epoch, or when a watched value no longer improves. As in Keras. */
import { UserError } from '../../base/errors.ts'
import { numberToJson } from '../../base/json.ts'
import { anyNumber, number, optional, parse, record, whole } from '../../base/schema.ts'
import type { Callback } from './callback.ts'
import { type MonitorMode, monitor, monitored, monitorFields, monitorName, verbosity } from './monitor.ts'

/** (epoch from 0, learning rate so far) → learning rate of that epoch. */
export type EpochSchedule = (epoch: number, learningRate: number) => number

/** Sets the learning rate before every epoch. `verbose: 1` says so each time. */
export function learningRateScheduler(
  schedule: EpochSchedule,
  options: { readonly verbose?: number | undefined } = {},
): Callback {
  if (typeof schedule !== 'function') {
    throw new UserError({
      what: 'learningRateScheduler needs a function',
      expected: 'learningRateScheduler((epoch, learningRate) => …)',
      received: typeof schedule,
    })
  }
  const { verbose } = parse(record({ verbose: optional(verbosity, 0) }), options, 'learningRateScheduler')
  return {
    name: 'learningRateScheduler',
    setsLearningRate: true,
    async onEpochBegin(epoch, training) {
      const rate = schedule(epoch, training.learningRate)
      if (typeof rate !== 'number' || !Number.isFinite(rate) || rate < 0) {
        throw new UserError({
          what: 'The learning-rate schedule gave no usable value',
          expected: 'a number ≥ 0',
          received: `${rate} for epoch ${epoch}`,
        })
      }
      training.learningRate = rate
      if (verbose > 0) {
        await training.say(`Epoch ${epoch + 1}: LearningRateScheduler setting learning rate to ${rate}.`)
      }
    },
  }
}

const stateFields = { best: anyNumber, wait: whole(0), resting: whole(0) }

export interface ReduceLROnPlateauOptions {
  /** `val_loss` by default. */
  readonly monitor?: string | undefined
  /** The rate is multiplied by this; 0.1 by default, below 1. */
  readonly factor?: number | undefined
  /** Epochs without improvement before the rate falls; 10 by default. */
  readonly patience?: number | undefined
  readonly mode?: MonitorMode | undefined
  /** What an improvement must exceed; 1e-4 by default. */
  readonly minDelta?: number | undefined
  /** Epochs to rest after a reduction; 0 by default. */
  readonly cooldown?: number | undefined
  /** The rate never falls below; 0 by default. */
  readonly minLr?: number | undefined
  readonly verbose?: number | undefined
}

/** Names and defaults are Keras's. A factor of 1 would not reduce the rate. */
export const reduceLROnPlateauFields = {
  ...monitorFields,
  factor: optional(number({ above: 0, below: 1 }), 0.1),
  patience: optional(whole(0), 10),
  minDelta: optional(number({ least: 0 }), 1e-4),
  cooldown: optional(whole(0), 0),
  minLr: optional(number({ least: 0 }), 0),
  verbose: optional(verbosity, 0),
}

/** Throws UserError for options that it does not have and for values out of range. */
export function reduceLROnPlateau(options: ReduceLROnPlateauOptions = {}): Callback {
  const chosen = parse(record(reduceLROnPlateauFields), options, 'reduceLROnPlateau')
  const { factor, patience, minDelta, cooldown, minLr, verbose } = chosen
  const watched = monitor(monitorName(chosen.monitor), chosen.mode)
  let best = watched.worst
  let wait = 0
  let resting = 0
  return {
    name: 'reduceLROnPlateau',
    monitor: watched.name,
    setsLearningRate: true,
    onTrainBegin(training) {
      watched.follow(training)
      best = watched.worst
      wait = resting = 0
    },
    async onEpochEnd(epoch, logs, training) {
      const current = monitored(logs, watched.name)
      if (resting > 0) {
        resting--
        wait = 0
      }
      if (watched.better(current, best, minDelta)) {
        best = current
        wait = 0
        return
      }
      if (resting > 0) return
      wait++
      if (wait < patience || training.learningRate <= minLr) return
      training.learningRate = Math.max(training.learningRate * factor, minLr)
      resting = cooldown
      wait = 0
      if (verbose > 0) {
        await training.say(`Epoch ${epoch + 1}: ReduceLROnPlateau reducing learning rate to ${training.learningRate}.`)
      }
    },
    state: () => ({ values: { best: numberToJson(best), wait, resting } }),
    restore: ({ values }) => {
      const kept = parse(record(stateFields), values, 'the state of reduceLROnPlateau', 'Field')
      best = kept.best
      wait = kept.wait
      resting = kept.resting
    },
  }
}
