/**
 * What `fit` does, written out: an epoch goes through all pictures, a batch at a time; each step computes the loss of its batch and how it
 * depends on every weight, and moves the weights a little. Whoever wants it another way writes a loop like this one.
 */
import { conv2d, dense, flatten, maxPooling2d, rescaling, sequential } from 'fovea'
import { figures, side } from './figures.js'
import { chart, percent, target } from './output.js'

const dataset = figures({ train: 1000 })
const { images, labels, count } = dataset.train

/** The same layers begin with the same weights: the seed of a model is 0 unless another is given. */
function compiledModel() {
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
    conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
    maxPooling2d(),
    conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    maxPooling2d(),
    flatten(),
    dense({ units: 4, activation: 'softmax' }),
  ])
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  return model
}

const [epochs, batchSize, bytes] = [15, 32, side * side]
const own = compiledModel()
/** @type {number[]} */
const losses = []
for (let epoch = 1; epoch <= epochs; epoch++) {
  let sum = 0
  for (let first = 0; first < count; first += batchSize) {
    const end = Math.min(first + batchSize, count)
    const x = { shape: [end - first, ...dataset.shape], data: images.subarray(first * bytes, end * bytes) }
    const { loss } = await own.trainOnBatch(x, labels.subarray(first, end))
    sum += loss * (end - first)
  }
  losses.push(sum / count)
}
const { accuracy } = await own.evaluate(dataset)
console.log(`own loop: training loss ${losses[epochs - 1].toFixed(4)}, test accuracy ${percent(accuracy)}`)

// `fit` in the pictures' own order (by default it takes another order every epoch) does exactly the same.
const fitted = compiledModel()
const { history } = await fitted.fit(dataset, { epochs, batchSize, shuffle: false, verbose: 0 })
console.log(`fit:      training loss ${history['loss'][epochs - 1].toFixed(4)}`)
chart('training loss: one curve lies on the other', { 'own loop': losses, fit: history['loss'] })

const weights = await own.getWeights()
const others = await fitted.getWeights()
const same = weights.every(({ data }, index) => data.every((value, at) => value === others[index].data[at]))
await own.dispose()
await fitted.dispose()
target(
  'the loop leaves the very same weights as fit, to the last bit, and is right on over 70 %',
  same && accuracy > 0.7,
)
