/** The result of a recipe run as one JSON document: what `fovea train --json` prints and `result.json` holds. */

import type { TestViews } from '../base/test-views.ts'
import { percent } from '../base/text.ts'
import { mainLogs } from '../objectives/metrics.ts'
import type { History } from '../train/callbacks/history.ts'
import type { Logs } from '../train/events.ts'

/** What a recipe came to: its settings, its epochs and the result on the test set. */
export interface TrainReport {
  readonly recipe: string
  readonly dataset: string
  readonly seed: number
  readonly threads: number
  /** Epochs trained. */
  readonly epochs: number
  readonly params: number
  readonly history: readonly EpochReport[]
  /** The epoch (from 1) with the lowest validation loss (without validation: the lowest loss, and null). Null before the first ended. */
  readonly best: { readonly epoch: number; readonly valLoss: number | null } | null
  /** On the test set, with the weights the recipe says. Null when training was interrupted, or there is no test part. */
  readonly test: {
    readonly loss: number
    readonly accuracy: number
    readonly metrics?: Logs | undefined
    /** Of the mean over these views of every picture. */
    readonly views?: TestViews | undefined
  } | null
  /** Training with validation, without compilation and test. */
  readonly seconds: number
  readonly compileSeconds: number
  readonly msPerStep: number
  /** Device memory and data set, the most in use at a time. */
  readonly peakBytes: number
  /** Over the weights at the end of training, little-endian, in Keras's order. */
  readonly weightsSha256: string
  /** Null where nothing was written. */
  readonly runDir: string | null
}

/** One epoch of a recipe. */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number
  readonly loss: number
  readonly accuracy: number
  readonly valLoss: number | null
  readonly valAccuracy: number | null
  readonly learningRate: number
  readonly seconds: number
  /** Where there are metrics beside accuracy: their logs, those of validation under `val_` names. */
  readonly metrics?: Logs | undefined
}

const told: readonly string[] = ['loss', 'accuracy', 'val_loss', 'val_accuracy']

/** The logs that have no field of their own. */
export function otherMetrics(logs: Logs): { readonly metrics?: Logs } {
  const others = Object.entries(logs).filter(([name]) => !told.includes(name))
  return others.length === 0 ? {} : { metrics: Object.fromEntries(others) }
}

/** Names of metrics that are shares of pictures; errors and losses are not, and counts. */
const isShare = /accuracy|precision|recall|sensitivity|specificity/i

/** `precision 97.10 %`, `auc 0.9987`: how people read a metric. */
const metricText = (name: string, value: number): string =>
  `${name} ${isShare.test(name) ? percent(value) : String(Number(value.toPrecision(5)))}`

/** All but the values of lists. */
export const metricTexts = (logs: Logs): string[] =>
  mainLogs(Object.keys(logs)).map(name => metricText(name, logs[name]!))

export function epochReports({ epochs }: History): EpochReport[] {
  return epochs.map(({ epoch, logs, learningRate, seconds }) => ({
    epoch,
    loss: logs['loss']!,
    accuracy: logs['accuracy']!,
    valLoss: logs['val_loss'] ?? null,
    valAccuracy: logs['val_accuracy'] ?? null,
    learningRate,
    seconds,
    ...otherMetrics(logs),
  }))
}

/** The first epoch with the lowest validation loss (else training loss); NaN is never lowest. */
export function bestEpoch(epochs: readonly EpochReport[]): TrainReport['best'] {
  const value = ({ loss, valLoss }: EpochReport): number => valLoss ?? loss
  let best: EpochReport | undefined
  for (const epoch of epochs) if (!best || value(epoch) < value(best) || Number.isNaN(value(best))) best = epoch
  return best ? { epoch: best.epoch, valLoss: best.valLoss } : null
}
