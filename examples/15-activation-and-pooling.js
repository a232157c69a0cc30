/**
 * tanh against relu, the largest against the mean: the choices of 1998 (LeNet) and of today, four ways to build the same network. Which
 * one is best depends on the pictures, so it is measured.
 */
import { adam, averagePooling2d, conv2d, dense, flatten, maxPooling2d, rescaling, sequential } from 'fovea'
import { figures } from './figures.js'
import { chart, percent, target } from './output.js'

const dataset = figures()

/** @type {Record<string, number>} */
const accuracies = {}
/** @type {Record<string, number[]>} */
const curves = {}
for (const activation of /** @type {const} */ (['tanh', 'relu']))
  for (const [poolingName, pooling] of Object.entries({ max: maxPooling2d, average: averagePooling2d })) {
    const model = sequential([
      rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
      conv2d({ filters: 8, kernelSize: 3, activation }),
      pooling(),
      conv2d({ filters: 16, kernelSize: 3, activation }),
      pooling(),
      flatten(),
      dense({ units: 32, activation }),
      dense({ units: 4, activation: 'softmax' }),
    ])
    model.compile({
      optimizer: adam({ learningRate: 0.003 }),
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy'],
    })
    const { history } = await model.fit(dataset, { epochs: 15, validation: 'test', verbose: 0 })
    const name = `${activation}, ${poolingName}`
    accuracies[name] = history['val_accuracy'][14]
    curves[name] = history['val_accuracy']
    console.log(`${name.padEnd(14)} ${percent(accuracies[name])}`)
    await model.dispose()
  }

chart('validation accuracy', curves, { write: percent })

// Either of the old choices alone does no harm here; together they learn slowly.
const { 'tanh, average': lenet, ...others } = accuracies
target(
  "LeNet's pair, tanh and average, is at least 20 points behind the three others after 15 epochs",
  Object.values(others).every(accuracy => accuracy > lenet + 0.2),
)
