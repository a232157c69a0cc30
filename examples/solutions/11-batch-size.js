/**
 * Exercise 11. Train the same network for five epochs with batches of 8, 32 and 256 pictures. How many steps is each, and how far does it
 * come? Then give all of them the same number of steps.
 */
import { conv2d, dense, globalMaxPooling2d, rescaling, sequential } from 'fovea'
import { figures } from '../figures.js'
import { bars, target } from '../output.js'

const dataset = figures({ train: 1024 })

async function accuracyAfter(/** @type {number} */ epochs, /** @type {number} */ batchSize) {
  const model = sequential([
    rescaling({ scale: 1 / 127.5, offset: -1, inputShape: dataset.shape }),
    conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }),
    globalMaxPooling2d(),
    dense({ units: 4, activation: 'softmax' }),
  ])
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  await model.fit(dataset, { epochs, batchSize, verbose: 0 })
  const { accuracy } = await model.evaluate(dataset)
  await model.dispose()
  return accuracy
}

/** @type {Record<string, number>} */
const sameEpochs = {}
/** @type {Record<string, number>} */
const sameSteps = {}
for (const batchSize of [8, 32, 256]) {
  const steps = 1024 / batchSize
  sameEpochs[`batch ${batchSize}, ${5 * steps} steps`] = await accuracyAfter(5, batchSize)
  sameSteps[`batch ${batchSize}, ${640 / steps} epochs`] = await accuracyAfter(640 / steps, batchSize)
}

// It is steps that a network learns by. A larger batch makes each of them surer, which pays only when there are enough of them.
bars('test accuracy after 5 epochs', sameEpochs)
bars('test accuracy after 640 steps', sameSteps)
const [few, many] = [sameEpochs, sameSteps].map(accuracies => Object.values(accuracies))
target(
  'after equal epochs the smallest batch is ahead, after equal steps the largest is not behind',
  few[0] > few[2] + 0.05 && many[2] >= many[0] - 0.02,
)
