/**
 * Picture files: PNG (any bit depth, palette, alpha, interlaced) and JPEG (any colour space), turned upright by their Exif data, to
 * bytes, and bytes to PNG. The kind is told from the first bytes, not from the name.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { UserError } from '../../base/errors.ts'
import type { Picture } from '../../base/picture.ts'
import { nodeFiles } from './files.ts'
import { decodeJpeg } from './jpeg.ts'
import { UnsupportedJpeg } from './jpeg-frame.ts'
import { decodePng, encodePng, pngSignature } from './png.ts'

/** Larger pictures are refused before they are unpacked: 100 megapixels. */
const mostPixels = 100e6

/** @throws UserError: no such file, another format, damaged, too large. */
export async function readPicture(file: string): Promise<Picture> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    throw new UserError({
      what: `The picture ${file} cannot be read.`,
      received: code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a folder' : message,
      fix: 'Check the path.',
    })
  }
  return decodePicture(bytes, file)
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
  const decode = kind === 'JPEG' ? decodeJpeg : decodePng
  try {
    return decode(bytes, (width, height) => checkSize(width, height, name))
  } catch (error) {
    if (error instanceof UserError) throw error
    if (error instanceof UnsupportedJpeg)
      throw new UserError({
        what: `${name} is a JPEG file of a kind that cannot be read.`,
        expected: 'baseline, extended or progressive JPEG with 8 bits a channel',
        received: error.message,
        fix: 'Save it again as an ordinary JPEG, or as PNG.',
      })
    if (error instanceof RangeError)
      throw new UserError({ what: `${name} needs more memory than there is.`, fix: 'Make it smaller.' })
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

function checkSize(width: number, height: number, name: string): void {
  if (width * height > mostPixels)
    throw new UserError({
      what: `${path.basename(name)} is too large.`,
      expected: `at most ${mostPixels / 1e6} megapixels`,
      received: `${width}×${height}`,
      fix: 'Make it smaller: models take far smaller pictures anyway.',
    })
}
