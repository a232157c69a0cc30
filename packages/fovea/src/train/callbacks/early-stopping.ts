/** Ends training when a watched value has not improved for `patience` epochs. Keras's EarlyStopping, rule for rule. */
import { numberToJson } from '../../base/json.ts'
import { anyNumber, boolean, number, optional, orNull, parse, record, whole } from '../../base/schema.ts'
import { matchWeights, type NamedWeight } from '../../store/model-file.ts'
import type { Callback } from './callback.ts'
import { type MonitorMode, monitor, monitored, monitorFields, monitorName, verbosity } from './monitor.ts'

export interface EarlyStoppingOptions {
  /** `val_loss` by default. */
  readonly monitor?: string | undefined
  /** What an improvement must exceed; 0 by default. */
  readonly minDelta?: number | undefined
  /** Epochs without improvement before training ends; 0 by default. */
  readonly patience?: number | undefined
  readonly mode?: MonitorMode | undefined
  /** Waiting only starts anew when this value is beaten as well. */
  readonly baseline?: number | null | undefined
  /** Puts the weights of the best epoch back at the end; false by default. */
  readonly restoreBestWeights?: boolean | undefined
  /** Epochs (from 0) before this one are not looked at; 0 by default. */
  readonly startFromEpoch?: number | undefined
  /** 1 tells when it stops and what it restores; 0 by default. */
  readonly verbose?: number | undefined
}

/** Names and defaults are Keras's, and so is that the sign of `minDelta` does not count. */
export const earlyStoppingFields = {
  ...monitorFields,
  minDelta: optional(number(), 0),
  patience: optional(whole(0), 0),
  baseline: orNull(number()),
  restoreBestWeights: optional(boolean, false),
  startFromEpoch: optional(whole(0), 0),
  verbose: optional(verbosity, 0),
}

const stateFields = { best: anyNumber, bestEpoch: whole(0), wait: whole(0) }

/** Throws UserError for options that it does not have and for values out of range. */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const chosen = parse(record(earlyStoppingFields), options, 'earlyStopping')
  const { minDelta, patience, baseline, restoreBestWeights, startFromEpoch, verbose } = chosen
  const watched = monitor(monitorName(chosen.monitor), chosen.mode)
  const delta = Math.abs(minDelta)
  let best = watched.worst
  let bestEpoch = 0
  let wait = 0
  let stoppedEpoch = 0
  let bestWeights: NamedWeight[] | undefined

  return {
    name: 'earlyStopping',
    monitor: watched.name,
    onTrainBegin(training) {
      watched.follow(training)
      best = watched.worst
      bestEpoch = wait = stoppedEpoch = 0
      bestWeights = undefined
    },
    async onEpochEnd(epoch, logs, training) {
      if (epoch < startFromEpoch) return
      const current = monitored(logs, watched.name)
      if (restoreBestWeights && !bestWeights) {
        bestWeights = await training.weights()
        bestEpoch = epoch
      }
      wait++
      if (watched.better(current, best, delta)) {
        best = current
        bestEpoch = epoch
        if (restoreBestWeights) bestWeights = await training.weights()
        if (baseline === null || watched.better(current, baseline, delta)) wait = 0
        return
      }
      if (wait >= patience && epoch > 0) {
        stoppedEpoch = epoch
        training.stop(`early stopping: ${watched.name} did not improve for ${wait} epochs`)
      }
    },
    async onTrainEnd(training) {
      if (stoppedEpoch > 0 && verbose > 0) await training.say(`Epoch ${stoppedEpoch + 1}: early stopping`)
      if (!bestWeights) return
      if (verbose > 0) {
        await training.say(`Restoring model weights from the end of the best epoch: ${bestEpoch + 1}.`)
      }
      await training.setWeights(bestWeights)
    },
    state: () => ({
      values: { best: numberToJson(best), bestEpoch, wait },
      ...(bestWeights && { arrays: Object.fromEntries(bestWeights.map(({ name, data }) => [name, data])) }),
    }),
    async restore({ values, arrays }, training) {
      const kept = parse(record(stateFields), values, 'the state of earlyStopping', 'Field')
      best = kept.best
      bestEpoch = kept.bestEpoch
      wait = kept.wait
      if (!arrays) return
      const weights = await training.weights()
      const given = weights.flatMap(({ name, shape }) => {
        const data = Object.hasOwn(arrays, name) ? arrays[name] : undefined
        return data ? [{ name, shape, data }] : []
      })
      const matched = matchWeights(given, weights, 'the best weights that earlyStopping kept')
      bestWeights = weights.map(weight => ({ ...weight, data: matched[weight.name]! }))
    },
  }
}
