/**
 * What a callback is and what it may do. Any object with some of these methods is one; they may be asynchronous, training waits.
 * Epochs are counted from 0 here, as in Keras.
 */
import { nearest, UserError } from '../../base/errors.ts'
import type { Files } from '../../base/host.ts'
import type { Json } from '../../base/json.ts'
import type { NumericArray } from '../../base/shape.ts'
import { kindOf } from '../../base/show.ts'
import type { NamedWeight } from '../../store/model-file.ts'
import type { Logs, TrainEvent } from '../events.ts'

/** The running training, as callbacks see it. */
export interface Training {
  readonly epochs: number
  readonly batches: number
  /** The names `logs` has at the end of an epoch. */
  readonly monitors: readonly string[]
  /** Which values of a log are better, for those of metrics. */
  readonly directions?: Readonly<Record<string, 'min' | 'max'>> | undefined
  /** Can be set while training runs, unless the optimizer has a schedule. */
  learningRate: number
  /** From here on the optimizer's schedule goes by so many times as fast: 1 is as it was made. */
  hasten(factor: number): void
  /** Ends training after the current epoch's work (or, said during an epoch, after the current step). */
  stop(because: string): void
  /** A line for the user. */
  say(text: string, level?: 'info' | 'warning'): Promise<void>
  /** Current weights in Keras's order, copied. */
  weights(): Promise<NamedWeight[]>
  setWeights(weights: readonly NamedWeight[]): Promise<void>
  /** Computes the moving statistics of batch normalization anew, for the weights as they are, in a pass over the training samples. */
  renewStatistics(): Promise<void>
  /** Whether training was aborted before its last epoch, so that it may go on. */
  readonly interrupted: boolean
  /** Writes the model with its current weights. Throws UserError where there are no files. */
  save(path: string, kind: 'best' | 'epoch'): Promise<void>
  /** Files of the device, if it has any. */
  readonly files?: Files | undefined
}

/** What a callback wants kept in a checkpoint, so that training can stop and go on without a difference. */
export interface CallbackState {
  readonly values: { readonly [name: string]: Json }
  readonly arrays?: Readonly<Record<string, NumericArray>> | undefined
}

/**
 * What is called while a model is trained. Every method is optional; a method may return a promise, which is waited
 * for.
 */
export interface Callback {
  /** The name of this callback's values in a checkpoint. */
  readonly name?: string | undefined
  /** The log this callback watches; checked before training. */
  readonly monitor?: string | undefined
  /** Whether it sets the learning rate, so that the progress line shows it. */
  readonly setsLearningRate?: boolean | undefined
  onTrainBegin?(training: Training): void | Promise<void>
  onEpochBegin?(epoch: number, training: Training): void | Promise<void>
  /** After every step; batches are counted from 0. A callback with this method makes training run step by step. */
  onBatchEnd?(batch: number, logs: Logs, training: Training): void | Promise<void>
  onEpochEnd?(epoch: number, logs: Logs, training: Training): void | Promise<void>
  onTrainEnd?(training: Training): void | Promise<void>
  /** Every event. `batch-end` events come in groups, some 40 ms late. */
  onEvent?(event: TrainEvent, training: Training): void | Promise<void>
  state?(): CallbackState
  /** Called after `onTrainBegin` when training goes on from a checkpoint. */
  restore?(state: CallbackState, training: Training): void | Promise<void>
}

const methods = ['onTrainBegin', 'onEpochBegin', 'onBatchEnd', 'onEpochEnd', 'onTrainEnd', 'onEvent']

/** Throws UserError for what is no callback, and for a method that would never be called (`onTrainBatchEnd`). */
export function checkCallbacks(callbacks: unknown): void {
  if (callbacks === undefined) return
  const list = Array.isArray(callbacks) ? callbacks : undefined
  const odd = list?.findIndex(callback => typeof callback !== 'object' || callback === null || Array.isArray(callback))
  if (!list || odd !== -1) {
    throw new UserError({
      what: 'callbacks cannot be used',
      expected: 'a list of objects with methods like onEpochEnd(epoch, logs)',
      received: list ? `at position ${odd}: ${kindOf(list[odd!])}` : kindOf(callbacks),
      ...(!list && { fix: 'put it into a list' }),
    })
  }
  for (const callback of list) {
    const unknown = hookNames(callback).find(name => !methods.includes(name))
    if (unknown === undefined) continue
    const close = unknown === 'onTrainBatchEnd' ? 'onBatchEnd' : nearest(unknown, methods)
    throw new UserError({
      what: `A callback has the method ${unknown}, which is never called`,
      expected: methods.join(', '),
      ...(close !== undefined && { fix: `did you mean ${close}?` }),
    })
  }
}

/** Own and inherited methods named `on…`. */
function hookNames(callback: object): string[] {
  const names: string[] = []
  for (let part: object | null = callback; part && part !== Object.prototype; part = Object.getPrototypeOf(part)) {
    names.push(...Object.getOwnPropertyNames(part))
  }
  return names.filter(name => /^on[A-Z]/.test(name))
}
