/**
 * Training: epochs of shuffled batches, validation after each, events for listeners and callbacks all along. In: a trainer and
 * rows. Out: the history; the trainer has the trained weights. The same seed gives the same bits, whether or not training was
 * stopped and resumed in between. Everything around the three loops is in training-run.ts.
 */
import { averages, validationLogs } from './averages.ts'
import { fillBatch, shuffledOrder } from './batches.ts'
import type { History } from './callbacks/history.ts'
import { evaluate } from './evaluate.ts'
import type { FitOptions } from './fit-options.ts'
import { isAtHand } from './picture-rows.ts'
import type { Rows } from './rows.ts'
import { runSteps } from './steps.ts'
import type { Trainer } from './trainer.ts'
import { startRun, type TrainingRun } from './training-run.ts'

/** Throws UserError for options that cannot be; an aborted signal is no error, the history says so. */
export async function fit(trainer: Trainer, rows: Rows, options: FitOptions): Promise<History> {
  const run = await startRun(trainer, rows, options)
  while (run.goesOn()) {
    await run.beginEpoch()
    const trained = await trainEpoch(trainer, rows, run)
    if (!trained) break
    const validated = options.validation ? await validate(trainer, options.validation, run) : {}
    if (!validated) break
    await run.endEpoch({ ...trained, ...validated })
  }
  return run.end()
}

/** The epoch's averages; undefined when training was aborted before its end. */
async function trainEpoch(trainer: Trainer, rows: Rows, run: TrainingRun): Promise<Record<string, number> | undefined> {
  const { seed, batchSize, batches, epochBegin } = run
  const order = run.shuffle ? shuffledOrder(seed, epochBegin.step, rows.count) : undefined
  const total = averages(trainer, epochBegin)
  await runSteps(trainer, {
    need: { entry: 'train', batch: batchSize, match: 'exact', rows },
    first: epochBegin.batch,
    steps: batches,
    feed(batch, slots) {
      trainer.feedStep(slots, seed, epochBegin.step + batch)
      return fillBatch(rows, order, batch * batchSize, batchSize, slots)
    },
    async onStep(batch, outputs) {
      const begin = batch * batchSize
      const n = Math.min(batchSize, rows.count - begin)
      const logs = total.add(outputs, { rows, begin, count: n, ...(order && { order }) })
      trainer.step++
      await run.batchEnd(batch, n, logs, total)
    },
    shouldStop: run.shouldStop,
    // What fails to be read then leaves no step that is done and not counted.
    oneByOne: run.stepwise || !isAtHand(rows),
  }).then(({ done, ms }) => run.count(done, ms))
  return run.aborted() ? undefined : total.means()
}

async function validate(trainer: Trainer, rows: Rows, run: TrainingRun): Promise<Record<string, number> | undefined> {
  const { logs, complete, seconds } = await evaluate(trainer, rows, run.signal ? { signal: run.signal } : {})
  if (!complete) return undefined
  const named = validationLogs(logs)
  await run.validated(named, seconds)
  return named
}
