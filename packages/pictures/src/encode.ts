/** From pixels to the bytes of a picture file, by libvips (sharp), on its threads and not on the caller's. */

import type { Picture } from 'fovea'
import type { Sharp } from 'sharp'

/** Of 100. Tiles of a sheet stay recognisable enlarged. */
const jpegQuality = 85

/** Without loss: 8 bits a channel, grey where the picture is grey. */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  const encoder = await opened(picture)
  return encoder.png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer()
}

/** Of three channels. Colours are kept in every pixel: pictures are small, and are looked at enlarged. */
export async function encodeJpeg(picture: Picture): Promise<Uint8Array> {
  const encoder = await opened(picture)
  return encoder.jpeg({ quality: jpegQuality, chromaSubsampling: '4:4:4' }).toBuffer()
}

async function opened({ width, height, channels, data }: Picture): Promise<Sharp> {
  // Loaded with the first picture: it takes longer than all of a command's start.
  const { default: sharp } = await import('sharp')
  const pixels = sharp(data, { raw: { width, height, channels } })
  return channels < 3 ? pixels.toColourspace('b-w') : pixels
}
