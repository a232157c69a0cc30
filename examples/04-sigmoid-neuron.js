/**
 * The neuron of today: instead of a hard yes or no it gives a share between 0 and 1, the sigmoid σ(z) = 1 / (1 + e^-z) of its sum z.
 * A small change of a weight then changes the output a little, so one can ask which way is better: that is how networks learn.
 */
import { adam, dense, sequential } from 'fovea'
import { chart, curve, target } from './output.js'

const sigmoid = (/** @type {number} */ z) => 1 / (1 + Math.exp(-z))
const line = Array.from({ length: 41 }, (_, index) => (index - 20) / 3)
console.log(`σ from ${line[0].toFixed(1)} to ${line.at(-1)?.toFixed(1)}: ${curve(line.map(sigmoid))}`)
console.log(`σ(-4) = ${sigmoid(-4).toFixed(3)}, σ(0) = ${sigmoid(0)}, σ(4) = ${sigmoid(4).toFixed(3)}\n`)

const inputs = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]
const or = [[0], [1], [1], [1]]
const xor = [[0], [1], [1], [0]]

/** @type {Record<string, number[]>} */
const losses = {}

/**
 * Trains a model on the four cases and gives its four outputs.
 * @param {string} name @param {import('fovea').Classifier} model @param {number[][]} wanted
 */
async function outputsOf(name, model, wanted) {
  model.compile({ optimizer: adam({ learningRate: 0.1 }), loss: 'binaryCrossentropy' })
  const { history } = await model.fit(inputs, wanted, { epochs: 300, verbose: 0 })
  losses[name] = history['loss']
  return [...(await model.predict(inputs)).data]
}
const say = (/** @type {number[]} */ outputs) => outputs.map(output => output.toFixed(2)).join(' ')
const right = (/** @type {number[]} */ outputs, /** @type {number[][]} */ wanted) =>
  outputs.every((output, index) => Math.round(output) === wanted[index][0])

// One neuron: a dense layer with one unit.
const neuron = sequential([dense({ units: 1, activation: 'sigmoid', inputShape: [2] })])
const orOutputs = await outputsOf('one neuron, OR', neuron, or)
const [weights, bias] = await neuron.getWeights()
console.log(`one neuron, OR:     ${say(orOutputs)}  weights ${say([...weights.data])}, bias ${say([...bias.data])}`)

// It checks out by hand: for the input (0, 1) the sum is the second weight plus the bias.
const byHand = sigmoid(weights.data[1] + bias.data[0])
console.log(`σ(second weight + bias) = ${byHand.toFixed(2)}`)

const alone = sequential([dense({ units: 1, activation: 'sigmoid', inputShape: [2] })])
const aloneOutputs = await outputsOf('one neuron, XOR', alone, xor)
console.log(`one neuron, XOR:    ${say(aloneOutputs)}`)

// Four neurons before it make four lines to choose from: the network that a perceptron could not be.
const layers = [dense({ units: 4, activation: 'tanh', inputShape: [2] }), dense({ units: 1, activation: 'sigmoid' })]
const network = sequential(layers)
const xorOutputs = await outputsOf('two layers, XOR', network, xor)
console.log(`two layers, XOR:    ${say(xorOutputs)}`)

chart('loss', losses)
for (const model of [neuron, alone, network]) await model.dispose()
target(
  'one neuron learns OR but not XOR, two layers learn XOR',
  Math.abs(byHand - orOutputs[1]) < 1e-5 && right(orOutputs, or) && !right(aloneOutputs, xor) && right(xorOutputs, xor),
)
