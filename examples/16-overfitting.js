/**
 * Overfitting, and three remedies. With 100 pictures a network learns every one of them by heart: its loss on them goes to 0, and on
 * pictures it has not seen the loss rises again. Dropout, batch normalization and augmentation, each with and without.
 */
import {
  activation,
  adam,
  batchNormalization,
  conv2d,
  dense,
  dropout,
  flatten,
  maxPooling2d,
  randomFlip,
  randomTranslation,
  rescaling,
  sequential,
} from 'fovea'
import { figures } from './figures.js'
import { curve, percent, target } from './output.js'

const dataset = figures({ train: 100, test: 500 })

const relu = () => activation({ activation: 'relu' })
/** The network with layers put in at the three places that remedies use. */
function network({ augmentation = noLayers, normalization = noLayers, dropping = noLayers }) {
  return sequential([
    rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
    ...augmentation(),
    conv2d({ filters: 16, kernelSize: 3, padding: 'same' }),
    ...normalization(),
    relu(),
    maxPooling2d(),
    conv2d({ filters: 32, kernelSize: 3 }),
    ...normalization(),
    relu(),
    maxPooling2d(),
    flatten(),
    ...dropping(),
    dense({ units: 64, activation: 'relu' }),
    ...dropping(),
    dense({ units: 4, activation: 'softmax' }),
  ])
}
/** @returns {import('fovea').Layer[]} */
function noLayers() {
  return []
}

const remedies = {
  nothing: {},
  // During training every second number is set to 0, so that none can rely on another.
  dropout: { dropping: () => [dropout({ rate: 0.5 })] },
  // Each channel is brought to mean 0 and deviation 1 over the batch: training goes faster.
  'batch normalization': { normalization: () => [batchNormalization({ momentum: 0.9 })] },
  // Every epoch sees every picture mirrored and moved another way: as if there were many more.
  augmentation: {
    augmentation: () => [randomFlip(), randomTranslation({ heightFactor: 0.15, widthFactor: 0.15 })],
  },
}

/** @type {Record<string, {training: number[], validation: number[], accuracy: number}>} */
const results = {}
for (const [name, layers] of Object.entries(remedies)) {
  const model = network(layers)
  model.compile({
    optimizer: adam({ learningRate: 0.005 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  })
  const { history } = await model.fit(dataset, { epochs: 60, validation: 'test', verbose: 0 })
  const [training, validation] = [history['loss'], history['val_loss']]
  results[name] = { training, validation, accuracy: history['val_accuracy'][59] }
  console.log(`${name}: ${percent(results[name].accuracy)} of new pictures right`)
  console.log(`  training loss   ${curve(training, 0, 1.5)} ${training[59].toFixed(2)}`)
  console.log(`  validation loss ${curve(validation, 0, 1.5)} ${validation[59].toFixed(2)}`)
  await model.dispose()
}

const { nothing } = results
const lowest = Math.min(...nothing.validation)
console.log(
  `\nwithout a remedy the validation loss was lowest, ${lowest.toFixed(2)}, in epoch ${nothing.validation.indexOf(lowest) + 1}`,
)
target(
  'without a remedy the validation loss ends 0.2 above its lowest value, and every remedy gets more new pictures right',
  nothing.validation[59] > lowest + 0.2 &&
    ['dropout', 'batch normalization', 'augmentation'].every(name => results[name].accuracy > nothing.accuracy),
)
