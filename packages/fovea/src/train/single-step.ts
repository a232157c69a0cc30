/** Single steps on all the samples given: one update, or the gradients that one would use. */
import { adaptToData } from '../engine/adapt-to-data.ts'
import { averages } from '../engine/averages.ts'
import { fillTrainingBatch, type TrainingBatch } from '../engine/batches.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import type { NamedWeight } from '../store/model-file.ts'
import type { Learner } from './learner.ts'

/** Loss and metrics of the step. */
export async function trainOnBatch(learner: Learner, rows: FeedRows, seed: number): Promise<Record<string, number>> {
  await adaptToData(learner.model, learner.engine, rows)
  const size = { batch: rows.count, match: 'atLeast' } as const
  const [results] = await learner.train(rows, size, seed, 1, (_, slots) =>
    fillTrainingBatch(rows, nextBatch(learner, rows, seed), slots),
  )
  return { ...averages(learner).add(results!, { rows, begin: 0, count: rows.count }) }
}

/** One per trained weight, in Keras's order; dropout and augmentation as in the next training step. */
export async function gradientsOnBatch(learner: Learner, rows: FeedRows, seed: number): Promise<NamedWeight[]> {
  await adaptToData(learner.model, learner.engine, rows)
  const { gradients } = await learner.differentiate(rows, seed, (_, slots) =>
    fillTrainingBatch(rows, nextBatch(learner, rows, seed), slots),
  )
  return learner.model.weights
    .filter(weight => weight.trainable)
    .map(({ name, shape }) => ({ name, shape, data: new Float32Array(gradients[name]!) }))
}

/** An epoch of one batch. */
const nextBatch = ({ engine }: Learner, { count }: FeedRows, seed: number): TrainingBatch => ({
  seed,
  epoch: engine.step,
  order: undefined,
  begin: 0,
  batchSize: count,
})
