/** The profile of a recipe's training step: every kernel timed within the step. */
import { initialWeights } from '../packages/fovea/src/network/weights.ts'
import { buildEntries, initialOptimizerState } from '../packages/fovea/src/optimizer/step.ts'
import type { Feed } from '../packages/fovea/src/runtime/device.ts'
import { type Profile, profileProgram } from '../packages/fovea/src/runtime/profile.ts'
import { fillBatch } from '../packages/fovea/src/train/batches.ts'
import { trainingRows } from '../packages/fovea/src/train/rows.ts'
import { createTrainer } from '../packages/fovea/src/train/trainer.ts'
import { deviceOf, host } from './measure.ts'
import type { Workload } from './training.ts'

/** Steps that take about this long. */
const RUN = 120

export async function profileRecipe(workload: Workload, threads: number): Promise<Profile> {
  const { model, setup, recipe, pictures } = workload
  const { batchSize, seed } = recipe
  const entries = { train: buildEntries(model, { batch: batchSize, inputTypes: ['u8'], ...setup }).train }
  const states = { ...initialWeights(model, seed), ...initialOptimizerState(model, setup.optimizer) }
  const trainer = createTrainer({
    model,
    setup,
    device: deviceOf({ device: 'wasm' }),
    clock: host,
    threads,
    weights: {},
  })
  const rows = trainingRows(model, trainer.targets, pictures, pictures.labels)
  const batches = Math.floor(rows.count / batchSize)
  const feed: Feed = (step, slots) => {
    trainer.feedStep(slots, seed, step)
    return fillBatch(rows, undefined, (step % batches) * batchSize, batchSize, slots)
  }
  const request = { entries, entry: 'train', states, feed, options: { threads } }
  const trial = await profileProgram(host, { ...request, steps: 1, runs: 2 })
  return profileProgram(host, { ...request, steps: Math.max(1, Math.round(RUN / trial.msPerStep)) })
}
