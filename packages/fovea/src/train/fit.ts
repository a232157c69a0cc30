/**
 * Training: epochs of shuffled batches, validation after each, events for listeners and callbacks all along. In: a learner and
 * rows. Out: the history; the learner has the trained weights. The same seed gives the same bits, whether or not training was
 * stopped and resumed in between. Everything around the three loops is in training-run.ts.
 */
import { averages, validationLogs } from '../engine/averages.ts'
import { fillTrainingBatch, shuffledOrder } from '../engine/batches.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import { runSteps } from '../engine/steps.ts'
import type { History } from './callbacks/history.ts'
import { epochStart, firstFault } from './first-fault.ts'
import type { LoopOptions } from './fit-options.ts'
import type { Learner } from './learner.ts'
import { startRun, type TrainingRun } from './training-run.ts'

/** Throws UserError for options that cannot be; an aborted signal is no error, the history says so. */
export async function fit(learner: Learner, rows: FeedRows, options: LoopOptions): Promise<History> {
  const run = await startRun(learner, rows, options)
  while (run.goesOn()) {
    await run.beginEpoch()
    const trained = await trainEpoch(learner, rows, run)
    if (!trained) break
    const validated = options.validation ? await validate(learner, options.validation, run) : {}
    if (!validated) break
    await run.endEpoch({ ...trained, ...validated })
  }
  return run.end()
}

/** The epoch's averages; undefined when training was aborted before its end. */
async function trainEpoch(
  learner: Learner,
  rows: FeedRows,
  run: TrainingRun,
): Promise<Record<string, number> | undefined> {
  const { seed, batchSize, batches, epochBegin } = run
  const order = run.shuffle ? shuffledOrder(seed, epochBegin.step, rows.count) : undefined
  // Of all steps so far, not of this call: who calls `fit` for each epoch is trained as by one call.
  const epoch = Math.floor(epochBegin.step / batches)
  const total = averages(learner, epochBegin)
  const before = run.looksForFaults ? await epochStart(learner, epochBegin.batch) : undefined
  await runSteps(learner.clock, {
    first: epochBegin.batch,
    steps: batches,
    run: (first, count) =>
      learner.train(rows, { batch: batchSize, match: 'exact' }, seed, count, (index, slots) =>
        fillTrainingBatch(rows, { seed, epoch, order, begin: (first + index) * batchSize, batchSize }, slots),
      ),
    async onStep(batch, results) {
      const begin = batch * batchSize
      const n = Math.min(batchSize, rows.count - begin)
      const logs = total.add(results, { rows, begin, count: n, ...(order && { order }) })
      await run.batchEnd(batch, n, logs, total)
    },
    onGroup: run.groupEnd,
    shouldStop: run.shouldStop,
    oneByOne: run.stepwise,
  }).then(({ done, ms }) => run.count(done, ms))
  const { failedBatch: batch, signal } = run
  if (before && batch !== undefined) {
    run.explain(await firstFault(learner, rows, before, { batch, batchSize, seed, order, signal }))
  }
  return run.aborted() ? undefined : total.means()
}

async function validate(
  learner: Learner,
  rows: FeedRows,
  run: TrainingRun,
): Promise<Record<string, number> | undefined> {
  const { logs, complete, seconds } = await learner.evaluate(rows, run.signal ? { signal: run.signal } : {})
  if (!complete) return undefined
  const named = validationLogs(logs)
  await run.validated(named, seconds)
  return named
}
