/**
 * Why inputs are scaled. A weight's gradient grows with the input it multiplies: with bytes up to 255 the first step of training is
 * huge and throws the weights far off; relu units that then give 0 for every picture never learn again ("dead" units). Inputs around
 * 0 and of size 1 suit the usual first weights and learning rates.
 */
import { dense, flatten, normalization, rescaling, sequential, sgd } from 'fovea'
import { figures } from './figures.js'
import { chart, percent, target } from './output.js'

const dataset = figures()
const { images } = dataset.train

// The z-score: less the mean, divided by the standard deviation of all training pixels (never of the test's: they are unknown yet).
const mean = images.reduce((sum, byte) => sum + byte, 0) / images.length
const variance = images.reduce((sum, byte) => sum + (byte - mean) ** 2, 0) / images.length
console.log(`pixels: mean ${mean.toFixed(1)}, standard deviation ${Math.sqrt(variance).toFixed(1)}\n`)

const inputShape = dataset.shape
const scalings = {
  'bytes, 0 to 255': rescaling({ scale: 1, inputShape }),
  'divided by 255': rescaling({ scale: 1 / 255, inputShape }),
  'z-score': normalization({ mean, variance, inputShape }),
}

/** @type {Record<string, number[]>} */
const accuracies = {}
for (const [name, scaling] of Object.entries(scalings)) {
  // The same network, the same first weights, the same learning rate.
  const model = sequential([
    scaling,
    flatten(),
    dense({ units: 64, activation: 'relu' }),
    dense({ units: 4, activation: 'softmax' }),
  ])
  model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  const { history } = await model.fit(dataset, { epochs: 15, validation: 'test', verbose: 0 })
  accuracies[name] = history['val_accuracy']
  console.log(`${name.padEnd(16)} ${percent(accuracies[name][14])}`)
  await model.dispose()
}

chart('validation accuracy', accuracies, { write: percent })
const [bytes, shares, scores] = Object.values(accuracies).map(values => values[14])
target(
  'chance (25 %) with bytes, at least 20 points more divided by 255, at least 10 more with z-scores',
  bytes < 0.3 && shares > bytes + 0.2 && scores > shares + 0.1,
)
