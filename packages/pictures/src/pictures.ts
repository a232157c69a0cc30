/**
 * Picture files: PNG (any bit depth, palette, alpha, interlaced) and JPEG (any colour space), turned upright by their Exif data, to
 * bytes, and bytes to PNG. The kind is told from the first bytes, not from the name.
 */

import path from 'node:path'
import { checkArguments, path as filePath, picture as pictureValue } from 'fovea/internal/base/arguments'
import { UserError } from 'fovea/internal/base/errors'
import { type KindOfFile, kindOfFile } from 'fovea/internal/base/file-kind'
import type { Picture } from 'fovea/internal/base/picture'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { readRegular } from 'fovea/internal/host/node/regular-file'
import { reasonOf, SystemRefusal } from 'fovea/internal/host/node/system-errors'
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
  const found = kindOfFile(bytes)
  const kind = found?.picture
  if (kind !== 'PNG' && kind !== 'JPEG') throw foreign(found, name)
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

function foreign(kind: KindOfFile | undefined, name: string): UserError {
  return new UserError({
    what: `${name} is not a picture that can be read.`,
    expected: 'PNG or JPEG',
    received: kind?.name ?? 'an unknown format',
    fix: kind?.fix ?? (kind === undefined || kind.group === 'picture' ? 'Save it as PNG or JPEG.' : 'Name a picture.'),
  })
}

/** Writes a PNG, and makes the folders above it. */
export async function writePng(file: string, picture: Picture): Promise<void> {
  checkArguments('writePng', { file: filePath, picture: pictureValue }, { file, picture })
  await nodeFiles.write(file, encodePng(picture))
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
