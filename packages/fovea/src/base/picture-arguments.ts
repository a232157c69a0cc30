/** What functions are handed of pictures: pixels, and whole pictures in memory (arguments.ts). */
import { type PictureLike, pictureOfPixels, pixelBytes } from './picture.ts'
import { type Schema, that } from './schema.ts'

/** Of pixels: also those of a canvas. */
export const pixels: Schema<Uint8Array | Uint8ClampedArray> = that(
  'bytes (a Uint8Array)',
  value => pixelBytes(value) !== undefined,
)

/** Its pixels are read by `pictureFromPixels`. */
export const picture: Schema<PictureLike> = that(
  'a picture {width, height, channels, data} of width · height · channels bytes',
  value => pictureOfPixels(value) !== undefined,
)
