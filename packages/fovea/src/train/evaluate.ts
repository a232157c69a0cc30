/** Loss and metrics of a model over samples, and its predictions. Nothing is changed by it; the order does not matter. */

import { averages } from './averages.ts'
import { batchesOf, fillBatch } from './batches.ts'
import type { Logs } from './events.ts'
import { checkNumbers } from './fit-options.ts'
import type { Rows } from './rows.ts'
import { runSteps } from './steps.ts'
import type { Trainer } from './trainer.ts'

export interface PassOptions {
  /** Rows of a step; 32 by default. A program that is there already is used with its own. */
  readonly batchSize?: number
  readonly signal?: AbortSignal
  /** Batches done and their number. */
  readonly onProgress?: (batch: number, batches: number, logs: Logs) => void
}

export interface Evaluation {
  /** `loss` and metrics over all rows. */
  readonly logs: Record<string, number>
  /** By output name: the rows' predictions one after the other. */
  readonly predictions: Readonly<Record<string, Float32Array>>
  /** False when the signal was aborted before the end. */
  readonly complete: boolean
  readonly seconds: number
}

export const evaluate = (trainer: Trainer, rows: Rows, options: PassOptions = {}): Promise<Evaluation> =>
  pass(trainer, 'evaluate', rows, options)

/** Only the inputs of `rows` are needed. */
export const predict = (trainer: Trainer, rows: Rows, options: PassOptions = {}): Promise<Evaluation> =>
  pass(trainer, 'predict', rows, options)

async function pass(
  trainer: Trainer,
  entry: 'evaluate' | 'predict',
  rows: Rows,
  { batchSize = 32, signal, onProgress }: PassOptions,
): Promise<Evaluation> {
  checkNumbers(entry, { batchSize })
  const { clock } = trainer
  const started = clock.now()
  const batch = await trainer.prepare({ entry, batch: Math.min(batchSize, rows.count), match: 'any', rows })
  const batches = batchesOf(rows.count, batch)
  const total = averages(entry === 'evaluate' ? trainer : { reports: [], targets: [] })
  const predictions: Record<string, Float32Array> = {}
  const { done } = await runSteps(trainer, {
    need: { entry, batch, match: 'atLeast', rows },
    first: 0,
    steps: batches,
    feed: (step, slots) => fillBatch(rows, undefined, step * batch, batch, slots),
    onStep(step, outputs) {
      const n = Math.min(batch, rows.count - step * batch)
      for (const [name, values] of Object.entries(outputs)) {
        if (!name.startsWith('predictions:')) continue
        const output = name.slice('predictions:'.length)
        const size = values.length / n
        predictions[output] ??= new Float32Array(rows.count * size)
        predictions[output].set(values, step * batch * size)
      }
      total.add(outputs, { rows, begin: step * batch, count: n })
      onProgress?.(step + 1, batches, total.means())
    },
    shouldStop: () => signal?.aborted ?? false,
  })
  return { logs: total.means(), predictions, complete: done === batches, seconds: (clock.now() - started) / 1000 }
}
