/**
 * Exercise 13. Cover a patch of a picture and ask again: where the answer loses most, the network was looking. Does that place lie on the
 * figure, for most of the test pictures? (Use `occlusion`.)
 */
import {
  adam,
  conv2d,
  dense,
  globalMaxPooling2d,
  maxPooling2d,
  occlusion,
  openModel,
  pictureOf,
  planePicture,
  rescaling,
  sequential,
} from 'fovea'
import { figures, side } from '../figures.js'
import { bars, show, target } from '../output.js'

const dataset = figures({ noise: 20 })
const { shape, test } = dataset
const model = sequential([
  rescaling({ scale: 1 / 255, inputShape: shape }),
  conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
  maxPooling2d(),
  conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
  globalMaxPooling2d(),
  dense({ units: 4, activation: 'softmax' }),
])
model.compile({ optimizer: adam({ learningRate: 0.005 }), loss: 'sparseCategoricalCrossentropy' })
await model.fit(dataset, { epochs: 12, verbose: 0 })
const opened = await openModel(model)
await model.dispose()

// Patches of 4×4 pixels, every 2: of each the share of the figure's light pixels below it, and what the answer loses by it.
const [patch, stride, pictures] = [4, 2, 40]
let onFigure = 0
for (let index = 0; index < pictures; index++) {
  const picture = pictureOf(shape, test, index)
  const { drops } = await occlusion(opened, picture.data, test.labels[index], { patch, stride })
  const at = drops.data.indexOf(Math.max(...drops.data))
  const [top, left] = [stride * Math.floor(at / drops.width), stride * (at % drops.width)]
  const below = Array.from(
    { length: patch * patch },
    (_, pixel) => (top + Math.floor(pixel / patch)) * side + left + (pixel % patch),
  )
  if (below.filter(pixel => picture.data[pixel] > 115).length >= patch) onFigure++
  if (index < 3) show(picture, planePicture(drops))
}
await opened.dispose()

bars(
  `where the largest loss lies, of ${pictures} pictures`,
  { 'on the figure': onFigure, elsewhere: pictures - onFigure },
  String,
)
target('on the figure in over three of four pictures', onFigure > 0.75 * pictures)
