/**
 * The small data set that many of the examples learn: grey pictures of 16×16 pixels, a light figure somewhere on a dark ground, and
 * noise. To Fovea a data set is a plain record: bytes from 0 to 255, picture after picture, and a class number for each.
 */
import { randomNumbers } from './random.js'

export const side = 16

/**
 * Whether a point belongs to the figure, measured from the figure's middle in units of its size.
 * @type {Record<string, (x: number, y: number) => boolean>}
 */
const covers = {
  disc: (x, y) => x * x + y * y < 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.9,
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.35 && Math.max(Math.abs(x), Math.abs(y)) < 1,
  ring: (x, y) => x * x + y * y < 1.1 && x * x + y * y > 0.35,
}

const classNames = Object.keys(covers)

/**
 * A data set of as many pictures as asked for. The figures lie anywhere in the picture, or, with `spread: 0`, in its middle.
 * @returns {import('fovea').LoadedDataset}
 */
export function figures({ train = 2000, test = 400, noise = 40, spread = 1, seed = 1 } = {}) {
  const random = randomNumbers(seed)
  return {
    name: 'figures',
    shape: [side, side, 1],
    classNames,
    train: drawMany({ count: train, noise, spread, random }),
    test: drawMany({ count: test, noise, spread, random }),
  }
}

/**
 * The classes take turns, so that all are equally frequent.
 * @param {{count: number, noise: number, spread: number, random: () => number}} options
 */
function drawMany({ count, noise, spread, random }) {
  const labels = Uint8Array.from({ length: count }, (_, index) => index % classNames.length)
  const images = new Uint8Array(count * side * side)
  labels.forEach((label, index) => {
    const size = 3 + 2 * random()
    const place = () => side / 2 + spread * (side / 2 - size) * (2 * random() - 1)
    images.set(
      drawFigure({ name: classNames[label], x: place(), y: place(), size, noise, random }),
      index * side * side,
    )
  })
  return { images, labels, count }
}

/** One picture's pixels, row by row. x and y are the figure's middle. */
export function drawFigure({ name = 'disc', x = side / 2, y = side / 2, size = 4, noise = 0, random = () => 0.5 }) {
  const [ground, figure] = [20 + 60 * random(), 130 + 100 * random()]
  return Uint8Array.from({ length: side * side }, (_, pixel) => {
    const across = ((pixel % side) + 0.5 - x) / size
    const down = (Math.floor(pixel / side) + 0.5 - y) / size
    const light = covers[name](across, down) ? figure : ground
    return Math.max(0, Math.min(255, light + noise * (2 * random() - 1)))
  })
}
