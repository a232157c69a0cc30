/**
 * Inside a trained network: what the first layer's filters look for, what each of them sees in a picture (its feature map), and which part
 * of the picture spoke for the answer (Grad-CAM: the maps of the last convolution, weighed by how much the class's score depends on them).
 */
import {
  adam,
  channelPlanes,
  conv2d,
  convolutionByHand,
  dense,
  enlarged,
  filterPlanes,
  globalMaxPooling2d,
  gradCamOf,
  heatOver,
  maxPooling2d,
  mosaic,
  openModel,
  pictureOf,
  rescaling,
  sequential,
  stretchPlane,
  writePng,
} from 'fovea'
import { figures } from './figures.js'
import { outputFile, percent, show, target } from './output.js'

const dataset = figures()
const model = sequential([
  rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
  conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
  maxPooling2d(),
  conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
  conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' }),
  globalMaxPooling2d(),
  dense({ units: dataset.classNames.length, activation: 'softmax' }),
])
model.compile({
  optimizer: adam({ learningRate: 0.005 }),
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
})
await model.fit(dataset, { epochs: 10, verbose: 0 })
const { accuracy } = await model.evaluate(dataset)
console.log(`test accuracy ${percent(accuracy)}`)

const picture = pictureOf(dataset.shape, dataset.test, 2)
const opened = await openModel(model)
await model.dispose()

// Every layer's value for this picture; the picture itself comes first.
const values = await opened.look(picture.data)
for (const { layer, shape } of values) console.log(`  ${layer.padEnd(16)} ${shape.join('×')}`)
const [, , firstMaps] = values
console.log('\nthe picture, and what each of the eight filters of the first convolution sees in it:')
show(picture)
show(mosaic(channelPlanes(firstMaps), { columns: 4, scale: 1 }))
await writePng(outputFile('feature-maps.png'), mosaic(channelPlanes(firstMaps)))
await writePng(outputFile('filters.png'), mosaic(filterPlanes(opened.weights['conv2d/kernel'], [3, 3, 1, 8])))

// One number of a feature map, written out. It equals what the network computed.
const byHand = convolutionByHand(opened.model, opened.weights, values, 'conv2d', [5, 5, 3])
const { sum, bias, value, networkValue } = byHand
console.log(`row 5, column 5 of the fourth map: relu(${sum.toFixed(4)} + ${bias.toFixed(4)}) = ${value.toFixed(4)}`)

const [probabilities] = await opened.predict([picture.data])
const answer = probabilities.indexOf(Math.max(...probabilities))
const { layer, map } = await gradCamOf(opened, picture.data, answer)
await opened.dispose()
await writePng(outputFile('grad-cam.png'), heatOver(enlarged(picture), map))
const heat = stretchPlane(map, picture.height, picture.width)
console.log(`\nGrad-CAM of ${layer}, what spoke for ${dataset.classNames[answer]}:`)
show(mosaic([heat], { scale: 1 }))

// Did it look at the figure? The mean heat of its light pixels against that of the ground.
const meanWhere = (/** @type {(byte: number) => boolean} */ wanted) => {
  const chosen = [...heat.data].filter((_, pixel) => wanted(picture.data[pixel]))
  return chosen.reduce((total, each) => total + each, 0) / chosen.length
}
const ratio = meanWhere(byte => byte > 130) / meanWhere(byte => byte <= 130)
console.log(`heat on the figure is ${ratio.toFixed(1)} times that on the ground`)
target(
  'the number by hand is the one of the network, and the heat lies on the figure (over 1.5 times)',
  Math.abs(value - networkValue) < 1e-5 && ratio > 1.5,
)
