import { describe, expect, it } from 'vitest'
import { dense } from '../layers/dense.ts'
import type { Layer } from '../layers/layer.ts'
import { dropout } from '../layers/noise.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { modelToConfig } from '../network/config.ts'
import { sequential } from '../network/sequential.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { runRecipe } from '../runner/run-recipe.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { decodeCheckpoint } from '../store/checkpoint.ts'
import { memoryFiles } from '../store/memory-files.ts'
import { steppedClock } from './tiny.testing.ts'
import { tinyDataset, tinyRecipe } from './tiny-recipe.testing.ts'

const modelOf = (...layers: Layer[]): RecipeConfig['model'] =>
  JSON.parse(JSON.stringify(modelToConfig(sequential(layers))))

function run(changes: Partial<RecipeConfig>, files = memoryFiles()) {
  const options = { device: referenceDevice({ round: Math.fround }), clock: steppedClock(100), files, out: 'a' }
  return runRecipe(tinyRecipe({ test: 'last', ...changes }), tinyDataset(), options)
}

describe('a training that broke down says where', () => {
  it('the layer that is the first to give numbers that are not finite', async () => {
    const model = modelOf(
      rescaling({ scale: 1e30, inputShape: [2, 2, 1], name: 'large' }),
      rescaling({ scale: 1e30, name: 'larger' }),
      flatten(),
      dropout({ rate: 0.2 }),
      dense({ units: 2, activation: 'softmax' }),
    )
    await expect(run({ model })).rejects.toThrow(
      /the loss of batch 1 is NaN \(epoch 1, step 1, learning rate 0\.5, layer 'larger' is the first to give numbers that are not finite\)/,
    )
  })

  it('the loss itself', async () => {
    const steep = { optimizer: { type: 'SGD', config: { learningRate: 3e38 } } }
    await expect(run(steep)).rejects.toThrow(
      /all layers give finite numbers, so it is the loss itself; the largest weight is [\d.]+e\+3\d/,
    )
  })

  it('the weights that a step before has broken, with its rate; the checkpoint before it is kept', async () => {
    const files = memoryFiles()
    const model = modelOf(flatten({ inputShape: [2, 2, 1] }), dense({ units: 2, activation: 'softmax' }))
    // Training goes well until the rate of the second epoch.
    const optimizer = { type: 'SGD', config: { learningRate: 1e-3 } }
    const broken = run({ model, optimizer, learningRateByEpoch: [{ afterEpoch: 0, learningRate: 3e38 }] }, files)
    await expect(broken).rejects.toThrow(
      /epoch 2, step 7, learning rate 3e\+38, the step before gave dense\/kernel numbers that are not finite/,
    )
    expect(decodeCheckpoint(await files.read('a/last.ckpt')).progress).toMatchObject({ epoch: 1, batch: 0 })
  })
})
