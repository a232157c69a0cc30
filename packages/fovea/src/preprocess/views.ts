/**
 * Test-time augmentation: several views of one picture, whose probabilities are averaged. The views: the picture and four crops, 7/8 of
 * its width and height, one from each corner; each as it is and mirrored, ten in all. A model that takes only pictures of its own
 * size has no crops, and one of drawn digits, whose recipe looks for the strokes and reads no mirror writing, sees the picture alone.
 * Source: Krizhevsky, Sutskever and Hinton (2012), section 4.1, with crops of another size.
 */

import { type Picture, type PictureLike, pictureFromPixels } from '../base/picture.ts'
import type { PreprocessSpec } from '../base/preprocess-spec.ts'
import { type InputOptions, type PictureInput, pictureToInput } from './input.ts'
import { cut } from './picture.ts'

const { max, round } = Math

/** Of the width and the height of a picture, what a crop keeps. */
const kept = 7 / 8

/** How many views there are of a picture. */
export function viewCount({ digit, resize }: PreprocessSpec): number {
  if (digit !== undefined) return 1
  return resize === 'none' ? 2 : 10
}

/** The inputs of all views, the picture's own first. */
export function viewsOf(
  given: PictureLike,
  spec: PreprocessSpec,
  options: InputOptions = {},
): readonly [PictureInput, ...PictureInput[]] {
  const picture = pictureFromPixels(given, 'What viewsOf was given')
  const whole = pictureToInput(picture, spec, options)
  if (spec.digit !== undefined) return [whole]
  const crops = spec.resize === 'none' ? [] : corners(picture)
  const others = crops.map(crop => pictureToInput(crop, spec, options))
  const views = [whole, ...others]
  return [whole, ...others, ...views.map(view => ({ ...view, pixels: mirrored(view.pixels, spec.shape) }))]
}

function corners(picture: Picture): Picture[] {
  const width = max(1, round(kept * picture.width))
  const height = max(1, round(kept * picture.height))
  return [0, picture.height - height].flatMap(top =>
    [0, picture.width - width].map(left => cut(picture, left, top, width, height)),
  )
}

/** Left and right changed. */
function mirrored(pixels: Uint8Array, [height, width, channels]: PreprocessSpec['shape']): Uint8Array {
  const result = new Uint8Array(pixels.length)
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const from = (row * width + column) * channels
      const to = (row * width + width - 1 - column) * channels
      for (let channel = 0; channel < channels; channel++) result[to + channel] = pixels[from + channel]!
    }
  return result
}

/** Of every class the mean over the views. */
export function meanProbabilities(views: readonly (readonly number[])[]): number[] {
  return views[0]!.map((_, index) => views.reduce((sum, view) => sum + view[index]!, 0) / views.length)
}
