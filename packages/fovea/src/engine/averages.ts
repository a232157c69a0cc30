/**
 * What the steps of an epoch come to: averages of what the steps give as numbers, every row counting the same, summed in double; and
 * metrics over the predictions of all steps, each as it was when its step ran. In: step after step. Out: logs, and the sums they are
 * computed from, which a checkpoint keeps.
 */

import type { ModelOutput } from '../network/model.ts'
import { metricLogs } from '../objectives/metrics.ts'
import type { ReportedValue } from '../objectives/output-objectives.ts'
import { type Batch, fillBatch } from './batches.ts'
import type { Measured } from './entry.ts'
import type { OutputTarget } from './target-column.ts'

/** Values by metric name. */
export type Logs = { readonly [name: string]: number }

/** By reported name: one number, or all sums of a metric over predictions. */
export type Sums = Readonly<Record<string, number | readonly number[]>>

export interface Averages {
  /** Adds a step; gives the logs of this step alone. */
  add(results: Measured, batch: Batch): Logs
  /** Of all steps so far. */
  means(): Record<string, number>
  readonly sums: Sums
  readonly rows: number
}

export function averages(
  { reports, targets }: { readonly reports: readonly ReportedValue[]; readonly targets: readonly OutputTarget[] },
  start: { readonly sums: Sums; readonly rows: number } = { sums: {}, rows: 0 },
): Averages {
  const numbers: Record<string, number> = {}
  const lists: Record<string, Float64Array> = {}
  for (const [name, sum] of Object.entries(start.sums)) {
    if (typeof sum === 'number') numbers[name] = sum
    else lists[name] = Float64Array.from(sum)
  }
  let rows = start.rows

  return {
    add(results, batch) {
      rows += batch.count
      const seen: Record<string, Seen> = {}
      const logs: Record<string, number> = {}
      for (const { name, overPredictions } of reports) {
        if (!overPredictions) {
          const value = results.reports[name]!
          numbers[name] = (numbers[name] ?? 0) + value * batch.count
          logs[name] = value
          continue
        }
        const { output, metric, weighted } = overPredictions
        seen[output.name] ??= seenOf(output, results, batch, targets)
        const { target, prediction, weight } = seen[output.name]!
        const own = new Float64Array(metric.formula.size(prediction.shape))
        metric.formula.add(own, target, prediction, weighted ? weight : undefined)
        Object.assign(logs, metricLogs(name, metric.formula.result(own)))
        const before = lists[name]
        lists[name] = before ? own.map((sum, index) => before[index]! + sum) : own
      }
      return logs
    },
    means() {
      const logs: Record<string, number> = {}
      for (const { name, overPredictions } of reports) {
        const sums = lists[name]
        if (!overPredictions) logs[name] = (numbers[name] ?? 0) / rows
        else if (sums) Object.assign(logs, metricLogs(name, overPredictions.metric.formula.result(sums)))
      }
      return logs
    },
    get sums() {
      const kept = Object.entries(lists).map(([name, sums]) => [name, Array.from(sums)] as const)
      return { ...numbers, ...Object.fromEntries(kept) }
    },
    get rows() {
      return rows
    },
  }
}

type Seen = ReturnType<typeof seenOf>

/** Labels, predictions and weights of the rows that a step has seen. */
function seenOf(
  { name, shape: outputShape }: ModelOutput,
  results: Measured,
  batch: Batch,
  targets: readonly OutputTarget[],
) {
  const { count } = batch
  const form = targets.find(({ output }) => output === name)!
  const shape = [count, ...form.shape.slice(1)]
  const size = shape.reduce((product, extent) => product * extent, 1)
  const labels = form.dtype === 'i32' ? new Int32Array(size) : new Float32Array(size)
  const weights = new Float32Array(count)
  fillBatch(batch.rows, batch.order, batch.begin, count, { targets: { [name]: labels }, weights: { [name]: weights } })
  return {
    target: { shape, data: labels },
    prediction: { shape: [count, ...outputShape], data: results.predictions[name]! },
    // One weight for each sample, whatever axes there are.
    weight: { shape: [count, ...outputShape.map(() => 1)], data: weights },
  }
}

/** The same logs under `val_` names. */
export function validationLogs(logs: Logs): Record<string, number> {
  return Object.fromEntries(Object.entries(logs).map(([name, value]) => [`val_${name}`, value]))
}
