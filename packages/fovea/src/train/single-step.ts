/** Single steps on all the samples given: one update, or the gradients that one would use. */
import type { NamedWeight } from '../store/model-file.ts'
import { averages } from './averages.ts'
import { fillBatch } from './batches.ts'
import type { Rows } from './rows.ts'
import type { Trainer } from './trainer.ts'

/** Loss and metrics of the step. */
export async function trainOnBatch(trainer: Trainer, rows: Rows, seed: number): Promise<Record<string, number>> {
  const [outputs] = await trainer.run({ entry: 'train', batch: rows.count, match: 'atLeast', rows }, 1, (_, slots) => {
    // Counted here: of two calls at once, the second is the next step.
    trainer.feedStep(slots, seed, trainer.step++)
    return fillBatch(rows, undefined, 0, rows.count, slots)
  })
  return { ...averages(trainer).add(outputs!, { rows, begin: 0, count: rows.count }) }
}

/** One per trained weight, in Keras's order; dropout and augmentation as in the next training step. */
export async function gradients(trainer: Trainer, rows: Rows, seed: number): Promise<NamedWeight[]> {
  const need = { entry: 'gradients', batch: rows.count, match: 'atLeast', rows } as const
  const [outputs] = await trainer.run(need, 1, (_, slots) => {
    trainer.feedStep(slots, seed, trainer.step)
    return fillBatch(rows, undefined, 0, rows.count, slots)
  })
  return trainer.model.weights
    .filter(weight => weight.trainable)
    .map(({ name, shape }) => ({ name, shape, data: new Float32Array(outputs![`gradient:${name}`]!) }))
}
