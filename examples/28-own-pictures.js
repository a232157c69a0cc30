/**
 * Training on a folder of pictures: a subfolder for each class, with pictures of any size in it. They are decoded once, into a file of
 * pixels from which training reads. Of every class the same share is held out, and copies of a picture are never on both sides. (The
 * command line does it without a program: `fovea train my-pictures`.)
 *
 *     node examples/28-own-pictures.js my-pictures     with my-pictures/cats/1.jpg, my-pictures/dogs/1.jpg …
 */
import { join } from 'node:path'
import { datasetFromFolder } from '@fovea/pictures'
import { adam, conv2d, dense, globalMaxPooling2d, maxPooling2d, rescaling, sequential, writePng } from 'fovea'
import { outputFile, percent, show, target } from './output.js'
import { randomNumbers } from './random.js'

const random = randomNumbers(1)

/** Paints an ellipse somewhat turned: `slim` near 0 is a leaf, near 1 a pebble. Size, colour and light tell nothing. */
function paint(/** @type {number} */ slim) {
  const [width, height] = [60 + Math.floor(60 * random()), 60 + Math.floor(60 * random())]
  const [length, angle, light] = [20 + 8 * random(), 3 * random(), 90 + 120 * random()]
  const data = new Uint8Array(3 * width * height)
  for (let at = 0; at < data.length; at++) {
    const [pixel, channel] = [Math.floor(at / 3), at % 3]
    const [x, y] = [(pixel % width) - width / 2, Math.floor(pixel / width) - height / 2]
    const along = x * Math.cos(angle) + y * Math.sin(angle)
    const across = y * Math.cos(angle) - x * Math.sin(angle)
    data[at] = Math.hypot(along, across / slim) < length ? light - 25 * channel : 30 + 50 * random()
  }
  return /** @type {import('fovea').Picture} */ ({ width, height, channels: 3, data })
}

let folder = process.argv[2]
if (folder === undefined) {
  folder = outputFile('pictures')
  for (const [name, slim] of Object.entries({ leaves: 0.35, pebbles: 0.85 }))
    for (let number = 1; number <= 60; number++) await writePng(join(folder, name, `${number}.png`), paint(slim))
}
const photos = await datasetFromFolder(folder, { size: 32, resize: 'cover', validation: 0, test: 0.2 })
const { train, classNames, skipped, findings } = photos
const test = photos.test ?? train
for (const { path, reason } of skipped) console.log(`Passed over: ${path}, ${reason}`)
for (const { what, advice } of findings) console.log(what, advice)
const two = new Uint8Array(2 * 32 * 32 * 3)
await test.read(Int32Array.of(0, test.count - 1), two)
show(
  ...[0, 1].map(at => ({
    width: 32,
    height: 32,
    channels: /** @type {const} */ (3),
    data: two.subarray(at * 3072, (at + 1) * 3072),
  })),
)
console.log(`${classNames.join(', ')}: ${train.count} train, ${test.count} test; the first is ${test.names?.[0]}`)
const model = sequential([
  rescaling({ scale: 1 / 255, inputShape: photos.shape }),
  conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
  maxPooling2d(),
  conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
  maxPooling2d(),
  conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
  globalMaxPooling2d(),
  dense({ units: classNames.length, activation: 'softmax' }),
])
const loss = 'sparseCategoricalCrossentropy'
model.compile({ optimizer: adam({ learningRate: 0.005 }), loss, metrics: ['accuracy'] })
await model.fit(train, { epochs: 15, batchSize: 16, verbose: 0 })
const { accuracy } = await model.evaluate(test)
console.log(`test accuracy: ${percent(accuracy)}`)
await model.save(outputFile('pictures.safetensors'))
await model.dispose()
target('over 85 % of the test pictures right', accuracy > 0.85)
