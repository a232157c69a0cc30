/**
 * Predictions to be timed, as `predict` gives them: of one picture, and of 256 (large ones: 32) at once. Each is compared with the reference
 * device first, and so are the predictions of peers that run the same weights.
 */
import { UserError } from '../packages/fovea/src/base/errors.ts'
import { sourceRange } from '../packages/fovea/src/data/parts-of-source.ts'
import type { FeedRows } from '../packages/fovea/src/engine/feed-rows.ts'
import { pictureRows } from '../packages/fovea/src/engine/picture-rows.ts'
import { predictEntry } from '../packages/fovea/src/engine/predict-entry.ts'
import { type RunningPredictor, startPredictor } from '../packages/fovea/src/engine/predictor.ts'
import { initialWeights } from '../packages/fovea/src/network/weights.ts'
import { planProgram } from '../packages/fovea/src/plan/plan.ts'
import { wasm128 } from '../packages/fovea/src/plan/target.ts'
import type { Device } from '../packages/fovea/src/runtime/device.ts'
import { referenceDevice } from '../packages/fovea/src/runtime/reference.ts'
import { control } from '../packages/fovea/src/targets/wasm/barrier.ts'
import { deviceOf, host, type Own, ownContestant, type Work } from './measure.ts'
import { type Multiplications, planMultiplications } from './multiplications.ts'
import type { BenchOptions } from './options.ts'
import type { BenchRecipe } from './recipes.ts'
import { type Workload, workloadOf } from './training.ts'

export const predictionBatches = (recipe: BenchRecipe): number[] => [1, recipe === 'mobilenet-v2' ? 32 : 256]
/** Of the largest probability. */
const ERROR = 1e-4

export function predictionWork(name: string, batch: number, options: BenchOptions): Work {
  const workload = workloadOf(name)
  const device = deviceOf(options)
  const rows = firstRows(workload, batch)
  let truth: Float32Array | undefined
  return {
    task: 'predict',
    recipe: name,
    batch,
    async start() {
      const own: Own[] = []
      truth = await predictions(workload)
      for (const threads of options.threads) {
        const predictor = predictorOn(workload, device, threads)
        const first = (await predictor.predict(rows, { batchSize: batch })).predictions[
          workload.model.outputs[0]!.name
        ]!
        check(`${device.name} with ${threads} threads`, first)
        const work = async (steps: number): Promise<void> => {
          for (let step = 0; step < steps; step++) await predictor.predict(rows, { batchSize: batch })
        }
        own.push(ownContestant(options, predictor.engine, threads, work))
      }
      return { own, cost: await predictionCost(workload, batch) }
    },
    checkPeer: check,
  }

  function check(who: string, prediction: ArrayLike<number>): void {
    const most = ERROR * Math.max(...truth!)
    const wrong = truth!.findIndex((value, index) => !(Math.abs(value - prediction[index]!) <= most))
    if (wrong < 0) return
    throw new UserError({
      what: `Prediction of ${name} by ${who} is wrong; nothing was timed`,
      expected: `${truth![wrong]} for class ${wrong}, as the reference device gives`,
      received: String(prediction[wrong]),
    })
  }
}

function predictorOn({ model, recipe }: Workload, device: Device, threads: number): RunningPredictor {
  return startPredictor({ model, device, clock: host, threads, weights: initialWeights(model, recipe.seed) })
}

function firstRows({ model, pictures }: Workload, count: number): FeedRows {
  return pictureRows(model, sourceRange(pictures, 0, count))
}

/** Of the first picture, by the reference device. */
async function predictions(workload: Workload): Promise<Float32Array> {
  const predictor = predictorOn(workload, referenceDevice(), 1)
  const { predictions } = await predictor.predict(firstRows(workload, 1))
  await predictor.dispose()
  return predictions[workload.model.outputs[0]!.name]!
}

async function predictionCost({ model }: Workload, batch: number): Promise<Multiplications> {
  const predict = predictEntry(model).make(batch, ['u8']).graph
  const { entries } = await planProgram({ predict }, { target: wasm128, slots: 1, start: control.end })
  return planMultiplications(entries.find(({ name }) => name === 'predict')!)
}
