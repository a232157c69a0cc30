/** Loss and metrics of a model over samples, and its predictions. Nothing is changed by it; the order does not matter. */

import type { Model } from '../network/model.ts'
import { seenOver, viewsInAll } from '../network/views-of-input.ts'
import { targetOf } from '../objectives/losses.ts'
import {
  type Objectives,
  objectivesByOutput,
  type ReportedValue,
  reportedValues,
} from '../objectives/output-objectives.ts'
import { averages } from './averages.ts'
import { batchesOf, fillBatch } from './batches.ts'
import type { Engine } from './engine.ts'
import { evaluateEntry } from './evaluate-entry.ts'
import { type FeedRows, inputTypesOf } from './feed-rows.ts'
import { checkedBatchSize, keep, type Predictions, type WalkOptions } from './pass.ts'
import { type Clock, runSteps } from './steps.ts'
import type { OutputTarget } from './target-column.ts'

export interface Evaluation extends Predictions {
  /** `loss` and metrics over all rows. */
  readonly logs: Record<string, number>
  readonly seconds: number
}

export interface Evaluator {
  /** The form of every output's labels. */
  readonly targets: readonly OutputTarget[]
  /** `loss`, `accuracy` …: what training and evaluation give, in order. */
  readonly reports: readonly ReportedValue[]
  evaluate(rows: FeedRows, options?: WalkOptions): Promise<Evaluation>
}

export interface EvaluatorOptions {
  readonly model: Model
  readonly objectives: Objectives
  readonly engine: Engine
  readonly clock: Clock
  /** Rows of a training step, where the model is trained: evaluation takes as many, so that its averages have the same last bits whenever it is asked. */
  readonly trainedBatch?: (() => number | undefined) | undefined
}

/** Throws UserError when losses, metrics and outputs do not go together. */
export function createEvaluator({ model, objectives, engine, clock, trainedBatch }: EvaluatorOptions): Evaluator {
  const byOutput = objectivesByOutput(model, objectives)
  const targets = byOutput.map(({ output, loss }) => {
    const form = targetOf(loss, output.shape)
    return { ...form, output: output.name, shape: [-1, ...form.shape] }
  })
  const reports = reportedValues(byOutput)
  return {
    targets,
    reports,
    async evaluate(rows, options = {}) {
      const batchSize = checkedBatchSize('evaluate', options)
      const { signal, onProgress, views } = options
      const maker = evaluateEntry(model, objectives, views && seenOver(views))
      const started = clock.now()
      const trained = trainedBatch?.()
      const wanted = trained ?? Math.min(batchSize, rows.count)
      const need = {
        // All views together take no more memory than pictures do elsewhere.
        batch: views ? Math.max(1, Math.floor(wanted / viewsInAll(views))) : wanted,
        match: trained === undefined ? 'atLeast' : 'exact',
        inputTypes: inputTypesOf(model, rows),
      } as const
      const batch = await engine.prepare(maker, need)
      const batches = batchesOf(rows.count, batch)
      const total = averages({ reports, targets })
      const predictions: Record<string, Float32Array> = {}
      const { done } = await runSteps(clock, {
        first: 0,
        steps: batches,
        run: (first, count) =>
          engine.run(maker, { ...need, batch }, count, (index, slots) =>
            fillBatch(rows, undefined, (first + index) * batch, batch, slots),
          ),
        onStep(step, results) {
          const begin = step * batch
          const n = Math.min(batch, rows.count - begin)
          keep(predictions, results, { rows: n, from: 0, n, begin, count: rows.count })
          total.add(results, { rows, begin, count: n })
          onProgress?.(step + 1, batches, total.means())
        },
        shouldStop: () => signal?.aborted ?? false,
      })
      const seconds = (clock.now() - started) / 1000
      return { logs: total.means(), predictions, complete: done === batches, seconds }
    },
  }
}
