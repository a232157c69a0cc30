/**
 * From the bytes of a picture file to its pixels, by libvips (sharp), on its threads and not on the caller's. Upright as its Exif data
 * say, colours as its profile means them (sRGB), 16 bits as their upper eight, of an animation the first picture. Grey stays grey,
 * and what is transparent stays so. In: bytes of a format that is read. Out: a picture, or the error of libvips.
 */

import type { Picture } from 'fovea/internal/base/picture'
import type { Metadata, Sharp } from 'sharp'

/** `checkSize` may throw before anything is unpacked. */
export async function decode(bytes: Uint8Array, checkSize: (width: number, height: number) => void): Promise<Picture> {
  // Loaded with the first picture: it takes longer than all of a command's start.
  const { default: sharp } = await import('sharp')
  // A limit of its own would be told without the size.
  const file = sharp(bytes, { limitInputPixels: false, autoOrient: true, failOn: 'warning' })
  const about = await file.metadata()
  checkSize(about.width, about.height)
  const { data, info } = await inColours(file, about).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  const stored = { width: info.width, height: info.height, channels: info.channels as Picture['channels'] }
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length)
  if (isPlainCmyk(about)) return { ...stored, channels: 3, data: fromCmyk(pixels) }
  if (isGrey(about) && stored.channels === 4) return { ...stored, channels: 2, data: greyWithAlpha(pixels) }
  return { ...stored, data: pixels }
}

function inColours(file: Sharp, about: Metadata): Sharp {
  if (isPlainCmyk(about)) return file.pipelineColourspace('cmyk').toColourspace('cmyk')
  // Of a grey picture with alpha, libvips would give the grey alone.
  return file.toColourspace(isGrey(about) && !about.hasAlpha ? 'b-w' : 'srgb')
}

const isGrey = ({ space }: Metadata): boolean => space === 'b-w' || space === 'grey16'
/** Without a profile that says what its inks look like. */
const isPlainCmyk = ({ space, hasProfile }: Metadata): boolean => space === 'cmyk' && !hasProfile

/** (1 − ink) · (1 − black), as browsers and Pillow have it. */
function fromCmyk(inks: Uint8Array): Uint8Array {
  const colours = new Uint8Array((inks.length / 4) * 3)
  for (let from = 0, to = 0; from < inks.length; from += 4) {
    const light = 255 - inks[from + 3]!
    for (let ink = 0; ink < 3; ink++) colours[to++] = Math.round(((255 - inks[from + ink]!) * light) / 255)
  }
  return colours
}

function greyWithAlpha(rgba: Uint8Array): Uint8Array {
  const result = new Uint8Array(rgba.length / 2)
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    result[to++] = rgba[from]!
    result[to++] = rgba[from + 3]!
  }
  return result
}
