/**
 * Exercise 7. A blur of 3×3 done twice is one blur with a larger kernel. How large is it, and what are its numbers? Show that both give
 * the same picture.
 */
import { filterPlane, planeFrom, planePicture, rowsOf } from 'fovea'
import { drawFigure, side } from '../figures.js'
import { show, target } from '../output.js'

const bytes = drawFigure({ name: 'ring', size: 6 })
const picture = planeFrom(side, side, (row, column) => bytes[row * side + column])

const blur = planeFrom(3, 3, () => 1 / 9)
const twice = filterPlane(filterPlane(picture, blur), blur)

// Along one side 1 1 1 meets 1 1 1 at five places, and they have 1 2 3 2 1 numbers in common: 5×5, and 81 in all.
const common = [1, 2, 3, 2, 1]
const larger = planeFrom(5, 5, (row, column) => (common[row] * common[column]) / 81)
const once = filterPlane(picture, larger)
console.log(
  rowsOf(larger)
    .map(row => row.map(value => `${Math.round(81 * value)}/81`.padStart(5)).join(' '))
    .join('\n'),
)
show(...[picture, twice, once].map(planePicture))

// Two layers of 3×3 see 5×5 pixels: 18 weights do the work of 25, and with an activation between them they can do more.
const deviation = Math.max(...twice.data.map((value, at) => Math.abs(value - once.data[at])))
console.log(`largest difference: ${deviation.toExponential(1)}`)
target('both pictures are equal (to 0.001 of 255)', deviation < 1e-3 && twice.width === once.width)
