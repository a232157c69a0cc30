/**
 * The one stream that training tells its story in. Progress bar, callbacks, run file, reports and pages are listeners.
 * Everything is plain JSON. Epochs and batches are counted from 1 here, as they are printed; callbacks count epochs from 0, as
 * Keras's do. Metric names are Keras's: `loss`, `accuracy`, `val_loss` …; a model with several outputs has `<output>_loss` too.
 */

import type { Logs } from '../engine/averages.ts'

export type { Logs } from '../engine/averages.ts'

export interface TrainBeginEvent {
  readonly type: 'train-begin'
  readonly model: string
  readonly params: number
  readonly samples: number
  readonly validationSamples: number
  readonly batchSize: number
  readonly batches: number
  /** The epoch to begin with, from 1, and the last one. */
  readonly firstEpoch: number
  readonly epochs: number
  readonly seed: number
  readonly learningRate: number
  readonly device: string
  readonly threads: number
  readonly compileSeconds: number
  readonly memoryBytes: number
}

export interface EpochBeginEvent {
  readonly type: 'epoch-begin'
  readonly epoch: number
  readonly epochs: number
  readonly learningRate: number
}

export interface BatchEndEvent {
  readonly type: 'batch-end'
  readonly epoch: number
  /** How many of the epoch's batches are done. */
  readonly batch: number
  readonly batches: number
  /** Training steps over all epochs. */
  readonly step: number
  readonly rows: number
  /** Of this batch alone. */
  readonly batchLogs: Logs
  /** Averages over the epoch so far, every row counting the same. */
  readonly logs: Logs
}

export interface ValidationEvent {
  readonly type: 'validation'
  readonly epoch: number
  /** `val_loss`, `val_accuracy` … */
  readonly logs: Logs
  readonly seconds: number
}

export interface EpochEndEvent {
  readonly type: 'epoch-end'
  readonly epoch: number
  readonly epochs: number
  /** Training averages and validation values. */
  readonly logs: Logs
  readonly learningRate: number
  /** Training and validation together. */
  readonly seconds: number
  readonly msPerStep: number
}

export interface CheckpointEvent {
  readonly type: 'checkpoint'
  readonly epoch: number
  readonly path: string
  /** `best`: the weights so far best; `last`: everything needed to go on. */
  readonly kind: 'best' | 'epoch' | 'last'
}

export interface MessageEvent {
  readonly type: 'message'
  readonly level: 'info' | 'warning'
  readonly text: string
}

/** Why training ended: all epochs done, a callback stopped it, the signal was aborted. */
export type EndReason = 'completed' | 'stopped' | 'aborted'

export interface TrainEndEvent {
  readonly type: 'train-end'
  readonly reason: EndReason
  /** What the callback that stopped said. */
  readonly because?: string | undefined
  readonly epochsDone: number
  readonly steps: number
  readonly seconds: number
}

/** What training tells while it goes on: `onEvent` of `fit` gets each. */
export type TrainEvent =
  | TrainBeginEvent
  | EpochBeginEvent
  | BatchEndEvent
  | ValidationEvent
  | EpochEndEvent
  | CheckpointEvent
  | MessageEvent
  | TrainEndEvent

/** What gets the events of training; it is waited for. */
export type TrainListener = (event: TrainEvent) => void | Promise<void>
