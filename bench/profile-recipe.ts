/** The profile of a recipe's training step: every kernel timed within the step. */

import { fillTrainingBatch, stepKey } from '../packages/fovea/src/engine/batches.ts'
import { labelledPictures } from '../packages/fovea/src/engine/picture-rows.ts'
import { initialOptimizerState, trainEntry } from '../packages/fovea/src/engine/train-entry.ts'
import { initialWeights } from '../packages/fovea/src/network/weights.ts'
import { learningRateAt } from '../packages/fovea/src/optimizer/optimizer.ts'
import type { Feed } from '../packages/fovea/src/runtime/device.ts'
import { type Profile, profileProgram } from '../packages/fovea/src/runtime/profile.ts'
import { createLearner } from '../packages/fovea/src/train/learner.ts'
import { deviceOf, host } from './measure.ts'
import type { Workload } from './training.ts'

/** Steps that take about this long. */
const RUN = 120

export async function profileRecipe(workload: Workload, threads: number): Promise<Profile> {
  const { model, setup, recipe, pictures } = workload
  const { batchSize, seed } = recipe
  const entry = trainEntry(model, setup).make(batchSize, ['u8'])
  const states = { ...initialWeights(model, seed), ...initialOptimizerState(model, setup.optimizer) }
  const { targets } = createLearner({ model, setup, device: deviceOf({ device: 'wasm' }), clock: host, weights: {} })
  const rows = labelledPictures(model, targets, pictures)
  const batches = Math.floor(rows.count / batchSize)
  const feed: Feed = (step, raw) => {
    const slots = entry.slots(raw)
    const rate = learningRateAt(setup.optimizer, step + 1)
    const values = setup.optimizer.scalars(step + 1, rate)
    for (const [name, slot] of Object.entries(slots.scalars)) slot.fill(values[name]!)
    slots.randomKey?.set(stepKey(seed, step))
    const [epoch, batch] = [Math.floor(step / batches), step % batches]
    return fillTrainingBatch(rows, { seed, epoch, order: undefined, begin: batch * batchSize, batchSize }, slots)
  }
  const entries = { train: entry.graph }
  const request = { entries, entry: 'train', states, feed, options: { threads } }
  const trial = await profileProgram(host, { ...request, steps: 1, runs: 2 })
  return profileProgram(host, { ...request, steps: Math.max(1, Math.round(RUN / trial.msPerStep)) })
}
