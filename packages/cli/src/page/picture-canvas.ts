/** Between pictures in memory and the page's canvases. */
import type { Picture } from 'fovea/internal/base/picture'
import { withoutAlpha } from 'fovea/internal/host/browser/pictures'
import { rgb } from 'fovea/internal/preprocess/picture'

/** What a canvas shows. */
export function canvasPicture(context: CanvasRenderingContext2D): Picture {
  return withoutAlpha(context.getImageData(0, 0, context.canvas.width, context.canvas.height))
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
