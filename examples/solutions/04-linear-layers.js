/**
 * Exercise 4. Leave the activations out: show that two dense layers without one compute what a single dense layer can compute. Find that
 * layer's weights.
 */
import { dense, sequential } from 'fovea'
import { show, target } from '../output.js'

const two = sequential([dense({ units: 5, inputShape: [4] }), dense({ units: 3 })], { seed: 1 })
const [first, , second] = await two.getWeights()

// Of y = (x · A) · B the weights are the product A · B; the biases are 0 in the beginning.
const product = Float32Array.from({ length: 4 * 3 }, (_, at) => {
  const [row, column] = [Math.floor(at / 3), at % 3]
  return [0, 1, 2, 3, 4].reduce((sum, k) => sum + first.data[row * 5 + k] * second.data[k * 3 + column], 0)
})
const one = sequential([dense({ units: 3, inputShape: [4] })])
const [kernel, bias] = await one.getWeights()
await one.setWeights([{ ...kernel, data: product }, bias])

const samples = [
  [1, 2, 3, 4],
  [-1, 0.5, 0, 2],
]
const answers = await Promise.all([two, one].map(async model => [...(await model.predict(samples)).data]))
for (const [index, name] of ['two layers', 'one layer'].entries())
  console.log(`${name}: ${answers[index].map(value => value.toFixed(4)).join(' ')}`)

console.log('the weights of the two layers, and of the one:')
const picture = (/** @type {Float32Array} */ data, /** @type {number} */ width) =>
  /** @type {const} */ ({
    width,
    height: data.length / width,
    channels: 1,
    data: Uint8Array.from(data, each => 128 + 60 * each),
  })
show(picture(first.data, 5), picture(second.data, 3), picture(product, 3))

for (const model of [two, one]) await model.dispose()
// The activation between them is what makes a second layer worth having.
target(
  'both give the same numbers, to 0.00001',
  answers[0].every((value, at) => Math.abs(value - answers[1][at]) < 1e-5),
)
