/** Pictures in browsers, which decode and draw them: what holds a picture is drawn on a canvas, whose pixels are taken. */

import { checkArguments } from '../../base/arguments.ts'
import { PictureError, UserError } from '../../base/errors.ts'
import { kindOfFile } from '../../base/file-kind.ts'
import { noPicture } from '../../base/no-picture.ts'
import {
  type AnyPicture,
  fileBytes,
  hasPixels,
  isBlob,
  type Picture,
  type PictureBytes,
  type PictureLike,
  pictureFromPixels,
} from '../../base/picture.ts'
import { that } from '../../base/schema.ts'
import { show } from '../../base/show.ts'

/** Larger pictures are refused, as in Node: 100 megapixels. */
const mostPixels = 100e6
/** Browsers give canvases of 4096 × 4096 at least; a fourth of it is as fast. */
const stripPixels = 2 ** 22

export async function decodePicture(bytes: PictureBytes): Promise<Picture> {
  const given = fileBytes(bytes)
  checkArguments(
    'decodePicture',
    { bytes: that('bytes (a Uint8Array or an ArrayBuffer)', () => given !== undefined) },
    { bytes },
  )
  return decoded(blobOf(given!), 'the picture')
}

/** A picture of whatever holds one in a page: pixels, the bytes of a file, a `Blob`, a canvas, an image. */
export async function openPicture(given: AnyPicture, name: string): Promise<Picture> {
  if (hasPixels(given)) return pictureFromPixels(given, name)
  const bytes = fileBytes(given)
  if (bytes) return decoded(blobOf(bytes), name)
  if (given instanceof Blob) return decoded(given, name)
  if (isBlob(given)) return decoded(blobOf(new Uint8Array(await given.arrayBuffer())), name)
  if (isDrawable(given)) return drawn(await ready(given, name), name)
  throw new UserError({
    what: `${name} cannot be opened.`,
    expected:
      'a picture {width, height, channels, data}, ImageData, the bytes of its file, a Blob, a canvas or an image',
    received: show(given),
    ...(typeof given === 'string' && { fix: 'fetch it and give the Blob: await (await fetch(url)).blob()' }),
  })
}

/** Of a copy: a Blob takes no shared memory. */
const blobOf = (bytes: Uint8Array): Blob => new Blob([bytes.slice()])

async function decoded(file: Blob, name: string): Promise<Picture> {
  // Upright and in sRGB is what it gives by default.
  const bitmap = await createImageBitmap(file).catch(() => undefined)
  if (bitmap === undefined) throw await notDecoded(file, name)
  try {
    return drawn(bitmap, name)
  } finally {
    bitmap.close()
  }
}

/** Every browser reads these: what one of them cannot decode is damaged. */
const readEverywhere = ['PNG', 'JPEG', 'WebP', 'GIF', 'BMP']

async function notDecoded(file: Blob, name: string): Promise<UserError> {
  const kind = kindOfFile(new Uint8Array(await file.slice(0, 4096).arrayBuffer()), false)
  if (readEverywhere.includes(kind?.picture ?? ''))
    return new UserError({
      what: `${name} is a damaged ${kind!.picture} file.`,
      received: `${file.size} bytes that begin as ${kind!.name} and cannot be decoded`,
      fix: 'Save it again.',
    })
  return noPicture({
    what: `${name} cannot be read by this browser.`,
    expected: 'PNG, JPEG, WebP, GIF or AVIF',
    kind,
    received: `${file.size} bytes${file.type === '' ? '' : ` of type ${file.type}`}`,
  })
}

type Drawable = Exclude<CanvasImageSource, SVGImageElement | VideoFrame>

const isDrawable = (given: unknown): given is Drawable =>
  /^(HTML(Canvas|Image|Video)Element|OffscreenCanvas|ImageBitmap)$/.test(
    Object.prototype.toString.call(given).slice(8, -1),
  )

/** An image element may still be loading. */
async function ready(given: Drawable, name: string): Promise<Drawable> {
  if (!('decode' in given)) return given
  await given.decode().catch(() => {
    throw new PictureError({ what: `${name} is an image that could not be loaded.`, received: show(given.src) })
  })
  return given
}

function sizeOf(given: Drawable): [width: number, height: number] {
  if ('naturalWidth' in given) return [given.naturalWidth, given.naturalHeight]
  return 'videoWidth' in given ? [given.videoWidth, given.videoHeight] : [given.width, given.height]
}

function drawn(given: Drawable, name: string): Picture {
  const [width, height] = sizeOf(given)
  const received = `${width}×${height}`
  if (width * height > mostPixels)
    throw new PictureError({
      what: `${name} is too large.`,
      expected: `at most ${mostPixels / 1e6} megapixels`,
      received,
    })
  if (width * height === 0) throw new PictureError({ what: `${name} is empty.`, expected: 'pixels', received })
  // In strips: a canvas of the size of a photograph is more than some phones give.
  const strip = Math.min(height, Math.max(1, Math.floor(stripPixels / width)))
  const context = new OffscreenCanvas(width, strip).getContext('2d', { willReadFrequently: true })!
  const data = new Uint8Array(4 * width * height)
  try {
    for (let top = 0; top < height; top += strip) {
      context.clearRect(0, 0, width, strip)
      context.drawImage(given, 0, -top)
      const rows = Math.min(strip, height - top)
      data.set(context.getImageData(0, 0, width, rows).data, 4 * width * top)
    }
  } catch {
    throw new UserError({
      what: `${name} comes from another site, which keeps its pixels from this page.`,
      fix: 'load it with crossOrigin = "anonymous", or fetch its bytes',
    })
  }
  return withoutAlpha({ width, height, data })
}

/** Where nothing is transparent a picture has no alpha, as its file without. */
export function withoutAlpha({ width, height, data: shown }: Pick<PictureLike, 'width' | 'height' | 'data'>): Picture {
  const data = new Uint8Array(3 * width * height)
  for (let from = 0, to = 0; from < shown.length; from += 4) {
    if (shown[from + 3] !== 255)
      return { width, height, channels: 4, data: new Uint8Array(shown.buffer, shown.byteOffset, shown.length) }
    data[to++] = shown[from]!
    data[to++] = shown[from + 1]!
    data[to++] = shown[from + 2]!
  }
  return { width, height, channels: 3, data }
}
