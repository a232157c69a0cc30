/**
 * From the bytes of a picture file to its pixels, by libvips (sharp), on its threads and not on the caller's. Upright as its Exif data
 * say, colours as its profile means them (sRGB), 16 bits as their upper eight, of an animation the first picture. Grey stays grey,
 * and what is transparent stays so. In: bytes of a format that is read. Out: a picture, or the error of libvips.
 */

import type { Picture } from 'fovea'
import type { Metadata, Sharp } from 'sharp'
import { jpegFrame } from './jpeg-frame.ts'
import { pngFrame } from './png-frame.ts'

/** `checkSize` may throw before anything is unpacked. */
export async function decode(bytes: Uint8Array, checkSize: (width: number, height: number) => void): Promise<Picture> {
  // Loaded with the first picture: it takes longer than all of a command's start.
  const { default: sharp } = await import('sharp')
  // A limit of libvips would be told without the size.
  const usual = usualPicture(bytes)
  // Looking for how it is turned takes a twentieth of the time.
  const autoOrient = usual?.isTurnable ?? true
  const opened = (failOn: 'warning' | 'error') => sharp(bytes, { limitInputPixels: false, autoOrient, failOn })
  const about: About = usual ?? (await opened('error').metadata())
  checkSize(about.width, about.height)
  const pixelsOf = (file: Sharp) => inColours(file, about).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  const { data, info } = await pixelsOf(opened('warning')).catch((error: Error) => {
    if (harmless.test(error.message)) return pixelsOf(opened('error'))
    throw error
  })
  const { width, height } = info
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length)
  if (isPlainCmyk(about)) return { width, height, channels: 3, data: fromCmyk(pixels) }
  // libvips itself makes grey of 16 bits another way than colours.
  if (isGrey(about)) return { width, height, ...firstOfThree(pixels, info.channels) }
  return { width, height, channels: info.channels as Picture['channels'], data: pixels }
}

type About = Pick<Metadata, 'width' | 'height'> & Partial<Pick<Metadata, 'space' | 'hasProfile'>>

interface Usual extends About {
  readonly isTurnable: boolean
}

/** The usual picture, of which libvips needs not be asked: a JPEG of colours, a PNG of plain pixels. */
function usualPicture(bytes: Uint8Array): Usual | undefined {
  if (bytes[0] === 0x89) {
    const frame = pngFrame(bytes)
    return frame && { ...frame, isTurnable: false }
  }
  const frame = bytes[0] === 0xff && bytes[1] === 0xd8 ? jpegFrame(bytes) : undefined
  return frame?.components === 3 && frame.width > 0 && frame.height > 0 ? frame : undefined
}

/** Warnings of libjpeg about files that every viewer shows whole; all others say that a part of the picture is lost. */
const harmless =
  /extraneous bytes before marker|Unknown Adobe color transform|unknown JFIF revision|bad ICC marker|Invalid SOS parameters/i

const inColours = (file: Sharp, about: About): Sharp =>
  isPlainCmyk(about) ? file.pipelineColourspace('cmyk').toColourspace('cmyk') : file.toColourspace('srgb')

const isGrey = ({ space }: About): boolean => space === 'b-w' || space === 'grey16'
/** Without a profile that says what its inks look like. */
const isPlainCmyk = ({ space, hasProfile }: About): boolean => space === 'cmyk' && !hasProfile

/** (1 − ink) · (1 − black), as browsers and Pillow have it. */
function fromCmyk(inks: Uint8Array): Uint8Array {
  const colours = new Uint8Array((inks.length / 4) * 3)
  for (let from = 0, to = 0; from < inks.length; from += 4) {
    const light = 255 - inks[from + 3]!
    for (let ink = 0; ink < 3; ink++) colours[to++] = Math.round(((255 - inks[from + ink]!) * light) / 255)
  }
  return colours
}

/** Three equal channels as one; a fourth, alpha, as the second. */
function firstOfThree(pixels: Uint8Array, channels: number): Pick<Picture, 'channels' | 'data'> {
  const count = pixels.length / channels
  const kept = channels === 4 ? 2 : 1
  const data = new Uint8Array(count * kept)
  for (let pixel = 0; pixel < count; pixel++) {
    data[pixel * kept] = pixels[pixel * channels]!
    if (kept === 2) data[pixel * kept + 1] = pixels[pixel * channels + 3]!
  }
  return { channels: kept, data }
}
