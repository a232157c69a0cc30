/**
 * A network without dense layers: the last convolution has one filter for each class, and the mean of its map over the whole picture is
 * the class's score ("all convolutional", Springenberg et al. 2014). Convolutions of stride 2 do what pooling did. It has fewer
 * weights, and they suit pictures of any size.
 */
import { activation, adam, conv2d, dense, flatten, globalAveragePooling2d, rescaling, sequential } from 'fovea'
import { figures, side } from './figures.js'
import { bars, target } from './output.js'

const dataset = figures()
const classes = dataset.classNames.length

/** What both networks begin with. */
const convolutions = (/** @type {number} */ size) => [
  rescaling({ scale: 1 / 255, inputShape: [size, size, 1] }),
  conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
  conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu', strides: 2 }),
  conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu', strides: 2 }),
]
const allConvolutional = (/** @type {number} */ size) =>
  sequential([
    ...convolutions(size),
    conv2d({ filters: classes, kernelSize: 1 }),
    globalAveragePooling2d(),
    activation({ activation: 'softmax' }),
  ])
const withDense = sequential([...convolutions(side), flatten(), dense({ units: classes, activation: 'softmax' })])

/** Trains a network; gives its accuracy on the test pictures. */
async function train(/** @type {string} */ name, /** @type {import('fovea').Classifier} */ model) {
  model.compile({
    optimizer: adam({ learningRate: 0.005 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  })
  await model.fit(dataset, { epochs: 15, verbose: 0 })
  const { accuracy } = await model.evaluate(dataset)
  console.log(`${name}: ${model.countParams().total} parameters`)
  return accuracy
}
const plain = allConvolutional(side)
const accuracy = await train('all convolutional', plain)
const withDenseAccuracy = await train('with a dense layer', withDense)

// The same weights on pictures twice as large, each made of one test picture four times.
const large = allConvolutional(2 * side)
await large.setWeights(await plain.getWeights())
large.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
const { images, labels, count } = dataset.test
const tiled = new Uint8Array(4 * images.length)
for (let at = 0; at < tiled.length; at++) {
  const [picture, row, column] = [Math.floor(at / (2 * side) ** 2), Math.floor(at / (2 * side)) % side, at % side]
  tiled[at] = images[(picture * side + row) * side + column]
}
const onLarge = (await large.evaluate({ images: tiled, labels })).accuracy
bars(`test accuracy on ${count} pictures`, {
  'all convolutional': accuracy,
  'with a dense layer': withDenseAccuracy,
  [`all convolutional, ${2 * side}×${2 * side} pixels`]: onLarge,
})

for (const model of [plain, withDense, large]) await model.dispose()
target('over 85 % without a dense layer, on pictures of both sizes', accuracy > 0.85 && onLarge > 0.85)
