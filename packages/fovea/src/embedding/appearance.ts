/**
 * How a picture looks, without any network: its colours and its texture as shares of pixels. Such numbers have seen no label, so they still
 * tell whom a picture resembles where a network has learned its wrong label by heart. Histograms go in as square roots, whose distance
 * (Hellinger's) weighs rare colours and frequent ones alike. Texture: Ojala's uniform local binary patterns, at two radii.
 */
import type { Picture } from '../base/picture.ts'

const levels = 16
/** Patterns of eight neighbours with at most two changes around the circle have a place each, all others share one. */
const patternPlace = uniformPatterns()
const patterns = 59
/** A neighbour counts as lighter from so many levels on. */
const noise = 2.5

/** Numbers of one picture: four histograms of its pixels, texture at radius 1 and 2. */
export const appearanceSize = 4 * levels + 2 * patterns

export function appearance(picture: Picture): Float32Array {
  const shares = [...colours(picture), ...texture(picture, 1), ...texture(picture, 2)]
  return Float32Array.from(shares, share => Math.sqrt(share))
}

/** Of each pixel: its largest channel; how far the least lies below that; how much of its light is red, and how much blue. */
function colours({ data, width, height, channels }: Picture): Float64Array {
  const counts = new Float64Array(4 * levels)
  const pixels = width * height
  for (let at = 0; at < pixels * channels; at += channels) {
    const r = data[at]!
    const [g, b] = channels < 3 ? [r, r] : [data[at + 1]!, data[at + 2]!]
    const largest = Math.max(r, g, b)
    const sum = r + g + b + 13
    // Shares of red and blue lie around a third; three times as far from it they fill the levels.
    const values = [
      largest / 255,
      (largest - Math.min(r, g, b)) / (largest + 1),
      3 * (r / sum) - 0.5,
      3 * (b / sum) - 0.5,
    ]
    for (let kind = 0; kind < 4; kind++) {
      const place = kind * levels + Math.max(0, Math.min(levels - 1, Math.floor(values[kind]! * levels)))
      counts[place] = counts[place]! + 1
    }
  }
  return counts.map(count => count / pixels)
}

/** The eight neighbours at this radius, around the circle. */
const around = [
  [-1, -1],
  [-1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
  [1, 0],
  [1, -1],
  [0, -1],
] as const

function texture(picture: Picture, radius: number): Float64Array {
  const { width, height } = picture
  const grey = greyOf(picture)
  const counts = new Float64Array(patterns)
  const neighbours = around.map(([down, right]) => (down * width + right) * radius)
  for (let y = radius; y < height - radius; y++) {
    for (let x = radius; x < width - radius; x++) {
      const at = y * width + x
      const least = grey[at]! + noise
      let bits = 0
      for (let turn = 0; turn < 8; turn++) if (grey[at + neighbours[turn]!]! > least) bits |= 1 << turn
      counts[patternPlace[bits]!] = counts[patternPlace[bits]!]! + 1
    }
  }
  const pixels = Math.max(1, (width - 2 * radius) * (height - 2 * radius))
  return counts.map(count => count / pixels)
}

function greyOf({ data, width, height, channels }: Picture): Float32Array {
  const shown = channels < 3 ? 1 : 3
  const grey = new Float32Array(width * height)
  for (let pixel = 0; pixel < grey.length; pixel++) {
    for (let channel = 0; channel < shown; channel++)
      grey[pixel] = grey[pixel]! + data[pixel * channels + channel]! / shown
  }
  return grey
}

function uniformPatterns(): Uint8Array {
  const places = new Uint8Array(256).fill(58)
  let next = 0
  for (let bits = 0; bits < 256; bits++) {
    const turned = ((bits << 1) | (bits >> 7)) & 255
    let changes = 0
    for (let turn = 0; turn < 8; turn++) changes += ((bits ^ turned) >> turn) & 1
    if (changes <= 2) places[bits] = next++
  }
  return places
}
