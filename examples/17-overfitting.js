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
import { chart, percent, target } from './output.js'

const dataset = figures({ train: 100, test: 500 })

/** The same network for all, with the layers of one remedy put in. */
function network(/** @type {string} */ remedy) {
  // Every epoch sees every picture mirrored and moved another way, as if there were many more.
  const augmentation = [randomFlip(), randomTranslation({ heightFactor: 0.15, widthFactor: 0.15 })]
  // Each channel is brought to mean 0 and deviation 1 over the batch.
  const normalized = () => (remedy === 'batch normalization' ? [batchNormalization({ momentum: 0.9 })] : [])
  // During training every second number is set to 0, so that none can rely on another.
  const dropped = () => (remedy === 'dropout' ? [dropout({ rate: 0.5 })] : [])
  const relu = () => activation({ activation: 'relu' })
  return sequential([
    rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
    ...(remedy === 'augmentation' ? augmentation : []),
    conv2d({ filters: 16, kernelSize: 3, padding: 'same' }),
    ...normalized(),
    relu(),
    maxPooling2d(),
    conv2d({ filters: 32, kernelSize: 3 }),
    ...normalized(),
    relu(),
    maxPooling2d(),
    flatten(),
    ...dropped(),
    dense({ units: 64, activation: 'relu' }),
    ...dropped(),
    dense({ units: 4, activation: 'softmax' }),
  ])
}

/** @type {Record<string, {validation: number[], accuracy: number}>} */
const results = {}
for (const name of ['nothing', 'dropout', 'batch normalization', 'augmentation']) {
  const model = network(name)
  model.compile({
    optimizer: adam({ learningRate: 0.005 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  })
  const { history } = await model.fit(dataset, { epochs: 60, validation: 'test', verbose: 0 })
  const [training, validation] = [history['loss'], history['val_loss']]
  results[name] = { validation, accuracy: history['val_accuracy'][59] }
  console.log(
    `${name.padEnd(20)}loss ${training[59].toFixed(2)} in training, ${validation[59].toFixed(2)} on new pictures; ` +
      `${percent(results[name].accuracy)} of them right`,
  )
  await model.dispose()
}

const { nothing, ...remedies } = results
const lowest = Math.min(...nothing.validation)
console.log(
  `without a remedy the loss on new pictures was lowest, ${lowest.toFixed(2)}, after epoch ${nothing.validation.indexOf(lowest) + 1}\n`,
)
chart(
  'validation loss',
  Object.fromEntries(Object.entries(results).map(([name, { validation }]) => [name, validation])),
)
target(
  'without a remedy the validation loss ends 0.2 above its lowest value, and every remedy gets more new pictures right',
  nothing.validation[59] > lowest + 0.2 && Object.values(remedies).every(({ accuracy }) => accuracy > nothing.accuracy),
)
