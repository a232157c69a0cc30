/** Pictures as data URLs, for pages that carry everything themselves. */

import { createHash } from 'node:crypto'
import type { Picture } from 'fovea'
import { encodeJpeg, encodePng } from './encode.ts'

/** `lossless`: a PNG. `small`: a JPEG where the picture has colours and no alpha, if that is smaller. */
type How = 'lossless' | 'small'

/** Gives a picture as a data URL, at once. */
export type UrlOfPicture = (picture: Picture, how?: How) => string

/**
 * What `draw` gives when all its pictures are encoded. Encoding takes its time and drawing does not wait for it. So it is drawn anew
 * until no picture is missing (the URL of a missing one is empty): twice as a rule, more often where the size of one picture decides
 * about the next. `draw` must be a function of its argument.
 */
export async function drawnWithPictures<T>(draw: (urlOf: UrlOfPicture) => T): Promise<T> {
  const urls = new Map<string, string>()
  for (;;) {
    const missing = new Map<string, Promise<string>>()
    const drawn = draw((picture, how = 'lossless') => {
      const key = keyOf(picture, how)
      const url = urls.get(key)
      if (url === undefined && !missing.has(key)) missing.set(key, pictureUrl(picture, how))
      return url ?? ''
    })
    if (missing.size === 0) return drawn
    const entries = await Promise.all([...missing].map(async ([key, url]) => [key, await url] as const))
    for (const [key, url] of entries) urls.set(key, url)
  }
}

/** Drawn anew, a picture is another object with the same pixels. */
function keyOf({ width, height, channels, data }: Picture, how: How): string {
  return `${how} ${width} ${height} ${channels} ${createHash('sha256').update(data).digest('base64')}`
}

/** A picture alone. */
export async function pictureUrl(picture: Picture, how: How = 'lossless'): Promise<string> {
  const png = await encodePng(picture)
  if (how === 'small' && picture.channels === 3) {
    const jpeg = await encodeJpeg(picture)
    if (jpeg.length < png.length) return url('jpeg', jpeg)
  }
  return url('png', png)
}

function url(kind: 'png' | 'jpeg', bytes: Uint8Array): string {
  return `data:image/${kind};base64,${Buffer.from(bytes).toString('base64')}`
}
