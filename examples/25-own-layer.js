/**
 * A layer of one's own is a formula of operations that Fovea knows: it compiles them with the rest of the network and derives the gradient.
 * Here an activation with a number to learn for each channel, y = x · σ(β x) ("Swish"), and a layer without any weights.
 */
import { conv2d, customLayer, dense, flatten, maxPooling2d, rescaling, sequential } from 'fovea'
import { figures } from './figures.js'
import { bars, percent, target } from './output.js'

const dataset = figures()

/** y = x · σ(β x), one β for each channel, from 1 on. */
const swish = () =>
  customLayer('Swish', (graph, x, { beta }) => graph.mul(x, graph.unary('sigmoid', graph.mul(x, beta))), {
    weights: inputShape => [{ name: 'beta', shape: [inputShape[inputShape.length - 1]], initializer: 'ones' }],
  })

/** Every picture brought to mean 0: what is left does not depend on how bright the photograph is. */
const withoutBrightness = () =>
  customLayer('WithoutBrightness', (graph, x) => {
    // The mean over height, width and channels (the batch is axis 0), one number for each picture.
    const mean = graph.reshape(graph.mean(x, [1, 2, 3]), [x.shape[0], 1, 1, 1])
    return graph.sub(x, mean)
  })

const model = sequential([
  rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
  withoutBrightness(),
  conv2d({ filters: 16, kernelSize: 3 }),
  swish(),
  maxPooling2d(),
  conv2d({ filters: 32, kernelSize: 3 }),
  swish(),
  maxPooling2d(),
  flatten(),
  dense({ units: dataset.classNames.length, activation: 'softmax' }),
])
console.log(model.summary())
model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
await model.fit(dataset, { epochs: 12, verbose: 0 })
const { accuracy } = await model.evaluate(dataset)
console.log(`test accuracy ${percent(accuracy)}`)

const beta = (await model.getWeights()).find(({ name }) => name === 'swish/beta')
const learned = [...(beta?.data ?? [])]
const named = Object.fromEntries(learned.map((value, channel) => [`channel ${channel}`, value]))
bars('β of the first Swish, from 1 on', named, value => value.toFixed(2))

// Brighter by 40: a picture less its mean is the same picture.
const brighter = dataset.test.images.map(byte => Math.min(255, byte + 40))
const whenBright = await model.evaluate({ images: brighter, labels: dataset.test.labels })
console.log(`test accuracy on brighter pictures ${percent(whenBright.accuracy)}`)
await model.dispose()
target(
  'over 85 %, β has moved from 1, and brightness costs less than 5 points',
  accuracy > 0.85 && learned.some(value => Math.abs(value - 1) > 0.05) && whenBright.accuracy > accuracy - 0.05,
)
