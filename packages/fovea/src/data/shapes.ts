/**
 * The built-in data set `shapes`: 32×32 colour pictures of seven plain figures and three textures, painted from a seed, so
 * that training needs no download. What a photograph does to a classifier is done here too: the object has any place, size,
 * turn and pair of colours, light on dark or dark on light, before a shaded background with clutter and noise. No colour and
 * no single position tells the class; only local form does, which a convolution can find anywhere and a dense layer must
 * learn for each place anew. A picture is a pure function of (seed, part, index).
 */

import { specOf } from '../base/preprocess-spec.ts'
import { fold, keyOf, mix, permutation, type RandomKey, uniform } from '../base/random.ts'
import { optional, parse, record, whole } from '../base/schema.ts'
import { keepsPromises } from './checked-source.ts'
import type { Dataset, LoadedDataset, Split } from './dataset.ts'
import { type Outline, outlines } from './outlines.ts'
import type { PictureSource } from './picture-source.ts'

const { abs, ceil, floor, max, min, sqrt } = Math

export interface ShapesOptions {
  /** 0 by default; recipes use the default. */
  readonly seed?: number | undefined
  /** 12,000 by default. */
  readonly train?: number | undefined
  /** 2,000 by default. */
  readonly test?: number | undefined
}

/** A million pictures are 3 GB. */
const fields = {
  seed: optional(whole(0), 0),
  train: optional(whole(0, 1e6), 12_000),
  test: optional(whole(0, 1e6), 2_000),
}

const shapesClassNames = [
  'disc',
  'ring',
  'triangle',
  'square',
  'star',
  'cross',
  'crescent',
  'stripes',
  'checks',
  'dots',
] as const

const side = 32
const pictureBytes = side * side * 3

const look = { name: 'shapes', shape: [side, side, 3] } as const
const about = { ...look, classNames: shapesClassNames, preprocess: specOf(look) } as const

type Colour = readonly [number, number, number]
/** Which of an object's two colours a point has: 0 or 1, and shares between at edges. In pixels, turned with the object. */
type Texture = (x: number, y: number) => number

/** Classes are equally frequent (within one) and in random order. @throws UserError when a count is no whole number. */
export function generateShapes(options: ShapesOptions = {}): LoadedDataset {
  const { train, test } = partsOf(options, 'generateShapes')
  return { ...about, train: painted(train), test: painted(test) }
}

/** The same pictures, a few hundred at a time: `pause` is awaited between, so that a page goes on meanwhile. */
export async function shapesInPieces(pause: () => Promise<void>): Promise<LoadedDataset> {
  const { train, test } = partsOf({}, 'shapesInPieces')
  return { ...about, train: await paintedInPieces(train, pause), test: await paintedInPieces(test, pause) }
}

/** The same pictures, each painted when it is first read: who reads only few of them need not wait for all. */
export function shapesWhenRead(options: ShapesOptions = {}): Dataset<PictureSource> {
  const { train, test } = partsOf(options, 'shapesWhenRead')
  return { ...about, train: paintedWhenRead(train), test: paintedWhenRead(test) }
}

/** A part before anything is painted: labels, and what paints picture `index` into its bytes. */
interface Part {
  readonly labels: Uint8Array
  readonly paint: (index: number, bytes: Uint8Array) => void
}

function partsOf(options: ShapesOptions, caller: string): { readonly train: Part; readonly test: Part } {
  const { seed, train, test } = parse(record(fields), options, caller)
  const key = keyOf(seed)
  return { train: partOf(fold(key, 1), train), test: partOf(fold(key, 2), test) }
}

function partOf(key: RandomKey, count: number): Part {
  const labels = permutation(fold(key, 0x1abe1), count).map(position => position % shapesClassNames.length)
  const canvas = new Float32Array(pictureBytes)
  return {
    labels: Uint8Array.from(labels),
    paint(index, bytes) {
      const pictureKey = fold(key, index)
      paint(canvas, labels[index]!, new Draws(pictureKey))
      develop(canvas, bytes, fold(pictureKey, 0x4015e))
    },
  }
}

function painted({ labels, paint }: Part): Split {
  const images = new Uint8Array(labels.length * pictureBytes)
  for (let index = 0; index < labels.length; index++) paint(index, pictureAt(images, index))
  return { images, labels, count: labels.length }
}

