/**
 * A neuron, as Frank Rosenblatt built it in 1958: the perceptron. It weighs its inputs, adds a bias and says 1 where the sum is above 0.
 * It learns from its mistakes alone. No library is needed, it is a dozen lines.
 */
import { chart, target } from './output.js'

/** @typedef {{inputs: number[], wanted: number}} Case */

/** What the neuron says: 1 where w · x + bias > 0, else 0. */
function say(/** @type {number[]} */ weights, /** @type {number} */ bias, /** @type {number[]} */ inputs) {
  const sum = inputs.reduce((total, input, index) => total + weights[index] * input, bias)
  return sum > 0 ? 1 : 0
}

/** Goes through the cases until none is wrong any more, at most 100 times. */
function learn(/** @type {Case[]} */ cases) {
  const weights = cases[0].inputs.map(() => 0)
  let bias = 0
  /** @type {number[]} in each round */
  const mistakes = []
  while (mistakes.length < 100) {
    let wrong = 0
    for (const { inputs, wanted } of cases) {
      // 0 where it was right. Else +1 (said 0, should say 1) or -1: every input that took part is moved that way.
      const error = wanted - say(weights, bias, inputs)
      inputs.forEach((input, index) => {
        weights[index] += error * input
      })
      bias += error
      wrong += Math.abs(error)
    }
    mistakes.push(wrong)
    if (wrong === 0) break
  }
  return { weights, bias, mistakes, learned: mistakes[mistakes.length - 1] === 0 }
}

const pairs = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]
const problems = {
  AND: pairs.map(inputs => ({ inputs, wanted: inputs[0] & inputs[1] })),
  OR: pairs.map(inputs => ({ inputs, wanted: inputs[0] | inputs[1] })),
  NOT: [0, 1].map(input => ({ inputs: [input], wanted: 1 - input })),
  XOR: pairs.map(inputs => ({ inputs, wanted: inputs[0] ^ inputs[1] })),
}

const results = Object.entries(problems).map(([name, cases]) => ({ name, ...learn(cases) }))
for (const { name, weights, bias, mistakes, learned } of results) {
  const found = `weights ${weights}, bias ${bias}, after ${mistakes.length} rounds`
  console.log(name.padEnd(4), learned ? found : `not learned in ${mistakes.length} rounds`)
}
chart(
  'mistakes in each round',
  Object.fromEntries(results.map(({ name, mistakes }) => [name, mistakes.slice(0, 20)])),
  { across: 'round' },
)

// One neuron draws one straight line between its ones and its zeros. The ones of XOR, (0, 1) and (1, 0), lie on a diagonal with its
// zeros on either side: no line parts them. It takes a second layer, as the next example shows.
const names = results.filter(({ learned }) => learned).map(({ name }) => name)
target('a perceptron learns AND, OR and NOT, and cannot learn XOR', names.join() === 'AND,OR,NOT')
