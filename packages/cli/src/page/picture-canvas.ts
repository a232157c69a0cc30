/** Between pictures in memory and the browser: a canvas or a file to bytes, bytes to a canvas. */
import { UserError } from 'fovea/internal/base/errors'
import type { Picture } from 'fovea/internal/base/picture'
import { rgb } from 'fovea/internal/preprocess/picture'

/** Browsers give canvases this large at least (Safari on phones: 4096 × 4096). */
const MOST_PIXELS = 4096 * 4096

/** What a canvas shows. Where nothing is transparent it has no alpha, as a file without. */
export function canvasPicture(context: CanvasRenderingContext2D): Picture {
  const { width, height } = context.canvas
  const shown = new Uint8Array(context.getImageData(0, 0, width, height).data.buffer)
  const data = new Uint8Array(3 * width * height)
  for (let from = 0, to = 0; from < shown.length; from += 4) {
    if (shown[from + 3] !== 255) return { width, height, channels: 4, data: shown }
    data[to++] = shown[from]!
    data[to++] = shown[from + 1]!
    data[to++] = shown[from + 2]!
  }
  return { width, height, channels: 3, data }
}

/** Decoded by the browser: upright, with the colours as they are stored. Throws UserError for what it cannot decode. */
export async function pictureFromFile(file: File): Promise<Picture> {
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' }).catch(() => undefined)
  if (bitmap === undefined) {
    throw new UserError({ what: `${file.name} is not a picture that this browser can read.`, expected: 'PNG or JPEG' })
  }
  const { width, height } = bitmap
  if (width * height > MOST_PIXELS) {
    throw new UserError({
      what: `${file.name} is too large.`,
      expected: `at most ${Math.floor(MOST_PIXELS / 1e6)} megapixels`,
      received: `${width}×${height}`,
    })
  }
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  return canvasPicture(context)
}

/** The canvas becomes as large as the picture, which has no alpha. */
export function showPicture(canvas: HTMLCanvasElement, picture: Picture): void {
  const { width, height, data } = rgb(picture)
  canvas.width = width
  canvas.height = height
  const image = new ImageData(width, height)
  for (let from = 0, to = 0; from < data.length; ) {
    image.data[to++] = data[from++]!
    image.data[to++] = data[from++]!
    image.data[to++] = data[from++]!
    image.data[to++] = 255
  }
  canvas.getContext('2d')!.putImageData(image, 0, 0)
}

/** The canvas is empty, its size as before. */
export function clearCanvas(canvas: HTMLCanvasElement): void {
  canvas.getContext('2d')!.clearRect(0, 0, canvas.width, canvas.height)
}
