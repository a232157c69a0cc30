/**
 * Exercise 5. How many weights has an MLP for digits, 28×28 pixels to 512 to 512 to 10 units? Compute it by hand, then ask `countParams`.
 * Which of its layers holds most of them?
 */
import { dense, flatten, sequential } from 'fovea'
import { bars, target } from '../output.js'

const sizes = [28 * 28, 512, 512, 10]
// Of each pair of neighbours: a weight from every input to every unit, and a bias for each unit.
const byHand = sizes.slice(1).map((units, layer) => sizes[layer] * units + units)

const model = sequential([
  flatten({ inputShape: [28, 28, 1] }),
  dense({ units: 512, activation: 'relu' }),
  dense({ units: 512, activation: 'relu' }),
  dense({ units: 10, activation: 'softmax' }),
])
const written = (/** @type {number} */ count) => count.toLocaleString('en')
bars(
  'weights',
  Object.fromEntries(byHand.map((count, layer) => [`${sizes[layer]} to ${sizes[layer + 1]}`, count])),
  written,
)

const total = byHand.reduce((sum, count) => sum + count, 0)
console.log(`${byHand.map(written).join(' + ')} = ${written(total)}`)
target(
  '669,706 by hand and by Fovea, most in the first layer',
  total === model.countParams().total && total === 669_706,
)
