/**
 * Picture files: every kind that is read, to bytes, and bytes to PNG. The kind is told from the first bytes, not from the name.
 */

import path from 'node:path'
import type { Picture, PictureBytes, PictureLike } from 'fovea'
import { checkArguments, path as filePath } from 'fovea/internal/base/arguments'
import { PictureError, UserError } from 'fovea/internal/base/errors'
import { kindOfFile } from 'fovea/internal/base/file-kind'
import { noPicture } from 'fovea/internal/base/no-picture'
import { mostUnpacked } from 'fovea/internal/base/packed-size'
import { fileBytes, pictureFromPixels } from 'fovea/internal/base/picture'
import { picture as pictureValue } from 'fovea/internal/base/picture-arguments'
import { that } from 'fovea/internal/base/schema'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { readRegular } from 'fovea/internal/host/node/regular-file'
import { reasonOf, SystemRefusal } from 'fovea/internal/host/node/system-errors'
import { decodeBmp } from './bmp.ts'
import { decode } from './decode.ts'
import { encodePng } from './encode.ts'

/** Larger pictures are refused before they are unpacked: 100 megapixels. */
export const mostPixels = 100e6

/** A picture file as a picture. Throws UserError: no such file; PictureError: another format, damaged, too large. */
export async function readPicture(file: string): Promise<Picture> {
  checkArguments('readPicture', { file: filePath }, { file })
  return decoded(await readRegular(file, 'picture'), file)
}

/** The bytes of a picture file as a picture; `name` is used in errors. Throws PictureError: another format, damaged, too large. */
export async function decodePicture(file: PictureBytes, name = noName): Promise<Picture> {
  const bytes = fileBytes(file)
  checkArguments(
    'decodePicture',
    { bytes: that('bytes (a Uint8Array or an ArrayBuffer)', () => !!bytes) },
    { bytes: file },
  )
  return decoded(bytes!, name)
}

/** How messages call the only picture that was given. */
const noName = 'the picture'

async function decoded(bytes: Uint8Array, name: string): Promise<Picture> {
  const found = kindOfFile(bytes)
  const kind = found?.picture
  if (kind === undefined || !readKinds.includes(kind))
    throw noPicture({
      what: name === noName ? 'These bytes are not a picture that is read.' : `${name} cannot be read as a picture.`,
      expected: 'PNG, JPEG, WebP, GIF, TIFF, AVIF or BMP',
      kind: found,
      received: 'an unknown format',
    })
  try {
    const check = (width: number, height: number): void => {
      checkSize(width, height, name)
      // Pixels have a bit at least, and are packed by deflate: memory for more than that is not asked for.
      if (kind === 'PNG' && (width * height) / 8 > mostUnpacked(bytes.length))
        throw new Error(`${width}×${height} pixels do not fit into ${bytes.length} bytes`)
    }
    return kind === 'BMP' ? decodeBmp(bytes, check) : await decode(bytes, check)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw undecoded(error, kind, name)
  }
}

/** Whether the first bytes are those of a picture that is read. */
export const isReadKind = (bytes: Uint8Array): boolean => readKinds.includes(kindOfFile(bytes)?.picture ?? '')

/** What an error of the decoder means. */
function undecoded(error: unknown, kind: string, name: string): UserError {
  const message = error instanceof Error ? error.message : String(error)
  if (reasonOf(error) !== undefined || /out of memory/i.test(message))
    return new SystemRefusal({ what: `${name} needs more memory than there is.`, fix: 'Make it smaller.' })
  if (/"sharp" module/.test(message))
    return new UserError({
      what: `${name} cannot be decoded: the decoder (sharp) has no program for this system.`,
      received: `${process.platform}-${process.arch}`,
      fix: 'npm install --include=optional sharp',
    })
  if (/compression format has not been built in/.test(message))
    return new PictureError({
      what: `${name} is a picture of a kind that cannot be read.`,
      expected: 'PNG, JPEG, WebP, GIF, TIFF, AVIF or BMP',
      received: 'HEIC',
      fix: 'Save it as JPEG or PNG.',
    })
  return new PictureError({
    what: `${name} is a damaged ${kind} file.`,
    received: saidOf(message),
    fix: 'Save it again.',
  })
}

/** How libvips and its libraries say what they say of every kind of file. */
const sayings: readonly (readonly [sign: RegExp, says: string])[] = [
  [/premature end|unexpected end|bad seek|read gave|truncated|end of (file|stream|data)/i, 'it is truncated'],
  [/read error|unable to|unsupported image format|no header/i, 'a part of it is missing or wrong'],
]

/** What is wrong, in the first line of libvips without its names of itself. */
function saidOf(message: string): string {
  const first = message
    .split('\n')[0]!
    .replace(/^Input (buffer|file) has corrupt header: ?/i, '')
    .replace(/^\w+: /, '')
  return sayings.find(([sign]) => sign.test(message))?.[1] ?? (first || 'a part of it is missing or wrong')
}

/** Writes a PNG, and makes the folders above it. */
export async function writePng(file: string, picture: PictureLike): Promise<void> {
  checkArguments('writePng', { file: filePath, picture: pictureValue }, { file, picture })
  await nodeFiles.write(file, await encodePng(pictureFromPixels(picture, 'the picture')))
}

/** The kinds that the decoder reads. */
const readKinds = ['PNG', 'JPEG', 'WebP', 'GIF', 'TIFF', 'AVIF', 'HEIC or AVIF', 'BMP']

function checkSize(width: number, height: number, name: string): void {
  if (width * height > mostPixels)
    throw new PictureError({
      what: `${path.basename(name)} is too large.`,
      expected: `at most ${mostPixels / 1e6} megapixels`,
      received: `${width}×${height}`,
      fix: 'Make it smaller: models take far smaller pictures anyway.',
    })
}
