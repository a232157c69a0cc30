/**
 * Picture files: PNG (any bit depth, palette, alpha, interlaced) and JPEG (any colour space), turned upright by their Exif data, to
 * bytes, and bytes to PNG. The kind is told from the first bytes, not from the name.
 */

import path from 'node:path'
import { checkArguments, path as filePath, picture as pictureValue } from 'fovea/internal/base/arguments'
import { UserError } from 'fovea/internal/base/errors'
import type { Picture } from 'fovea/internal/base/picture'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { readRegular } from 'fovea/internal/host/node/regular-file'
import { reasonOf, SystemRefusal } from 'fovea/internal/host/node/system-errors'
import { foreignFile } from 'fovea/internal/store/file-kind'
import { decodeJpeg } from './jpeg/jpeg.ts'
import { UnsupportedJpeg } from './jpeg/jpeg-frame.ts'
import { decodePng, encodePng } from './png/png.ts'

/** Larger pictures are refused before they are unpacked: 100 megapixels. */
const mostPixels = 100e6

/** A PNG or JPEG file as a picture. Throws UserError: no such file, another format, damaged, too large. */
export async function readPicture(file: string): Promise<Picture> {
  checkArguments('readPicture', { file: filePath }, { file })
  return decodePicture(await readRegular(file, 'picture'), file)
}

/** `name` is used in errors. @throws UserError: another format, damaged, too large. */
export function decodePicture(bytes: Uint8Array, name: string): Picture {
  const kind = kindOf(bytes)
  if (kind !== 'PNG' && kind !== 'JPEG') throw foreign(bytes, kind, name)
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
    if (reasonOf(error) !== undefined)
      throw new SystemRefusal({ what: `${name} needs more memory than there is.`, fix: 'Make it smaller.' })
    throw new UserError({
      what: `${name} is a damaged ${kind} file.`,
      received: error instanceof Error ? error.message : String(error),
      fix: 'Save it again.',
    })
  }
}

function foreign(bytes: Uint8Array, kind: string | undefined, name: string): UserError {
  const other = foreignFile(bytes)
  const unknown = other && other.holds !== 'always' ? `an unknown format: ${other.name}` : other?.name
  return new UserError({
    what: `${name} is not a picture that can be read.`,
    expected: 'PNG or JPEG',
    received: kind ?? unknown ?? 'an unknown format',
    fix: other?.holds === 'always' ? other.fix : kind === zip ? 'Unpack it first.' : 'Save it as PNG or JPEG.',
  })
}

/** Writes a PNG, and makes the folders above it. */
export async function writePng(file: string, picture: Picture): Promise<void> {
  checkArguments('writePng', { file: filePath, picture: pictureValue }, { file, picture })
  await nodeFiles.write(file, encodePng(picture))
}

const zip = 'a ZIP archive'
const lfsPointer = 'a pointer of Git LFS, not the file itself'

/** The first bytes of a format, as text of one byte a character; `*` is any byte. */
const signatures: readonly (readonly [string, string])[] = [
  ['PNG', '\x89PNG\r\n\x1a\n'],
  ['JPEG', '\xff\xd8\xff'],
  ['GIF', 'GIF8'],
  ['BMP', 'BM'],
  ['WebP', 'RIFF****WEBP'],
  ['TIFF', 'II*\0'],
  ['TIFF', 'MM\0*'],
  ['AVIF', '****ftypavi'],
  ['HEIC', '****ftyphe'],
  ['HEIC or AVIF', '****ftypmi'],
  ['HEIC or AVIF', '****ftypms'],
  ['a video', '****ftyp'],
  ['JPEG XL', '\xff\x0a'],
  ['JPEG XL', '\0\0\0\x0cJXL '],
  ['JPEG 2000', '\0\0\0\x0cjP  '],
  ['JPEG 2000', '\xff\x4f\xff\x51'],
  ['an icon (ICO)', '\0\0\x01\0'],
  ['Photoshop (PSD)', '8BPS'],
  ['PDF', '%PDF'],
  [zip, 'PK\x03\x04'],
  [lfsPointer, 'version https://git-lfs'],
]

function kindOf(bytes: Uint8Array): string | undefined {
  const matches = (mark: string): boolean =>
    [...mark].every((character, at) => character === '*' || bytes[at] === character.charCodeAt(0))
  return signatures.find(([, mark]) => matches(mark))?.[0] ?? textKind(bytes)
}

function textKind(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes.subarray(0, 1000)).toLowerCase().trimStart()
  if (!text.startsWith('<') || foreignFile(bytes)?.holds === 'always') return undefined
  return text.includes('<svg') ? 'SVG' : /<html|<head|<body/.test(text) ? 'a web page' : 'XML'
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
