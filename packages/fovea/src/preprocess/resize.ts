/**
 * Bilinear resizing with half-pixel centres. When shrinking, the triangle is widened by the factor, so every pixel of the
 * source counts and fine detail does not alias (as Pillow's and tf.image.resize's antialiased bilinear filter do).
 */
import type { Picture } from '../base/picture.ts'
import { cut } from './picture.ts'

const { abs, ceil, floor, max, min, round } = Math

interface Taps {
  /** First source index of each output. */
  readonly first: Int32Array
  /** Where its weights begin; they sum to 1. */
  readonly offset: Int32Array
  readonly weights: Float64Array
}

/** Both axes on their own. Takes pictures without alpha. */
export function stretch(picture: Picture, width: number, height: number): Picture {
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
export function cover(picture: Picture, width: number, height: number): Picture {
  const scale = max(width / picture.width, height / picture.height)
  const cutWidth = min(picture.width, round(width / scale))
  const cutHeight = min(picture.height, round(height / scale))
  const left = floor((picture.width - cutWidth) / 2)
  const top = floor((picture.height - cutHeight) / 2)
  return stretch(cut(picture, left, top, cutWidth, cutHeight), width, height)
}

/** The whole picture as large as it fits, in the middle of black. */
export function contain(picture: Picture, width: number, height: number): Picture {
  const scale = min(width / picture.width, height / picture.height)
  const fitWidth = max(1, min(width, round(picture.width * scale)))
  const fitHeight = max(1, min(height, round(picture.height * scale)))
  const fitted = stretch(picture, fitWidth, fitHeight)
  return cut(fitted, -floor((width - fitWidth) / 2), -floor((height - fitHeight) / 2), width, height)
}

function taps(from: number, to: number): Taps {
  const scale = from / to
  const reach = max(1, scale)
  const first = new Int32Array(to)
  const offset = new Int32Array(to + 1)
  const weights: number[] = []
  for (let index = 0; index < to; index++) {
    const centre = (index + 0.5) * scale
    const begin = max(0, floor(centre - reach))
    const end = min(from, ceil(centre + reach))
    const raw: number[] = []
    for (let source = begin; source < end; source++) raw.push(max(0, 1 - abs(source + 0.5 - centre) / reach))
    const total = raw.reduce((sum, weight) => sum + weight, 0)
    first[index] = begin
    for (const weight of raw) weights.push(weight / total)
    offset[index + 1] = weights.length
  }
  return { first, offset, weights: Float64Array.from(weights) }
}
