/**
 * Exercise 9. Example 12 says that pooling over all places makes a CNN know a figure where it was moved. Put `flatten` in its place and
 * measure again: is it the convolution or the pooling that does it?
 */
import { conv2d, dense, flatten, globalMaxPooling2d, movedPictures, rescaling, sequential } from 'fovea'
import { figures } from '../figures.js'
import { chart, percent, target } from '../output.js'

const dataset = figures({ spread: 0 })
const { images, labels } = dataset.test

/** @type {Record<string, number[]>} */
const accuracies = {}
for (const [name, last] of Object.entries({ 'global pooling': globalMaxPooling2d, flatten })) {
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
    conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }),
    last(),
    dense({ units: 4, activation: 'softmax' }),
  ])
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  await model.fit(dataset, { epochs: 10, verbose: 0 })
  accuracies[name] = []
  for (const pixels of [0, 1, 2, 3, 4]) {
    const moved = movedPictures(images, dataset.shape, pixels, pixels)
    accuracies[name].push((await model.evaluate({ images: moved, labels })).accuracy)
  }
  await model.dispose()
}

// The convolution moves its answers along with the figure; only pooling makes them the same.
chart('test accuracy, pictures moved', accuracies, { across: 'pixels', first: 0, write: percent })
const { 'global pooling': pooled, flatten: flat } = accuracies
target(
  'unmoved both are right (over 95 %); moved by 3 pixels pooling is 20 points ahead',
  pooled[0] > 0.95 && flat[0] > 0.95 && pooled[3] > flat[3] + 0.2,
)
