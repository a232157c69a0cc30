/**
 * Exercise 2. Classify without a network: compute the mean picture of each class, and call a picture by the class whose mean is nearest.
 * How far does that come with figures in the middle, and with figures anywhere?
 */
import { figures, side } from '../figures.js'
import { bars, show, target } from '../output.js'

const pixels = side * side

/** The mean of the training pictures of each class. */
function meansOf(/** @type {import('fovea').LoadedDataset} */ { classNames, train }) {
  const means = classNames.map(() => new Float64Array(pixels))
  const share = classNames.length / train.count
  train.images.forEach((byte, at) => {
    means[train.labels[Math.floor(at / pixels)]][at % pixels] += share * byte
  })
  return means
}

/** Squared distance of a picture to a mean. */
const distance = (/** @type {Uint8Array} */ picture, /** @type {Float64Array} */ mean) =>
  picture.reduce((sum, byte, pixel) => sum + (byte - mean[pixel]) ** 2, 0)

const accuracies = { 'in the middle': 0, anywhere: 0 }
for (const [name, spread] of /** @type {const} */ ([
  ['in the middle', 0],
  ['anywhere', 1],
])) {
  const dataset = figures({ spread })
  const { test } = dataset
  const means = meansOf(dataset)
  let right = 0
  for (let index = 0; index < test.count; index++) {
    const distances = means.map(mean => distance(test.images.subarray(index * pixels, (index + 1) * pixels), mean))
    if (distances.indexOf(Math.min(...distances)) === test.labels[index]) right++
  }
  accuracies[name] = right / test.count
  console.log(`the mean pictures of ${dataset.classNames.join(', ')}, figures ${name}:`)
  show(
    ...means.map(
      data => /** @type {const} */ ({ width: side, height: side, channels: 1, data: Uint8Array.from(data) }),
    ),
  )
}

// A mean is a good picture of a figure that keeps its place, and a grey blot of one that does not.
bars('test accuracy', accuracies)
target(
  'over 60 % in the middle, and near chance (25 %) anywhere',
  accuracies['in the middle'] > 0.6 && accuracies.anywhere < 0.4,
)
