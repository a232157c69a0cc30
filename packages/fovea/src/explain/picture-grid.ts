/** Small pictures side by side, and rectangles on a picture: what figures of filters, patches and receptive fields are made of. */

import { checkArguments, fits } from '../base/arguments.ts'
import { type Picture, type PictureLike, pictureFromPixels } from '../base/picture.ts'
import { picture as pictureValue } from '../base/picture-arguments.ts'
import { list, optional, parse, record, that, whole } from '../base/schema.ts'
import { rgb } from '../preprocess/picture.ts'
import { stretch } from '../preprocess/resize.ts'
import type { Rectangle } from './receptive-field.ts'

const { ceil, floor, max, min, round, sqrt } = Math

/** What `pictureGrid` takes. */
export interface GridOptions {
  /** Pictures in a row. Default: about twice as many as rows. */
  readonly columns?: number | undefined
  /** Side of a pixel's square. Default: so that a picture is about as wide as it may be. */
  readonly scale?: number | undefined
  /** Pictures wider than this are made smaller first. Default 64. */
  readonly most?: number | undefined
  /** Pixels between pictures and around them. Default 2. */
  readonly gap?: number | undefined
}

const scaleRange = whole(1, 4096)
const fields = {
  columns: optional(whole(1)),
  scale: optional(scaleRange),
  most: optional(whole(1, 2 ** 14), 64),
  gap: optional(whole(0, 256), 2),
}

const ground = 96

const cells = that(
  'a list of pictures {width, height, channels, data}, undefined where a place stays empty',
  value =>
    Array.isArray(value) && value.length > 0 && value.every(each => each === undefined || fits(pictureValue, each)),
)

/** Pictures of one size (grey or colour) row by row, a gap between them; undefined leaves a place empty. Colour if any has colour. */
export function pictureGrid(pictures: readonly (PictureLike | undefined)[], options: GridOptions = {}): Picture {
  checkArguments('pictureGrid', { pictures: cells }, { pictures })
  const chosen = parse(record(fields), options, 'pictureGrid')
  const { columns = ceil(sqrt(pictures.length * 2)), most, gap } = chosen
  const small = pictures.map(given => given && shrunk(pictureFromPixels(given, 'a picture'), most))
  const { width = 1, height = 1 } = small.find(picture => picture !== undefined) ?? {}
  const scale = chosen.scale ?? max(1, round(most / width))
  const across = min(columns, pictures.length)
  const [cellHeight, cellWidth] = [height * scale + gap, width * scale + gap]
  const channels = small.some(picture => picture?.channels === 3) ? 3 : 1
  const grid = {
    width: across * cellWidth + gap,
    height: ceil(pictures.length / across) * cellHeight + gap,
    channels,
  } as const
  const data = new Uint8Array(grid.width * grid.height * channels).fill(ground)
  for (const [index, picture] of small.entries()) {
    if (!picture) continue
    const large = enlarged(channels === 3 ? rgb(picture) : picture, scale)
    const [top, left] = [gap + floor(index / across) * cellHeight, gap + (index % across) * cellWidth]
    for (let row = 0; row < large.height; row++) {
      const line = large.data.subarray(row * large.width * channels, (row + 1) * large.width * channels)
      data.set(line, ((top + row) * grid.width + left) * channels)
    }
  }
  return { ...grid, data }
}

function shrunk(picture: Picture, most: number): Picture {
  const { width, height } = picture
  return width <= most ? picture : stretch(picture, most, max(1, round((height * most) / width)))
}

/** The picture with each pixel as a square of `scale` pixels, by default so that it is some 256 pixels wide. */
export function enlarged(given: PictureLike, scale = max(1, round(256 / Object(given).width || 1))): Picture {
  checkArguments('enlarged', { picture: pictureValue, scale: scaleRange }, { picture: given, scale })
  const picture = pictureFromPixels(given, 'the picture')
  const { channels } = picture
  const [width, height] = [picture.width * scale, picture.height * scale]
  const data = new Uint8Array(width * height * channels)
  const line = width * channels
  for (let row = 0, from = 0; row < picture.height; row++) {
    const first = row * scale * line
    for (let to = first; to < first + line; from += channels) {
      for (let copy = 0; copy < scale; copy++)
        for (let channel = 0; channel < channels; channel++) data[to++] = picture.data[from + channel]!
    }
    for (let copy = 1; copy < scale; copy++) data.copyWithin(first + copy * line, first, first + line)
  }
  return { width, height, channels, data }
}

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number]

const inRectangle = whole(-(2 ** 20), 2 ** 20)
const outlineFields = {
  picture: pictureValue,
  rectangle: that<Rectangle>('a rectangle {top, left, height, width} of pixels', value => {
    const { top, left, height, width } = Object(value) as Partial<Rectangle>
    return [top, left, height, width].every(each => fits(inRectangle, each))
  }),
  scale: scaleRange,
  colour: list(whole(0, 255), 'red, green, blue', { least: 3, most: 3 }),
}

/** The picture, each pixel `scale` wide, with a line of `colour` around the rectangle's pixels; what lies outside is cut off. */
export function outlined(given: PictureLike, rectangle: Rectangle, scale: number, colour: Colour): Picture {
  checkArguments('outlined', outlineFields, { picture: given, rectangle, scale, colour })
  const picture = pictureFromPixels(given, 'the picture')
  const { width, height, data } = picture.channels === 3 ? { ...picture, data: picture.data.slice() } : rgb(picture)
  const [top, left] = [rectangle.top * scale, rectangle.left * scale]
  const [bottom, right] = [top + rectangle.height * scale - 1, left + rectangle.width * scale - 1]
  const dot = (row: number, column: number): void => {
    if (row >= 0 && row < height && column >= 0 && column < width) data.set(colour, (row * width + column) * 3)
  }
  for (let thickness = 0; thickness < min(2, scale); thickness++) {
    for (let column = left; column <= right; column++) {
      dot(top + thickness, column)
      dot(bottom - thickness, column)
    }
    for (let row = top; row <= bottom; row++) {
      dot(row, left + thickness)
      dot(row, right - thickness)
    }
  }
  return { width, height, channels: 3, data }
}
