/**
 * Picture files: PNG (any bit depth, palette, alpha, interlaced) and JPEG (turned upright by its Exif data) to bytes, and
 * bytes to PNG. The kind is told from the first bytes, not from the name.
 */
import path from 'node:path'
import jpeg from 'jpeg-js'
import { UserError } from '../../base/errors.ts'
import type { Picture } from '../../base/picture.ts'
import { exifOrientation, orient } from '../../preprocess/orient.ts'
import { pictureFrom } from '../../preprocess/picture.ts'
import { nodeFiles } from './files.ts'
import { decodePng, encodePng, pngSignature } from './png.ts'
import { readRegular } from './regular-file.ts'

/** Larger pictures are refused before they are unpacked: 100 megapixels. */
const mostPixels = 100e6

/** @throws UserError: no such file, another format, damaged, too large. */
export async function readPicture(file: string): Promise<Picture> {
  return decodePicture(await readRegular(file, 'picture'), file)
}

/** `name` is used in errors. @throws UserError: another format, damaged, too large. */
export function decodePicture(bytes: Uint8Array, name: string): Picture {
  const kind = kindOf(bytes)
  if (kind !== 'PNG' && kind !== 'JPEG')
    throw new UserError({
      what: `${name} is no picture that can be read.`,
      expected: 'PNG or JPEG',
      received: bytes.length === 0 ? 'an empty file' : (kind ?? 'an unknown format'),
      fix: 'Save it as PNG or JPEG.',
    })
  try {
    if (kind === 'JPEG') return readJpeg(bytes, name)
    return decodePng(bytes, (width, height) => checkSize(width, height, name))
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError({
      what: `${name} is a damaged ${kind} file.`,
      received: error instanceof Error ? error.message : String(error),
      fix: 'Save it again.',
    })
  }
}

/** Writes a PNG, and makes the folders above it. */
export async function writePng(file: string, picture: Picture): Promise<void> {
  await nodeFiles.write(file, encodePng(picture))
}

const signatures: readonly (readonly [string, readonly number[], number])[] = [
  ['PNG', pngSignature, 0],
  ['JPEG', [0xff, 0xd8, 0xff], 0],
  ['GIF', [0x47, 0x49, 0x46, 0x38], 0],
  ['BMP', [0x42, 0x4d], 0],
  ['WebP', [0x57, 0x45, 0x42, 0x50], 8],
  ['TIFF', [0x49, 0x49, 0x2a, 0x00], 0],
  ['TIFF', [0x4d, 0x4d, 0x00, 0x2a], 0],
  ['HEIC or AVIF', [0x66, 0x74, 0x79, 0x70], 4],
  ['PDF', [0x25, 0x50, 0x44, 0x46], 0],
]

function kindOf(bytes: Uint8Array): string | undefined {
  return signatures.find(([, mark, offset]) => mark.every((byte, at) => bytes[offset + at] === byte))?.[0]
}

function readJpeg(bytes: Uint8Array, name: string): Picture {
  const { width, height, data } = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: mostPixels / 1e6,
    maxMemoryUsageInMB: 4096,
  })
  checkSize(width, height, name)
  return orient(pictureFrom(width, height, 3, data), exifOrientation(bytes))
}

function checkSize(width: number, height: number, name: string): void {
  if (width * height > mostPixels)
    throw new UserError({
      what: `${path.basename(name)} is too large.`,
      expected: `at most ${mostPixels / 1e6} megapixels`,
      received: `${width}×${height}`,
      fix: 'Make it smaller: models take far smaller pictures anyway.',
    })
}
