/**
 * From training to use: train once, save the model in one file, load it elsewhere and ask it about a picture of your own. The file holds
 * the layers, the weights, the names of the classes and how a picture is made to fit (its size, grey or colour).
 *
 *     node examples/21-save-and-predict.js my-picture.png     asks about another picture: a light figure on a dark ground
 */
import {
  conv2d,
  dense,
  flatten,
  loadModel,
  maxPooling2d,
  parseSpec,
  pictureToInput,
  readPicture,
  rescaling,
  sequential,
  writePng,
} from 'fovea'
import { figures } from './figures.js'
import { bars, outputFile, show, target } from './output.js'

const dataset = figures({ noise: 20 })
const model = sequential([
  rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
  conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
  maxPooling2d(),
  conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
  maxPooling2d(),
  flatten(),
  dense({ units: 32, activation: 'relu' }),
  dense({ units: dataset.classNames.length, activation: 'softmax' }),
])
model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
// How any picture is made to fit: grey, and the whole of it with black margins. A source or a data set may say it too.
model.preprocess = { shape: dataset.shape, channels: 'grey', resize: 'contain' }
await model.fit(dataset, { epochs: 15, verbose: 0 })
const file = outputFile('figures.safetensors')
await model.save(file)
await model.dispose()

// A picture as one might bring it: larger, not square, in colour. Here a yellow ring, painted off the middle.
const [width, height] = [240, 180]
const painted = outputFile('my-picture.png')
const data = new Uint8Array(3 * width * height)
for (let pixel = 0; pixel < width * height; pixel++) {
  const distance = Math.hypot((pixel % width) - 105, Math.floor(pixel / width) - 95)
  data.set(distance < 68 && distance > 40 ? [240, 200, 60] : [50, 45, 60], 3 * pixel)
}
await writePng(painted, { width, height, channels: 3, data })

// Nothing below knows how the model was trained: all it needs is in the file.
const loaded = await loadModel(file)
const path = process.argv[2] ?? painted
const { pixels, notes } = pictureToInput(await readPicture(path), parseSpec(loaded.preprocess))
const [side] = dataset.shape
console.log(['what the model is given:', ...notes].join('\n'))
show({ width: side, height: side, channels: 1, data: pixels })

// A path, the bytes of a file, pixels: `classify` takes a picture in any form, and brings it to the model's size itself.
const answers = await loaded.classify(path)
bars('the answer', Object.fromEntries(answers.map(({ className, probability }) => [className, probability])))
const answer = answers[0].className
await loaded.dispose()

target('the loaded model sees the ring', process.argv[2] !== undefined || answer === 'ring')
