/**
 * Kernels that people designed. Before networks learned their filters, they were written down: each answers one question everywhere in
 * a picture (is there an edge, and which way does it run?) or makes the picture smoother or sharper.
 */
import { enlarged, filterPlane, namedKernel, planeFrom, planeToPicture, rowsOf, valueAt, writePng } from 'fovea'
import { outputFile, show, target } from './output.js'

// A picture of our own: a light disc and a dark post before a ground that grows lighter to the right.
const scene = planeFrom(32, 32, (row, column) => {
  if ((row - 11) ** 2 + (column - 10) ** 2 < 50) return 230
  if (column >= 22 && column < 26 && row > 5) return 20
  return 90 + 2 * column
})

/** Lays a kernel over the scene, at every place where all of it lies inside: 30×30 places of 32×32. */
async function filtered(/** @type {import('fovea').KernelName} */ name) {
  const kernel = namedKernel(name)
  const result = filterPlane(scene, kernel)
  const numbers = rowsOf(kernel).map(row => row.map(value => Number(value.toFixed(2))).join(' '))
  console.log(`${name}: ${numbers.join(' / ')}`)
  await writePng(outputFile(`${name}.png`), enlarged(planeToPicture(result)))
  return result
}

// Where it becomes lighter from left to right, and from top to bottom; the size is shown, black is 0.
const across = await filtered('sobel-x')
const down = await filtered('sobel-y')
console.log('the scene, sobel-x, sobel-y:')
show(...[scene, across, down].map(planeToPicture))

// What differs from its four neighbours; that added to the picture sharpens it; the mean of nine pixels blurs it.
const edge = await filtered('edge')
const sharp = await filtered('sharpen')
const blurred = await filtered('box-blur')
console.log('edge, sharpen, box-blur:')
show(...[edge, sharp, blurred].map(planeToPicture))

// At the left side of the post, far from its ends: 4 × (20 - 130), from the ground to the post, and no change downwards.
const atPost = [across, down].map(plane => valueAt(plane, 20, 20))
// Sharpening is the picture plus its edges.
const isSum = sharp.data.every((value, index) => {
  const [row, column] = [Math.floor(index / 30), index % 30]
  return value === valueAt(scene, row + 1, column + 1) + edge.data[index]
})
console.log(`\nat the side of the post: sobel-x ${atPost[0]}, sobel-y ${atPost[1]}`)
target('sobel-x sees the upright post, sobel-y does not; sharpen = picture + edge', atPost.join() === '-440,0' && isSum)
