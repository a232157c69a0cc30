/**
 * What a convolution computes: a small kernel of numbers is laid over the picture at every place; the numbers that lie on each other
 * are multiplied, and the products summed up. That is all, and the layer `conv2d` does just this.
 */
import { conv2d, filterPlane, planeFromText, planePicture, rowsOf, sequential, termsAt } from 'fovea'
import { show, target } from './output.js'

const picture = planeFromText('3 3 2 1 0 / 0 0 1 3 1 / 3 1 2 2 3 / 2 0 0 2 2 / 2 0 0 0 1', 'the picture')
const kernel = planeFromText('0 1 2 / 2 2 0 / 0 1 2', 'the kernel')

// By hand, in four loops: a 3×3 kernel has 3×3 places in a 5×5 picture.
const rows = rowsOf(picture)
const weights = rowsOf(kernel)
const byHand = [0, 1, 2].map(row =>
  [0, 1, 2].map(column => {
    let sum = 0
    for (let r = 0; r < 3; r++) for (let s = 0; s < 3; s++) sum += rows[row + r][column + s] * weights[r][s]
    return sum
  }),
)
console.log('the kernel over the picture:')
for (const row of byHand) console.log(row.map(value => String(value).padStart(4)).join(''))
show(...[picture, kernel, filterPlane(picture, kernel)].map(planePicture))

// The same from Fovea, and what one of its numbers is made of.
const filtered = rowsOf(filterPlane(picture, kernel))
const { products, sum } = termsAt(picture, kernel, {}, 0, 0)
console.log(`\nupper left: ${products.map(row => row.join(' + ')).join(' + ')} = ${sum}`)

// Sobel's kernel answers where it becomes lighter from left to right: the right column counts, the left one counts against it.
const field = planeFromText('93 139 101 / 26 252 196 / 135 240 48', 'the field')
const sobel = planeFromText('-1 0 1 / -2 0 2 / -1 0 1', 'Sobel')
const edge = termsAt(field, sobel, {}, 0, 0)
console.log(`Sobel: ${edge.products.flat().filter(Boolean).join(' + ').replaceAll('+ -', '- ')} = ${edge.sum}`)

// Of ones and zeros: the kernel counts how many of its own ones lie on ones.
const bits = planeFromText('1 1 1 0 0 / 0 1 1 1 0 / 0 0 1 1 1 / 0 0 1 1 0 / 0 1 1 0 0', 'the bits')
const counted = rowsOf(filterPlane(bits, planeFromText('1 0 1 / 0 1 0 / 1 0 1', 'the kernel of bits')))
console.log(`counted: ${counted.map(row => row.join(' ')).join(' / ')}`)

// A layer with one filter, whose weights are the kernel: rows, columns, channels, filters.
const layer = conv2d({ filters: 1, kernelSize: 3, useBias: false, inputShape: [5, 5, 1] })
const model = sequential([layer])
await model.setWeights([{ name: 'conv2d/kernel', shape: [3, 3, 1, 1], data: Float32Array.from(kernel.data) }])
const { shape, data } = await model.predict({ shape: [1, 5, 5, 1], data: Float32Array.from(picture.data) })
console.log(`the layer: ${[...data].join(' ')}, shape ${shape.join('×')}`)
await model.dispose()

// Over colour a filter has one such table for each channel and sums over all: two filters give two maps, however deep the picture is.
const maps = conv2d({ filters: 2, kernelSize: 3 }).outputShape([[7, 7, 3]])
console.log(`two filters over 7×7×3 give ${maps.join('×')}`)

target(
  'three ways give 12 12 17 / 10 17 19 / 9 6 14; Sobel gives 261; the bits 4 3 4 / 2 4 3 / 2 3 4; two filters two maps',
  [byHand, filtered, [...data]].every(values => values.flat().join(' ') === '12 12 17 10 17 19 9 6 14') &&
    edge.sum === 261 &&
    counted.flat().join(' ') === '4 3 4 2 4 3 2 3 4' &&
    maps.join() === '5,5,2',
)
