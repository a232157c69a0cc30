/**
 * Pictures in rows and columns as one image, which is encoded and drawn much faster than many, and takes fewer bytes. In: pictures of
 * one size. Out: the image, and where each picture lies. The room between them is in the image too, and a clip leaves it out; every
 * picture begins at a multiple of 8 pixels and the room repeats its border, so blocks of JPEG do not mix two.
 */
import type { Picture } from 'fovea/internal/base/picture'
import type { DrawingTools } from './figure.ts'
import { image, svgElement } from './svg.ts'

export interface SheetOptions {
  /** Of its figure: names the clip, once in a page. */
  readonly name: string
  readonly columns: number
  /** Width of a column, a ninth of it or more left free. */
  readonly cell: number
  /** Room over each picture. */
  readonly above: number
  readonly tools: DrawingTools
}

export interface SheetPlace {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface PictureSheet {
  readonly width: number
  readonly height: number
  readonly svg: string
  place(index: number): SheetPlace
}

/** Smaller pictures are enlarged in the image by a whole factor, so that the multiples of 8 leave them little room. */
const smallSide = 32
/** Under each picture, at least. */
const below = 10

/** At least one picture, all of one size. */
export function pictureSheet(
  given: readonly Picture[],
  { name, columns: most, cell, above, tools }: SheetOptions,
): PictureSheet {
  const pictures = given.map(enlarged)
  const { width, height } = pictures[0]!
  const columns = Math.min(most, pictures.length)
  const rows = Math.ceil(pictures.length / columns)
  const across = eights(1.125 * Math.max(width, height))
  const scale = cell / across
  const down = eights(height + (above + below) / scale)
  const left = (cell - width * scale) / 2
  const place = (index: number): SheetPlace => ({
    x: left + (index % columns) * cell,
    y: above + Math.floor(index / columns) * down * scale,
    width: width * scale,
    height: height * scale,
  })
  const joined = joinedPictures(pictures, columns, across, down)
  const places = pictures.map((_, index) => place(index))
  const clip = places.map(each => svgElement('rect', { ...each })).join('')
  const drawn = image(tools.pictureUrl(joined, 'small'), left, above, joined.width * scale, joined.height * scale)
  return {
    width: columns * cell,
    height: rows * down * scale,
    svg: `${svgElement('clipPath', { id: `clip-${name}` }, clip)}${svgElement('g', { 'clip-path': `url(#clip-${name})` }, drawn)}`,
    place,
  }
}

/** All pictures with their right and lower borders repeated up to the next ones, so that no neighbour shines through at an edge. */
export function joinedPictures(pictures: readonly Picture[], columns: number, across: number, down: number): Picture {
  const [{ width, height, channels }] = pictures as readonly [Picture]
  const rows = Math.ceil(pictures.length / columns)
  const [wholeWidth, wholeHeight] = [(columns - 1) * across + width, (rows - 1) * down + height]
  const data = new Uint8Array(wholeWidth * wholeHeight * channels)
  for (let y = 0; y < wholeHeight; y++) {
    for (let x = 0; x < wholeWidth; x++) {
      const picture = pictures[Math.floor(y / down) * columns + Math.floor(x / across)]
      if (!picture) continue
      const from = (Math.min(y % down, height - 1) * width + Math.min(x % across, width - 1)) * channels
      const to = (y * wholeWidth + x) * channels
      for (let channel = 0; channel < channels; channel++) data[to + channel] = picture.data[from + channel]!
    }
  }
  return { width: wholeWidth, height: wholeHeight, channels, data }
}

function enlarged(picture: Picture): Picture {
  const factor = Math.max(1, Math.floor(smallSide / Math.max(picture.width, picture.height)))
  if (factor === 1) return picture
  const { channels, data } = picture
  const [width, height] = [picture.width * factor, picture.height * factor]
  const result = new Uint8Array(width * height * channels)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = Math.floor(Math.floor(pixel / width) / factor) * picture.width + Math.floor((pixel % width) / factor)
    result.set(data.subarray(from * channels, (from + 1) * channels), pixel * channels)
  }
  return { width, height, channels, data: result }
}

/** Blocks of JPEG are 8 pixels long. */
export function eights(extent: number): number {
  return 8 * Math.ceil(extent / 8)
}
