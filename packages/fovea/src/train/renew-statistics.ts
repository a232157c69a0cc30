/**
 * The moving mean and variance of batch normalization, computed anew for weights that no step has led to (an average of weights). In: a
 * learner and its rows. Out: the learner has the means of the statistics of all batches of an epoch, each counted by its rows, as
 * in the code of Izmailov et al. (2018). Dropout and augmentation work as in training; pictures are not mixed, and no step is counted.
 */
import { fillTrainingBatch, shuffledOrder, stepKey } from '../engine/batches.ts'
import { type FeedRows, inputTypesOf } from '../engine/feed-rows.ts'
import { statisticsEntry } from '../engine/statistics-entry.ts'
import { runSteps } from '../engine/steps.ts'
import type { Learner } from './learner.ts'

export async function renewStatistics(
  { model, engine, clock }: Learner,
  rows: FeedRows,
  { batchSize, seed }: { readonly batchSize: number; readonly seed: number },
): Promise<void> {
  const entry = statisticsEntry(model)
  if (!entry) return
  const { step } = engine
  // Samples may lie class by class, and the statistics of one class are those of no batch.
  const order = shuffledOrder(seed, step, rows.count)
  const steps = Math.ceil(rows.count / batchSize)
  const epoch = Math.floor(step / steps)
  const need = { batch: batchSize, match: 'exact', inputTypes: inputTypesOf(model, rows) } as const
  await runSteps(clock, {
    first: 0,
    steps,
    run: (first, count) =>
      engine.run(entry, need, count, (index, slots) => {
        const before = (first + index) * batchSize
        const n = Math.min(batchSize, rows.count - before)
        slots.scalars['movingMomentum']!.fill(before / (before + n))
        slots.randomKey?.set(stepKey(seed, step + first + index))
        return fillTrainingBatch(rows, { seed, epoch, order, begin: before, batchSize }, slots)
      }),
    onStep: () => {},
  })
  await engine.writeStates({}, step)
}
