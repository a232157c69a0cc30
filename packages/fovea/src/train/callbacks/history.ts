/** What `fit` returns: the values of every epoch, by name as in Keras and as one record per epoch. */
import type { EndReason, Logs } from '../events.ts'

/** One epoch. A type alias, so that it is also plain JSON. */
export type EpochRecord = {
  /** From 1. */
  readonly epoch: number
  readonly logs: Logs
  readonly learningRate: number
  /** Training and validation. */
  readonly seconds: number
}

/** What `fit` gives: the values of every epoch, and why training ended. */
export interface History {
  /** Keras's `history.history`: `loss`, `accuracy`, `val_loss` …, one value per epoch. */
  readonly history: Readonly<Record<string, number[]>>
  /** Epoch numbers from 0, as in Keras. */
  readonly epoch: readonly number[]
  readonly epochs: readonly EpochRecord[]
  readonly endReason: EndReason
  /** What the callback that stopped training said. */
  readonly because?: string | undefined
  /** Training steps of this call. */
  readonly steps: number
  readonly seconds: number
  /** Of training steps alone, in milliseconds, averaged. */
  readonly msPerStep: number
}

export function byName(epochs: readonly EpochRecord[]): Record<string, number[]> {
  const history: Record<string, number[]> = {}
  for (const { logs } of epochs) {
    for (const [name, value] of Object.entries(logs)) {
      history[name] ??= []
      history[name].push(value)
    }
  }
  return history
}
