/**
 * What has a filter learned to look for? Ask the data: of all test pictures, which part excites it most? The guided gradient beside each
 * part shows the pixels that did it. Filters of the last convolution have come to stand for parts of the classes.
 */
import {
  adam,
  conv2d,
  dense,
  globalMaxPooling2d,
  gradientPicture,
  maxPooling2d,
  openModel,
  pictureOf,
  rescaling,
  sequential,
  strongestPatches,
} from 'fovea'
import { figures } from './figures.js'
import { percent, show, target } from './output.js'

const dataset = figures()
const { classNames, test } = dataset
const model = sequential([
  rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
  conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
  maxPooling2d(),
  conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu', name: 'last' }),
  globalMaxPooling2d(),
  dense({ units: classNames.length, activation: 'softmax' }),
])
model.compile({
  optimizer: adam({ learningRate: 0.005 }),
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
})
await model.fit(dataset, { epochs: 12, verbose: 0 })
console.log(`test accuracy ${percent((await model.evaluate(dataset)).accuracy)}`)

const opened = await openModel(model)
await model.dispose()
const pictures = Array.from({ length: test.count }, (_, index) => pictureOf(dataset.shape, test, index).data)
const filters = await strongestPatches(opened, 'last', pictures, { count: 9 })
await opened.dispose()

// Which classes the nine pictures are of; the four strongest parts are drawn, each with its gradient below.
let pure = 0
for (const { filter, patches } of filters) {
  if (patches.length === 0) {
    console.log(`filter ${filter}: nothing excites it`)
    continue
  }
  const counts = classNames.map(
    (name, label) => `${patches.filter(({ picture }) => test.labels[picture] === label).length} ${name}`,
  )
  const seen = counts.filter(count => !count.startsWith('0'))
  if (seen.length === 1) pure++
  console.log(`filter ${filter}: ${seen.join(', ')}`)
  const parts = patches.slice(0, 4)
  show(
    ...parts.map(({ window: { height, width }, pixels }) => {
      const data = Uint8Array.from(pixels)
      return /** @type {import('fovea').Picture} */ ({ height, width, channels: 1, data })
    }),
  )
  show(...parts.map(({ window: { height, width }, guided }) => gradientPicture(guided, [height, width, 1])))
}

target(
  `at least four of the ${filters.length} filters have all nine of their strongest pictures in one class (${pure} have)`,
  pure >= 4,
)