/** Pictures between two pauses: a few milliseconds of work. */
const piece = 100

async function paintedInPieces({ labels, paint }: Part, pause: () => Promise<void>): Promise<Split> {
  const images = new Uint8Array(labels.length * pictureBytes)
  for (let index = 0; index < labels.length; index++) {
    if (index % piece === 0) await pause()
    paint(index, pictureAt(images, index))
  }
  return { images, labels, count: labels.length }
}

function paintedWhenRead({ labels, paint }: Part): PictureSource {
  const images = new Uint8Array(labels.length * pictureBytes)
  const isPainted = new Uint8Array(labels.length)
  return keepsPromises({
    shape: about.shape,
    classNames: about.classNames,
    count: labels.length,
    labels,
    read(indices, into) {
      for (const [row, index] of indices.entries()) {
        const picture = pictureAt(images, index)
        if (isPainted[index] === 0) {
          paint(index, picture)
          isPainted[index] = 1
        }
        into.set(picture, row * pictureBytes)
      }
    },
  })
}

const pictureAt = (images: Uint8Array, index: number): Uint8Array =>
  images.subarray(index * pictureBytes, (index + 1) * pictureBytes)

/** Random numbers of one picture, one after the other. */
class Draws {
  readonly #key: RandomKey
  #index = 0

  constructor(key: RandomKey) {
    this.#key = key
  }

