/**
 * How large the result of a convolution is. Without padding ("valid") the kernel stays inside the picture; with padding ("same") zeros
 * lie around it. A stride of 2 takes every second place. Pooling keeps one number of each window: the largest, or the mean.
 */
import {
  averagePooling2d,
  conv2d,
  globalAveragePooling2d,
  maxPooling2d,
  planeFromText,
  planePicture,
  poolPlane,
  rowsOf,
  sequential,
} from 'fovea'
import { show, target } from './output.js'

/** How many places a window has along one side of the picture, by the formulas of Keras and TensorFlow. */
function outputSize(/** @type {{size: number, kernel: number, stride: number, padding: string}} */ options) {
  const { size, kernel, stride, padding } = options
  return padding === 'same' ? Math.ceil(size / stride) : Math.floor((size - kernel) / stride) + 1
}

/** The shape a layer gives for pictures of 28×28 with one channel. */
const shapeOf = (/** @type {import('fovea').Layer} */ layer) => layer.outputShape([[28, 28, 1]])

console.log('conv2d with 8 filters on 28×28×1:')
const agree = []
for (const kernel of [3, 5])
  for (const stride of [1, 2])
    for (const padding of /** @type {const} */ (['valid', 'same'])) {
      const shape = shapeOf(conv2d({ filters: 8, kernelSize: kernel, strides: stride, padding }))
      const size = outputSize({ size: 28, kernel, stride, padding })
      agree.push(shape.join() === `${size},${size},8`)
      console.log(`  kernel ${kernel}×${kernel}, stride ${stride}, ${padding.padEnd(5)} gives ${shape.join('×')}`)
    }
console.log(`maxPooling2d() gives ${shapeOf(maxPooling2d()).join('×')}`)
console.log(
  `globalAveragePooling2d() gives ${shapeOf(globalAveragePooling2d()).join('×')}: one number for each channel\n`,
)

// Pooling by numbers: windows of 2×2, side by side.
const picture = planeFromText('1 1 2 4 / 5 6 7 8 / 3 2 1 0 / 1 2 3 4', 'the picture')
const written = (/** @type {number[][]} */ rows) => rows.map(row => row.join(' ')).join(' / ')
const pooled = /** @type {const} */ (['max', 'average']).map(kind => poolPlane(picture, kind, 2))
const [largest, means] = pooled.map(plane => written(rowsOf(plane)))
console.log(`${written(rowsOf(picture))}\n  max 2×2: ${largest}\n  average 2×2: ${means}`)
show(...[picture, ...pooled].map(plane => planePicture(plane)))

// The layers say the same.
const inputShape = [4, 4, 1]
const input = { shape: [1, 4, 4, 1], data: Float32Array.from(picture.data) }
const layers = [maxPooling2d({ inputShape }), averagePooling2d({ inputShape }), globalAveragePooling2d({ inputShape })]
const results = []
for (const layer of layers) {
  const model = sequential([layer])
  results.push([...(await model.predict(input)).data].join(' '))
  await model.dispose()
}
console.log(`  as layers: ${results.join(', ')}`)

target(
  'every size follows its formula, and 2×2 max pooling gives 6 8 / 3 4',
  agree.every(Boolean) && largest === '6 8 / 3 4' && results.join(',') === '6 8 3 4,3.25 5.25 2 2,3.125',
)
