/**
 * The gradient says for every weight how the loss changes when the weight does. It is the slope, so it can be measured: move one weight a
 * little up and down and look at the loss. And it is all that is needed to learn: step against it, again and again.
 */
import { dense, flatten, rescaling, sequential } from 'fovea'
import { figures } from './figures.js'
import { chart, percent, target } from './output.js'

const dataset = figures({ train: 200, spread: 0 })
const { images, labels, count } = dataset.train
const x = { shape: [count, ...dataset.shape], data: images }
const model = sequential([
  rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
  flatten(),
  dense({ units: 16, activation: 'tanh' }),
  dense({ units: 4, activation: 'softmax' }),
])
model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })

const weights = await model.getWeights()
const lossNow = async () => (await model.evaluate(x, labels)).loss

// Some weights of the last kernel: the slope that the gradient tells, and the one that is measured.
const gradients = await model.gradients(x, labels)
const kernel = weights[2]
/** @type {number[]} */
const deviations = []
console.log(`${kernel.name}: gradient, measured slope`)
for (const index of [0, 9, 26, 63]) {
  const [old, step] = [kernel.data[index], 0.01]
  const around = []
  for (const value of [old + step, old - step]) {
    kernel.data[index] = value
    await model.setWeights(weights)
    around.push(await lossNow())
  }
  kernel.data[index] = old
  const slope = (around[0] - around[1]) / (2 * step)
  const gradient = gradients[2].data[index]
  deviations.push(Math.abs(slope - gradient))
  console.log(
    `  weight ${String(index).padStart(2)}: ${gradient.toFixed(5).padStart(8)}, ${slope.toFixed(5).padStart(8)}`,
  )
}

// Gradient descent in five lines: every weight steps against its slope.
/** @type {number[]} */
const losses = []
for (let step = 0; step < 60; step++) {
  await model.setWeights(weights)
  losses.push(await lossNow())
  for (const [index, { data }] of (await model.gradients(x, labels)).entries())
    data.forEach((slope, at) => {
      weights[index].data[at] -= 0.3 * slope
    })
}
const { accuracy } = await model.evaluate(dataset)
console.log(`loss ${losses[0].toFixed(3)} to ${losses[59].toFixed(3)}, test accuracy ${percent(accuracy)}`)
chart('loss, stepping against the gradient', { loss: losses }, { across: 'step' })

await model.dispose()
target(
  'the gradient is the measured slope (to 0.0002), and stepping against it brings the loss below half',
  Math.max(...deviations) < 2e-4 && losses[59] < losses[0] / 2,
)
