/** A picture file as a small picture for a page: WebP, upright, its longer side `side` at most, never enlarged. */

import { kindOfFile } from 'fovea/internal/base/file-kind'
import { readRegular } from 'fovea/internal/host/node/regular-file'
import type { Sharp } from 'sharp'
import { decodePicture, isReadKind, mostPixels } from './pictures.ts'

/** In the pixels of a small picture every one counts. */
const smallSide = 64

/** Throws UserError: no such file; PictureError: no picture that is read, damaged, too large. */
export async function thumbnail(file: string, side: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readRegular(file, 'picture')
  const { default: sharp } = await import('sharp')
  // JPEG and WebP are made smaller as they are unpacked. What cannot be opened so is decoded as for training, or told as there.
  if (isReadKind(bytes) && kindOfFile(bytes)?.picture !== 'BMP') {
    const opened = sharp(bytes, { autoOrient: true, failOn: 'error', limitInputPixels: mostPixels })
    const small = await scaled(opened, side).catch(() => undefined)
    if (small) return small
  }
  const { width, height, channels, data } = await decodePicture(bytes, file)
  return scaled(sharp(data, { raw: { width, height, channels } }), side)
}

async function scaled(picture: Sharp, side: number): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = await picture.metadata()
  const webp = await picture
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .webp(Math.max(width, height) <= smallSide ? { lossless: true } : { quality: 80 })
    .toBuffer()
  return new Uint8Array(webp)
}
