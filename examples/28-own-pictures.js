/**
 * Training on a folder of pictures: a subfolder for each class, with pictures of any size in it. Each is made to fit the model's input
 * when it is read. Of every class the same share is held out, so that the test is about all of them.
 *
 *     node examples/28-own-pictures.js my-pictures     with my-pictures/cats/1.jpg, my-pictures/dogs/1.jpg …
 */
import { join } from 'node:path'
import { pictureFolder } from '@fovea/pictures'
import {
  adam,
  conv2d,
  dense,
  globalMaxPooling2d,
  maxPooling2d,
  memorySource,
  pictureOf,
  pictureToInput,
  readPicture,
  rescaling,
  sequential,
  splitValidation,
  writePng,
} from 'fovea'
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

/** Reads the folder: every picture made to fit a square, the middle of it kept. What is passed over is told. */
async function readFolder(/** @type {string} */ folder, /** @type {import('fovea').PreprocessSpec} */ spec) {
  const { classes, skipped } = await pictureFolder(folder)
  for (const { path, reason } of skipped) console.log(`Passed over: ${path}, ${reason}`)
  const size = spec.shape[0] * spec.shape[1] * spec.shape[2]
  const images = new Uint8Array(classes.flatMap(({ files }) => files).length * size)
  const labels = []
  for (const [label, { files }] of classes.entries()) {
    for (const file of files) {
      const leaveOut = (/** @type {Error} */ error) => console.log(`Left out: ${error.message}`)
      const picture = await readPicture(file).catch(leaveOut)
      if (picture) images.set(pictureToInput(picture, spec).pixels, size * (labels.push(label) - 1))
    }
  }
  const read = { images: images.subarray(0, size * labels.length), labels: Uint8Array.from(labels) }
  return memorySource({ ...read, shape: spec.shape, preprocess: spec, classNames: classes.map(({ name }) => name) })
}

let folder = process.argv[2]
if (folder === undefined) {
  folder = outputFile('pictures')
  for (const [name, slim] of Object.entries({ leaves: 0.35, pebbles: 0.85 }))
    for (let number = 1; number <= 60; number++) await writePng(join(folder, name, `${number}.png`), paint(slim))
}
const all = await readFolder(folder, { shape: [32, 32, 3], channels: 'rgb', resize: 'cover' })
const { train, validation: test } = splitValidation(all, { fraction: 0.2, kind: 'stratified' })
show(...[0, all.count - 1].map(index => pictureOf(all.shape, all, index)))
console.log(`${all.count} pictures of ${all.classNames.join(', ')}: ${train.count} train, ${test.count} test`)
const model = sequential([
  rescaling({ scale: 1 / 255, inputShape: all.shape }),
  conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
  maxPooling2d(),
  conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
  maxPooling2d(),
  conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
  globalMaxPooling2d(),
  dense({ units: all.classNames.length, activation: 'softmax' }),
])
const loss = 'sparseCategoricalCrossentropy'
model.compile({ optimizer: adam({ learningRate: 0.005 }), loss, metrics: ['accuracy'] })
await model.fit(train, { epochs: 15, batchSize: 16, verbose: 0 })
const { accuracy } = await model.evaluate(test)
console.log(`test accuracy: ${percent(accuracy)}`)
await model.save(outputFile('pictures.safetensors'))
await model.dispose()
target('over 85 % of the test pictures right', accuracy > 0.85)
