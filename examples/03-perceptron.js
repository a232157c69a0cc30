/**
 * A neuron, as Frank Rosenblatt built it in 1958: the perceptron. It weighs its inputs, adds a bias and says 1 where the sum is above 0.
 * It learns from its mistakes alone. No library is needed, it is a dozen lines.
 */
import { target } from './output.js'

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
  for (let round = 1; round <= 100; round++) {
    let mistakes = 0
    for (const { inputs, wanted } of cases) {
      // 0 where it was right. Else +1 (said 0, should say 1) or -1: every input that took part is moved that way.
      const error = wanted - say(weights, bias, inputs)
      inputs.forEach((input, index) => {
        weights[index] += error * input
      })
      bias += error
      mistakes += Math.abs(error)
    }
    if (mistakes === 0) return { weights, bias, rounds: round }
  }
  return undefined
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

const learned = Object.entries(problems).map(([name, cases]) => ({ name, result: learn(cases) }))
for (const { name, result } of learned) {
  const { weights, bias, rounds } = result ?? {}
  console.log(
    name.padEnd(4),
    result ? `weights ${weights}, bias ${bias}, after ${rounds} rounds` : 'not learned in 100 rounds',
  )
}

// One neuron draws one straight line between its ones and its zeros. The ones of XOR, (0, 1) and (1, 0), lie on a diagonal with its
// zeros on either side: no line parts them. It takes a second layer, as the next example shows.
const names = learned.filter(({ result }) => result).map(({ name }) => name)
target('a perceptron learns AND, OR and NOT, and cannot learn XOR', names.join() === 'AND,OR,NOT')
