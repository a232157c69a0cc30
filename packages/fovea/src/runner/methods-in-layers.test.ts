/** A recipe with what training methods put into its network: whitening, alternating flip, padded crop, dirac. Interrupted and resumed. */
import { expect, test } from 'vitest'
import { randomFlip } from '../layers/augmentation.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { rescaling } from '../layers/rescaling.ts'
import { randomCrop } from '../layers/resizing.ts'
import { flatten } from '../layers/shaping.ts'
import { modelToConfig } from '../network/config.ts'
import { sequential } from '../network/sequential.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { memoryFiles } from '../store/memory-files.ts'
import type { TrainEvent } from '../train/events.ts'
import { steppedClock } from '../train/tiny.testing.ts'
import { tinyDataset, tinyRecipe } from '../train/tiny-recipe.testing.ts'
import type { RunRecipeOptions } from './recipe-job.ts'
import { runRecipe } from './run-recipe.ts'

const network = sequential([
  rescaling({ scale: 1 / 255, inputShape: [2, 2, 1] }),
  randomFlip({ mode: 'horizontal', alternating: true }),
  randomCrop({ height: 2, width: 2, padding: 1 }),
  conv2d({ filters: 8, kernelSize: 2, kernelInitializer: 'patchWhitening', trainable: false, padding: 'same' }),
  conv2d({ filters: 10, kernelSize: 1, kernelInitializer: { type: 'Dirac', others: 'heUniform' }, activation: 'relu' }),
  flatten(),
  dense({ units: 2, activation: 'softmax' }),
])
const recipe = tinyRecipe({ model: JSON.parse(JSON.stringify(modelToConfig(network))), epochs: 3 })

test('ends with the same bits whether or not it was interrupted', async () => {
  const files = memoryFiles()
  const run = (options: Partial<RunRecipeOptions>) => {
    const base = { device: referenceDevice({ round: Math.fround }), clock: steppedClock(100), files }
    return runRecipe(recipe, tinyDataset(), { ...base, ...options })
  }
  const whole = await run({ out: 'whole' })
  const kernel = whole.model.weights.find(({ name }) => name === 'conv2d/kernel')!
  expect(kernel.data.every(value => value !== 0)).toBe(true)
  const controller = new AbortController()
  const stop = (event: TrainEvent) => void (event.type === 'batch-end' && event.step === 6 && controller.abort())
  const { endReason } = await run({ out: 'cut', signal: controller.signal, onEvent: stop })
  expect(endReason).toBe('aborted')
  const resumed = await run({ resume: 'cut' })
  expect(resumed.report.weightsSha256).toBe(whole.report.weightsSha256)
})
