/**
 * Flattening loses space. To a dense layer a picture is a list of numbers: the same square, moved, is a list that has nothing in common
 * with the first. A convolution gives the same answers at another place, and pooling over all places gives the same answers.
 */
import { conv2d, dense, flatten, globalMaxPooling2d, movedPictures, rescaling, sequential } from 'fovea'
import { drawFigure, figures, side } from './figures.js'
import { chart, percent, show, target } from './output.js'

// One square at two places: which numbers of the list are light in both?
const square = drawFigure({ name: 'square', x: 4, y: 4, size: 3 })
const moved = drawFigure({ name: 'square', x: 12, y: 11, size: 3 })
show(...[square, moved].map(data => /** @type {const} */ ({ width: side, height: side, channels: 1, data })))
const isLight = (/** @type {number} */ byte) => byte > 100
const shared = square.filter((byte, pixel) => isLight(byte) && isLight(moved[pixel])).length
console.log(`light numbers: ${square.filter(isLight).length}, at the same place of the list after moving: ${shared}\n`)

// Two networks learn figures that always lie in the middle.
const dataset = figures({ spread: 0 })
const input = () => rescaling({ scale: 1 / 255, inputShape: dataset.shape })
const output = () => dense({ units: dataset.classNames.length, activation: 'softmax' })
const models = {
  MLP: sequential([input(), flatten(), dense({ units: 64, activation: 'relu' }), output()]),
  CNN: sequential([
    input(),
    conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }),
    globalMaxPooling2d(),
    output(),
  ]),
}

const shifts = [0, 1, 2, 3, 4]
/** @type {Record<string, number[]>} */
const accuracies = { MLP: [], CNN: [] }
for (const [name, model] of Object.entries(models)) {
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  await model.fit(dataset, { epochs: 10, verbose: 0 })
  for (const pixels of shifts) {
    const images = movedPictures(dataset.test.images, dataset.shape, pixels, pixels)
    const { accuracy } = await model.evaluate({ images, labels: dataset.test.labels })
    accuracies[name].push(accuracy)
  }
  console.log(`${name}, moved by ${shifts.join(', ')} pixels: ${accuracies[name].map(percent).join(', ')}`)
  await model.dispose()
}

chart('test accuracy, pictures moved', accuracies, { across: 'pixels', first: 0, write: percent })

const { MLP, CNN } = accuracies
target(
  'both know the figures in the middle (over 95 %); moved by 3 pixels the CNN is at least 20 points ahead',
  shared === 0 && MLP[0] > 0.95 && CNN[0] > 0.95 && CNN[3] > MLP[3] + 0.2,
)
