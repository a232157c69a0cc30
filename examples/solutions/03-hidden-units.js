/**
 * Exercise 3. Two hidden units are enough for XOR, in principle. Does training find them? Train with one, two, three and eight hidden
 * units, each from ten first weights, and count how often all four cases come out right.
 */
import { adam, dense, sequential } from 'fovea'
import { bars, target } from '../output.js'

const inputs = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]
const wanted = [[0], [1], [1], [0]]

/** @type {Record<string, number>} */
const successes = {}
for (const units of [1, 2, 3, 8]) {
  let learned = 0
  for (let seed = 0; seed < 10; seed++) {
    const layers = [dense({ units, activation: 'tanh', inputShape: [2] }), dense({ units: 1, activation: 'sigmoid' })]
    const model = sequential(layers, { seed })
    model.compile({ optimizer: adam({ learningRate: 0.1 }), loss: 'binaryCrossentropy', threads: 1 })
    await model.fit(inputs, wanted, { epochs: 200, verbose: 0 })
    const { data } = await model.predict(inputs)
    if (data.every((output, index) => Math.round(output) === wanted[index][0])) learned++
    await model.dispose()
  }
  successes[`${units} hidden units`] = learned
}

// A network with more units than it needs has more ways to a good one: the surplus is for learning, not for the answer.
bars('learned, of ten first weights', successes, String)
const [one, two, three, eight] = Object.values(successes)
target('one unit never learns it, eight do every time', one === 0 && two > 0 && three >= two && eight === 10)
