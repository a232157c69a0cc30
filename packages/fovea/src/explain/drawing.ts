/** Numbers as pictures: many planes side by side, and heat over a picture. */

import { checkArguments, fits, numbers, pictureShape } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { largestOf } from '../base/extremes.ts'
import { type Picture, type PictureLike, pictureFromPixels } from '../base/picture.ts'
import { picture as pictureValue } from '../base/picture-arguments.ts'
import { list, that, whole } from '../base/schema.ts'
import { formatShape, sizeOf } from '../base/shape.ts'
import { grey, opaque } from '../preprocess/picture.ts'
import { type LayerValue, layerValue } from './open-model.ts'
import { type GridOptions, pictureGrid } from './picture-grid.ts'
import { type MapOfPicture, type Plane, planeFrom, planeValue, valueAt } from './plane.ts'

const { abs, ceil, floor, max, min, round } = Math
const { MIN_VALUE, NEGATIVE_INFINITY: minusInfinity, POSITIVE_INFINITY: infinity } = Number

const count = that<number>('a whole number of at least 1', value => value === infinity || fits(whole(1), value))
const kernelShape = list(whole(1), 'height, width, channels, filters', { least: 4, most: 4 })
const colourShape = that<readonly number[]>(
  'height, width, 3 channels, filters',
  value => fits(kernelShape, value) && value[2] === 3,
)

/** The shape, which the numbers must fill. */
function filling(values: ArrayLike<number>, shape: readonly number[]): readonly [number, number, number, number] {
  if (values.length === sizeOf(shape)) return shape as readonly [number, number, number, number]
  throw new UserError({
    what: 'The numbers do not fill their shape.',
    expected: `${sizeOf(shape)} for ${formatShape(shape)}`,
    received: String(values.length),
  })
}

/** The first `most` channels of a layer's value [H, W, C] (or its units [U], as one row) as planes. */
export function channelPlanes(value: Pick<LayerValue, 'shape' | 'data'>, most = infinity): Plane[] {
  checkArguments('channelPlanes', { value: layerValue, most: count }, { value, most })
  const { shape, data } = value
  if (shape.length !== 3) return [planeFrom(1, data.length, (_, column) => data[column]!)]
  const [height, width, channels] = shape as readonly [number, number, number]
  return Array.from({ length: min(channels, most) }, (_, channel) =>
    planeFrom(height, width, (row, column) => data[(row * width + column) * channels + channel]!),
  )
}

/** The first `most` planes of a kernel [R, S, C, K]: filter by filter, their channels side by side. */
export function filterPlanes(kernel: ArrayLike<number>, shape: readonly number[], most = infinity): Plane[] {
  checkArguments('filterPlanes', { kernel: numbers, shape: kernelShape, most: count }, { kernel, shape, most })
  const [height, width, channels, filters] = filling(kernel, shape)
  return Array.from({ length: min(filters * channels, most) }, (_, index) => {
    const [filter, channel] = [floor(index / channels), index % channels]
    return planeFrom(
      height,
      width,
      (row, column) => kernel[((row * width + column) * channels + channel) * filters + filter]!,
    )
  })
}

/** The filters of a kernel over colour [R, S, 3, K] as pictures, each from its least (0) to its largest number (255). */
export function colourFilters(kernel: ArrayLike<number>, shape: readonly number[]): Picture[] {
  checkArguments('colourFilters', { kernel: numbers, shape: colourShape }, { kernel, shape })
  const [height, width, channels, filters] = filling(kernel, shape)
  return Array.from({ length: filters }, (_, filter) => {
    const size = height * width * channels
    const { data } = planePicture(planeFrom(1, size, (_, number) => kernel[number * filters + filter]!))
    return { height, width, channels: 3, data }
  })
}

/** A plane as a grey picture, from its least (black) to its largest number (white). */
export function planePicture(plane: Plane): Picture {
  checkArguments('planePicture', { plane: planeValue }, { plane })
  const { height, width, data: values } = plane
  const [least, most] = extent(values)
  const data = new Uint8Array(values.length)
  if (most > least) {
    for (let index = 0; index < data.length; index++)
      data[index] = round(((values[index]! - least) / (most - least)) * 255)
  }
  return { width, height, channels: 1, data }
}

