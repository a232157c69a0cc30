/** Pictures as data URLs, for pages that carry everything themselves. */

import type { Picture } from 'fovea/internal/base/picture'
import jpeg from 'jpeg-js'
import { encodePng } from './png.ts'

/** Of 100. Tiles of a sheet stay recognisable enlarged. */
const jpegQuality = 85

/** `lossless`: a PNG. `small`: a JPEG where the picture has colours and no alpha, if that is smaller. */
export function pictureUrl(picture: Picture, how: 'lossless' | 'small' = 'lossless'): string {
  const png = encodePng(picture)
  if (how === 'small' && picture.channels === 3) {
    const packed = encodeJpeg(picture)
    if (packed.length < png.length) return url('jpeg', packed)
  }
  return url('png', png)
}

function url(kind: 'png' | 'jpeg', bytes: Uint8Array): string {
  return `data:image/${kind};base64,${Buffer.from(bytes).toString('base64')}`
}

function encodeJpeg({ width, height, data }: Picture): Uint8Array {
  const withAlpha = new Uint8Array(4 * width * height)
  for (let pixel = 0; pixel < width * height; pixel++) {
    withAlpha.set(data.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel)
    withAlpha[4 * pixel + 3] = 255
  }
  return jpeg.encode({ width, height, data: withAlpha }, jpegQuality).data
}
