/**
 * What a picture looks like, in 288 bytes, for the search for near duplicates. In: the pixels of a picture. Out: its brightness
 * (Rec. 601) in 16×16 cells, then its two colour differences in 4×4. A cell is a mean over so many pixels that JPEG and resizing hardly
 * change it. Cells are cut alike from both sides: the signature of a mirror image is the mirrored signature.
 */

import type { Picture, PictureShape } from 'fovea'
import type { PreprocessSpec } from 'fovea/internal/base/preprocess-spec'
import { cut } from 'fovea/internal/preprocess/picture'
import { placeInBars } from 'fovea/internal/preprocess/resize'

/** Cells of brightness in a row and in a column. */
export const greyCells = 16
/** The same for each colour difference. */
export const colourCells = 4
/** Cells of brightness in one of colour, in a row and in a column. */
const coarser = greyCells / colourCells
const grey = greyCells ** 2
const colour = colourCells ** 2
/** Bytes of a signature. */
export const signatureBytes = grey + 2 * colour

/**
 * The signature of a picture of this shape: height, width, and as channels grey or red, green, blue, with or without alpha. Bars around a
 * picture would be compared like the rest of it: `withoutBars` leaves them out.
 */
export function signatureOf(pixels: Uint8Array, shape: PictureShape): Uint8Array {
  const means = cellMeans(pixels, shape)
  const signature = new Uint8Array(signatureBytes)
  const colours = new Float64Array(2 * colour)
  for (let cell = 0; cell < grey; cell++) {
    const [red, blue] = [means[3 * cell]!, means[3 * cell + 2]!]
    const light = 0.299 * red + 0.587 * means[3 * cell + 1]! + 0.114 * blue
    signature[cell] = Math.round(light)
    const row = Math.floor(cell / greyCells / coarser)
    const at = row * colourCells + Math.floor((cell % greyCells) / coarser)
    colours[at]! += 0.564 * (blue - light)
    colours[colour + at]! += 0.713 * (red - light)
  }
  for (let at = 0; at < 2 * colour; at++) signature[grey + at] = Math.round(128 + colours[at]! / coarser ** 2)
  return signature
}

/** Red, green and blue of every cell; where a side does not divide, neighbours share the pixels between them. */
function cellMeans(pixels: Uint8Array, [height, width, channels]: PictureShape): Float64Array {
  const means = new Float64Array(3 * grey)
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2]
  for (let row = 0; row < greyCells; row++) {
    const [top, bottom] = edges(row, height)
    for (let column = 0; column < greyCells; column++) {
      const [left, right] = edges(column, width)
      let [reds, greens, blues] = [0, 0, 0]
      for (let y = top; y < bottom; y++)
        for (let at = (y * width + left) * channels, end = (y * width + right) * channels; at < end; at += channels) {
          reds += pixels[at]!
          greens += pixels[at + green]!
          blues += pixels[at + blue]!
        }
      const count = (bottom - top) * (right - left)
      means.set([reds / count, greens / count, blues / count], 3 * (row * greyCells + column))
    }
  }
  return means
}

const edges = (cell: number, extent: number): [begin: number, end: number] => [
  Math.floor((cell * extent) / greyCells),
  Math.ceil(((cell + 1) * extent) / greyCells),
]

/** What shows the picture in what a specification made of it: everything, but for the bars of `contain`. */
export function withoutBars(
  pixels: Uint8Array,
  { shape, resize, pad = 0 }: PreprocessSpec,
  original: Pick<Picture, 'width' | 'height'>,
): [pixels: Uint8Array, shape: PictureShape] {
  if (resize !== 'contain') return [pixels, shape]
  const [height, width, channels] = shape
  const place = placeInBars(original, width - 2 * pad, height - 2 * pad)
  const made = { width, height, channels: channels as Picture['channels'], data: pixels }
  const shown = cut(made, place.left + pad, place.top + pad, place.width, place.height)
  return [shown.data, [shown.height, shown.width, channels]]
}
