/**
 * How many weights a network needs. A dense unit has one for every pixel; a filter of a convolution has one for every pixel of its
 * small window, however large the picture is.
 */
import { conv2d, dense, flatten, globalAveragePooling2d, sequential } from 'fovea'
import { bars, target } from './output.js'

const count = (/** @type {import('fovea').Layer[]} */ ...layers) => sequential(layers).countParams().total
const written = (/** @type {number} */ number) => number.toLocaleString('en').padStart(15)

// A thousand units that look at every pixel of a grey picture, and sixteen filters of 3×3 that slide over it.
console.log('picture         1,000 dense units   16 filters of 3×3')
const growth = [28, 224, 1000].map(side => {
  const inputShape = [side, side, 1]
  const mlp = count(flatten({ inputShape }), dense({ units: 1000 }))
  const cnn = count(conv2d({ filters: 16, kernelSize: 3, inputShape }))
  console.log(`${`${side}×${side}`.padEnd(12)} ${written(mlp)} ${written(cnn)}`)
  return { mlp, cnn }
})
const [small, , large] = growth
bars('weights for 1,000×1,000 pixels', { 'dense units': large.mlp, 'filters of 3×3': large.cnn }, written)
// 1,000 × 1,000 pixels × 1,000 units: a thousand million weights. Stored as float32 they take 4 GB, before any training.

// The formulas, with numbers: every column of `summary` can be checked by hand.
const model = sequential([
  conv2d({ filters: 16, kernelSize: 3, inputShape: [32, 32, 3] }),
  conv2d({ filters: 32, kernelSize: [5, 3] }),
  globalAveragePooling2d(),
  dense({ units: 10 }),
])
console.log(`\n${model.summary({ formulas: true })}`)

// filters × kernel area × input depth + filters (one bias each); units × inputs + units.
const byHand = [16 * (3 * 3 * 3) + 16, 32 * (5 * 3 * 16) + 32, 10 * 32 + 10]
const total = byHand.reduce((sum, parameters) => sum + parameters, 0)
console.log(`\nby hand: ${byHand.join(' + ')} = ${total.toLocaleString('en')}`)

target(
  'an MLP on 1,000×1,000 pixels has over 10⁹ weights, the convolution as many as before; the formulas give the count',
  large.mlp > 1e9 && large.cnn === small.cnn && total === model.countParams().total,
)