  between(low: number, high: number): number {
    return low + (high - low) * uniform(this.#key, this.#index++)
  }

  below(count: number): number {
    return floor(this.between(0, count))
  }

  /** A random direction as cosine and sine: a point in the disc, moved to its rim (no trigonometry, same bits everywhere). */
  direction(): [number, number] {
    for (;;) {
      const x = this.between(-1, 1)
      const y = this.between(-1, 1)
      const length = sqrt(x * x + y * y)
      if (length > 0.1 && length <= 1) return [x / length, y / length]
    }
  }

  colour(): Colour {
    return [this.between(20, 235), this.between(20, 235), this.between(20, 235)]
  }

  /** A colour that the eye tells from another one. */
  contrasting(other: Colour, distance: number): Colour {
    for (;;) {
      const candidate = this.colour()
      if (difference(candidate, other) >= distance) return candidate
    }
  }
}

/** Green weighs most and blue least, as in brightness. */
function difference(a: Colour, b: Colour): number {
  const brightness = 0.299 * (a[0] - b[0]) + 0.587 * (a[1] - b[1]) + 0.114 * (a[2] - b[2])
  const red = a[0] - b[0]
  const blue = a[2] - b[2]
  return sqrt(brightness * brightness + 0.12 * (red * red + blue * blue))
}

function paint(canvas: Float32Array, label: number, draws: Draws): void {
  const ground = draws.colour()
  shade(canvas, ground, draws)
  for (let piece = 2 + draws.below(4); piece > 0; piece--) clutter(canvas, draws)
  const name = shapesClassNames[label]!
  if (name === 'stripes' || name === 'checks' || name === 'dots') {
    const colour = draws.contrasting(ground, 25)
    const radius = draws.between(9, 14)
    const patch = [outlines.disc, outlines.square, outlines.triangle][draws.below(3)]!
    const grown = patch === outlines.triangle ? 1.25 : 1
    stamp(canvas, patch, radius * grown, [colour, draws.contrasting(colour, 75)], texture(name, draws), draws)
  } else {
    const radius = name === 'star' ? draws.between(8, 14) : draws.between(6.5, 12.5)
    const colour = draws.contrasting(ground, 60)
    stamp(canvas, outlines[name], radius, [colour, colour], () => 0, draws)
  }
}

/** A background that runs from its colour to a similar one in a random direction. */
function shade(canvas: Float32Array, ground: Colour, draws: Draws): void {
  const [red, green, blue] = [draws.between(-45, 45), draws.between(-45, 45), draws.between(-45, 45)]
  const [cosine, sine] = draws.direction()
  for (let y = 0, at = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const share = 0.5 + ((x - 15.5) * cosine + (y - 15.5) * sine) / 44
      canvas[at++] = ground[0] + share * red
      canvas[at++] = ground[1] + share * green
      canvas[at++] = ground[2] + share * blue
    }
}

/** A short bar or a small blot of any colour, half see-through. */
function clutter(canvas: Float32Array, draws: Draws): void {
  const length = draws.between(0, 4.5)
  const width = draws.between(0.6, 1.6)
  const bar: Outline = (x, y) => {
    const beyond = max(0, abs(x) - length)
    return sqrt(beyond * beyond + y * y) - width
  }
  const centre: [number, number] = [draws.between(0, side), draws.between(0, side)]
  blend(canvas, bar, centre, draws.direction(), [1, 1], length + width, [draws.colour(), draws.colour()], () => 0, 0.75)
}

/** The object: anywhere that keeps most of it in the picture, turned, a little wider or narrower than high. */
function stamp(
  canvas: Float32Array,
  outline: Outline,
  radius: number,
  colours: readonly [Colour, Colour],
  texture: Texture,
  draws: Draws,
): void {
  const stretch = draws.between(0.85, 1.15)
  const margin = 0.8 * radius
  const centre: [number, number] = [draws.between(margin, side - margin), draws.between(margin, side - margin)]
  blend(canvas, outline, centre, draws.direction(), [radius * stretch, radius / stretch], 1, colours, texture, 1)
}

/** Lays a figure over the canvas. `scale`: pixels per unit of the outline along its own axes; `reach`: its extent in units. */
function blend(
  canvas: Float32Array,
  outline: Outline,
  centre: readonly [number, number],
  turn: readonly [number, number],
  scale: readonly [number, number],
  reach: number,
  colours: readonly [Colour, Colour],
  texture: Texture,
  opacity: number,
): void {
  const extent = max(scale[0], scale[1]) * reach * 1.2 + 1
  const pixels = min(scale[0], scale[1])
  const rowEnd = min(side, ceil(centre[1] + extent))
  const columnEnd = min(side, ceil(centre[0] + extent))
  for (let row = max(0, floor(centre[1] - extent)); row < rowEnd; row++)
    for (let column = max(0, floor(centre[0] - extent)); column < columnEnd; column++) {
      const dx = column + 0.5 - centre[0]
      const dy = row + 0.5 - centre[1]
      const x = dx * turn[0] + dy * turn[1]
      const y = dy * turn[0] - dx * turn[1]
      const cover = opacity * clamp01(0.5 - pixels * outline(x / scale[0], y / scale[1]))
      if (cover <= 0) continue
      const second = texture(x, y)
      const at = (row * side + column) * 3
      for (let channel = 0; channel < 3; channel++) {
        const colour = colours[0][channel]! + second * (colours[1][channel]! - colours[0][channel]!)
        canvas[at + channel] = canvas[at + channel]! + cover * (colour - canvas[at + channel]!)
      }
    }
}

/** Distances in pixels; edges are one pixel soft. */
function texture(name: 'stripes' | 'checks' | 'dots', draws: Draws): Texture {
  const period = name === 'stripes' ? draws.between(4, 6.5) : draws.between(5.5, 8)
  const [startX, startY] = [draws.between(0, period), draws.between(0, period)]
  // Distance from the middle of the period, 0 … period / 2, minus a quarter: negative in one half, positive in the other.
  const wave = (at: number) => abs(at - period * floor(at / period) - period / 2) - period / 4
  if (name === 'stripes') return x => clamp01(0.5 + wave(x + startX))
  if (name === 'checks') {
    return (x, y) => {
      const a = clamp01(0.5 + wave(x + startX))
      const b = clamp01(0.5 + wave(y + startY))
      return a + b - 2 * a * b
    }
  }
  const radius = 0.29 * period
  return (x, y) => {
    const dx = wave(x + startX) + period / 4
    const dy = wave(y + startY) + period / 4
    return clamp01(0.5 + radius - sqrt(dx * dx + dy * dy))
  }
}

function clamp01(value: number): number {
  return max(0, min(1, value))
}

/** Adds noise of a strength of its own to each picture and rounds to bytes. */
function develop(canvas: Float32Array, bytes: Uint8Array, key: RandomKey): void {
  const strength = 4 + 14 * uniform(key, 0)
  for (let at = 0; at < pictureBytes; at++) {
    // Four bytes of a random word make a bell-shaped number of variance 1.
    const bits = mix(key[0] ^ mix(key[1] + at))
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24)
    const value = canvas[at]! + (strength * (sum - 510)) / 147.8
    bytes[at] = value < 0 ? 0 : value > 254.5 ? 255 : value + 0.5
  }
}