/** Planes of one size, row by row, a gap between them; each from its least (black) to its largest number (white). */
export function mosaic(planes: readonly Plane[], options: GridOptions = {}): Picture {
  checkArguments('mosaic', { planes: list(planeValue, 'planes') }, { planes })
  return pictureGrid(planes.map(planePicture), options)
}

/** Units side by side, each a square; so many to a row. */
export function unitsPicture(values: ArrayLike<number>, inRow = 128): Picture {
  const width = min(values.length, inRow)
  const plane = planeFrom(ceil(values.length / width), width, (row, column) => values[row * width + column] ?? 0)
  return pictureGrid([planePicture(plane)], { scale: max(1, floor(640 / width)), most: width })
}

/** A layer's value: its channels, or its units. */
export function valuePicture(value: Pick<LayerValue, 'shape' | 'data'>): Picture {
  return value.shape.length === 3 ? mosaic(channelPlanes(value)) : unitsPicture(value.data)
}

/** A plane of other size stretched to height × width, bilinear between the centres of its cells. */
export function stretchPlane(plane: Plane, height: number, width: number): Plane {
  checkArguments('stretchPlane', { plane: planeValue }, { plane })
  const along = (index: number, from: number, to: number): readonly [number, number, number] => {
    const position = max(0, min(from - 1, ((index + 0.5) * from) / to - 0.5))
    const low = floor(position)
    return [low, min(low + 1, from - 1), position - low]
  }
  return planeFrom(height, width, (row, column) => {
    const [top, bottom, v] = along(row, plane.height, height)
    const [left, right, u] = along(column, plane.width, width)
    const above = valueAt(plane, top, left) * (1 - u) + valueAt(plane, top, right) * u
    const below = valueAt(plane, bottom, left) * (1 - u) + valueAt(plane, bottom, right) * u
    return above * (1 - v) + below * v
  })
}

/**
 * A picture in grey under a heat map: from nothing over yellow to red where the plane is largest. Numbers below 0 are cold. Throws
 * UserError where the map is of a picture of other proportions: what it says would lie in wrong places.
 */
export function heatOver(picture: PictureLike, plane: Plane | MapOfPicture): Picture {
  checkArguments('heatOver', { picture: pictureValue, plane: planeValue }, { picture, plane })
  const { width, height, data: greys } = grey(opaque(pictureFromPixels(picture, 'the picture')))
  if ('of' in plane) checkProportions(plane.of, height, width)
  const heat = stretchPlane(plane, height, width)
  const largest = largestOf(extent(heat.data).map(abs), MIN_VALUE)
  const data = new Uint8Array(3 * width * height)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const strength = heat.data[pixel]! / largest
    const colour = strength >= 0 ? [255, 220 * (1 - strength), 0] : [0, 90, 255]
    const share = min(1, abs(strength)) * 0.75
    for (let channel = 0; channel < 3; channel++)
      data[3 * pixel + channel] = round(greys[pixel]! * (1 - share) + colour[channel]! * share)
  }
  return { width, height, channels: 3, data }
}

function checkProportions([mapHeight, mapWidth]: MapOfPicture['of'], height: number, width: number): void {
  if (height * mapWidth === width * mapHeight) return
  throw new UserError({
    what: 'The map is of another picture: drawn over this one, what it says would lie in wrong places.',
    expected: `a picture of the proportions ${mapWidth}×${mapHeight}, as the model took it`,
    received: `${width}×${height}`,
    fix: 'draw it over opened.fitting(picture), or enlarged(opened.fitting(picture))',
  })
}

/** A gradient by the picture's numbers [H, W, C]: grey where it is 0, each colour lighter above and darker below; the largest are white or black. */
export function gradientPicture(gradient: ArrayLike<number>, shape: readonly [number, number, number]): Picture {
  checkArguments('gradientPicture', { gradient: numbers, shape: pictureShape }, { gradient, shape })
  const [height, width, channels] = shape
  filling(gradient, shape)
  const largest = largestOf(extent(gradient).map(abs), MIN_VALUE)
  const data = Uint8Array.from(gradient, value => round(127.5 + (127.5 * value) / largest))
  return { height, width, channels: channels as Picture['channels'], data }
}

function extent(values: ArrayLike<number>): readonly [number, number] {
  let [least, most] = [infinity, minusInfinity]
  for (let index = 0; index < values.length; index++) {
    least = min(least, values[index]!)
    most = max(most, values[index]!)
  }
  return [least, most]
}
