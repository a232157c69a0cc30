/**
 * Pictures moved or turned a little, for measuring what a classifier makes of the same thing elsewhere. Where nothing is known the
 * nearest border pixel is repeated.
 */

import { bytes, checkArguments, pictureShape } from '../base/arguments.ts'
import { integer, number } from '../base/schema.ts'

const { PI, floor, max, min, round, cos: cosine, sin: sine } = Math

/** N pictures of H × W × C bytes, moved by whole pixels: down and to the right for positive numbers. */
export function movedPictures(
  images: Uint8Array,
  shape: readonly [number, number, number],
  down: number,
  right: number,
): Uint8Array {
  checkArguments(
    'movedPictures',
    { images: bytes, shape: pictureShape, down: integer, right: integer },
    { images, shape, down, right },
  )
  const [height, width, channels] = shape
  const result = new Uint8Array(images.length)
  const line = width * channels
  const size = height * line
  for (let start = 0; start < images.length; start += size) {
    for (let row = 0; row < height; row++) {
      const from = start + within(row - down, height) * line
      const to = start + row * line
      for (let column = 0; column < width; column++) {
        const source = from + within(column - right, width) * channels
        for (let channel = 0; channel < channels; channel++)
          result[to + column * channels + channel] = images[source + channel]!
      }
    }
  }
  return result
}

/** N pictures of H × W × C bytes, turned about their centre, counter-clockwise for positive angles; bilinear. */
export function turnedPictures(
  images: Uint8Array,
  shape: readonly [number, number, number],
  degrees: number,
): Uint8Array {
  checkArguments(
    'turnedPictures',
    { images: bytes, shape: pictureShape, degrees: number() },
    { images, shape, degrees },
  )
  const [height, width, channels] = shape
  const result = new Uint8Array(images.length)
  const size = height * width * channels
  const angle = (degrees * PI) / 180
  const [cos, sin] = [cosine(angle), sine(angle)]
  const [middleRow, middleColumn] = [(height - 1) / 2, (width - 1) / 2]
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [y, x] = [row - middleRow, column - middleColumn]
      const sourceRow = within(middleRow + y * cos + x * sin, height)
      const sourceColumn = within(middleColumn - y * sin + x * cos, width)
      const [top, left] = [floor(sourceRow), floor(sourceColumn)]
      const [bottom, right] = [within(top + 1, height), within(left + 1, width)]
      const [v, u] = [sourceRow - top, sourceColumn - left]
      const corners = [
        [top * width + left, (1 - v) * (1 - u)],
        [top * width + right, (1 - v) * u],
        [bottom * width + left, v * (1 - u)],
        [bottom * width + right, v * u],
      ] as const
      for (let start = 0; start < images.length; start += size) {
        for (let channel = 0; channel < channels; channel++) {
          let value = 0
          for (const [pixel, weight] of corners) value += weight * images[start + pixel * channels + channel]!
          result[start + (row * width + column) * channels + channel] = round(value)
        }
      }
    }
  }
  return result
}

function within(position: number, extent: number): number {
  return max(0, min(extent - 1, position))
}
