/**
 * Bilinear resizing with half-pixel centres. When shrinking, the triangle is widened by the factor, so every pixel of the
 * source counts and fine detail does not alias (as Pillow's and tf.image.resize's antialiased bilinear filter do).
 */
import type { Picture } from '../base/picture.ts'
import { cut } from './picture.ts'
import { isShrunk, shrink } from './shrink.ts'
import { taps } from './taps.ts'

const { floor, max, min, round } = Math

/** What is done to every pixel before, each on its own: alpha laid on a ground, colour made grey. */
export type Flat = (picture: Picture) => Picture

interface Region {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const asItIs: Flat = picture => picture

/** Both axes on their own. `flat` takes alpha away, if there is any. */
export function stretch(picture: Picture, width: number, height: number, flat = asItIs): Picture {
  return stretchRegion(picture, { left: 0, top: 0, width: picture.width, height: picture.height }, width, height, flat)
}

/** Of a large picture a few rows at a time are made flat: what all of them would take does not fit the processor's cache. */
function stretchRegion(picture: Picture, region: Region, width: number, height: number, flat: Flat): Picture {
  const rows = (top: number, count: number) => flat(part(picture, { ...region, top: region.top + top, height: count }))
  const size = { width, height }
  const shrunk = isShrunk(region, size) ? shrink(region, size, rows) : undefined
  return shrunk ?? plainly(rows(0, region.height), width, height)
}

/** The region as a picture; whole rows stay where they are. */
function part(picture: Picture, { left, top, width, height }: Region): Picture {
  if (width !== picture.width) return cut(picture, left, top, width, height)
  const line = width * picture.channels
  return { ...picture, height, data: picture.data.subarray(top * line, (top + height) * line) }
}

/** Sums of the weighted samples along every row, then down. */
function plainly(picture: Picture, width: number, height: number): Picture {
  const { channels, data } = picture
  if (width === picture.width && height === picture.height) return picture
  const across = taps(picture.width, width)
  const narrow = new Float64Array(picture.height * width * channels)
  for (let row = 0; row < picture.height; row++)
    for (let column = 0; column < width; column++) {
      const begin = across.offset[column]!
      const end = across.offset[column + 1]!
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0
        let from = (row * picture.width + across.first[column]!) * channels + channel
        for (let tap = begin; tap < end; tap++, from += channels) sum += across.weights[tap]! * data[from]!
        narrow[(row * width + column) * channels + channel] = sum
      }
    }
  const down = taps(picture.height, height)
  const line = width * channels
  const result = new Uint8Array(height * line)
  for (let row = 0; row < height; row++)
    for (let at = 0; at < line; at++) {
      let sum = 0
      let from = down.first[row]! * line + at
      for (let tap = down.offset[row]!; tap < down.offset[row + 1]!; tap++, from += line)
        sum += down.weights[tap]! * narrow[from]!
      result[row * line + at] = round(sum)
    }
  return { width, height, channels, data: result }
}

/** Fills the whole size; what is too long is cut evenly on both sides. */
export function cover(picture: Picture, width: number, height: number, flat = asItIs): Picture {
  const scale = max(width / picture.width, height / picture.height)
  const cutWidth = min(picture.width, round(width / scale))
  const cutHeight = min(picture.height, round(height / scale))
  const left = floor((picture.width - cutWidth) / 2)
  const top = floor((picture.height - cutHeight) / 2)
  return stretchRegion(picture, { left, top, width: cutWidth, height: cutHeight }, width, height, flat)
}

/** The whole picture as large as it fits, in the middle of black. */
export function contain(picture: Picture, width: number, height: number, flat = asItIs): Picture {
  const place = placeInBars(picture, width, height)
  const fitted = stretch(picture, place.width, place.height, flat)
  return cut(fitted, -place.left, -place.top, width, height)
}

/** Where a picture of this size lies in what `contain` makes of it. */
export function placeInBars(size: Pick<Picture, 'width' | 'height'>, width: number, height: number): Region {
  const scale = min(width / size.width, height / size.height)
  const fitWidth = max(1, min(width, round(size.width * scale)))
  const fitHeight = max(1, min(height, round(size.height * scale)))
  const [left, top] = [floor((width - fitWidth) / 2), floor((height - fitHeight) / 2)]
  return { left, top, width: fitWidth, height: fitHeight }
}
