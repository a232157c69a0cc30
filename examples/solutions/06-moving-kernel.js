/**
 * Exercise 6. Write a kernel of 3×3 that moves a picture by one pixel to the left, and one that shows how it differs from itself moved
 * by one pixel: an edge detector of your own.
 */
import { filterPlane, planeFrom, planeFromText, planePicture, valueAt } from 'fovea'
import { drawFigure, side } from '../figures.js'
import { show, target } from '../output.js'

const bytes = drawFigure({ name: 'cross', size: 6 })
const picture = planeFrom(side, side, (row, column) => bytes[row * side + column])

// The one lies to the right of the middle: every place takes the number of its right neighbour.
const moved = filterPlane(picture, planeFromText('0 0 0 / 0 0 1 / 0 0 0', 'the kernel'))
// The neighbour less the pixel itself.
const edges = filterPlane(picture, planeFromText('0 0 0 / 0 -1 1 / 0 0 0', 'the kernel'))
console.log('the picture, moved, and their difference:')
show(...[picture, moved, edges].map(planePicture))

// The result has no border: its place (row, column) is (row + 1, column + 1) of the picture.
const places = Array.from({ length: 14 * 14 }, (_, at) => [Math.floor(at / 14), at % 14])
const isMoved = places.every(([row, column]) => valueAt(moved, row, column) === valueAt(picture, row + 1, column + 2))
const isDifference = places.every(
  ([row, column]) =>
    valueAt(edges, row, column) === valueAt(picture, row + 1, column + 2) - valueAt(picture, row + 1, column + 1),
)
target('every number is that of the right neighbour, or the difference to it', isMoved && isDifference)
