/**
 * Exercise 10. Find a learning rate that is too small, one that is right and one that is too large, and draw the three training losses.
 */
import { dense, flatten, rescaling, sequential, sgd } from 'fovea'
import { figures } from '../figures.js'
import { chart, target } from '../output.js'

const dataset = figures({ train: 1000, spread: 0 })
/** @type {Record<string, number[]>} */
const losses = {}
for (const learningRate of [0.0005, 0.05, 5]) {
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
    flatten(),
    dense({ units: 32, activation: 'relu' }),
    dense({ units: 4, activation: 'softmax' }),
  ])
  model.compile({ optimizer: sgd({ learningRate }), loss: 'sparseCategoricalCrossentropy' })
  const { history } = await model.fit(dataset, { epochs: 10, verbose: 0 })
  losses[`rate ${learningRate}`] = history['loss']
  await model.dispose()
}

// Too small: it hardly moves. Too large: it steps over every valley. log 4 = 1.386 is the loss of guessing.
chart('training loss', losses)
const [small, right, large] = Object.values(losses).map(curve => curve[9])
console.log(`after ten epochs: ${[small, right, large].map(loss => loss.toFixed(3)).join(', ')}`)
target('the middle rate ends below half of both others', right < small / 2 && right < large / 2)
