/** Basic work on pictures: opaque, grey, colour, cut out. Every function gives a new picture and leaves its own alone. */
import { UserError } from '../base/errors.ts'
import type { Picture } from '../base/picture.ts'

const { max, min, round } = Math

export type { Picture } from '../base/picture.ts'

/** A picture from raw bytes. @throws UserError when their number does not suit the size. */
export function pictureFrom(width: number, height: number, channels: number, data: Uint8Array): Picture {
  if (![1, 2, 3, 4].includes(channels) || width < 1 || height < 1 || data.length !== width * height * channels)
    throw new UserError({
      what: 'These bytes are not a picture.',
      expected: '1 to 4 channels and width × height × channels bytes',
      received: `${width}×${height}, ${channels} channels, ${data.length} bytes`,
    })
  return { width, height, channels: channels as Picture['channels'], data }
}

export function hasAlpha(picture: Picture): boolean {
  return picture.channels === 2 || picture.channels === 4
}

/** Lays a picture with alpha on an even ground (255 white, the default). Gives 1 or 3 channels. */
export function opaque(picture: Picture, ground = 255): Picture {
  if (!hasAlpha(picture)) return picture
  const { width, height, channels, data } = picture
  const colours = (channels - 1) as 1 | 3
  const result = new Uint8Array(width * height * colours)
  for (let pixel = 0, to = 0; pixel < width * height; pixel++) {
    const alpha = data[pixel * channels + colours]!
    if (alpha === 255) {
      const from = pixel * channels
      result[to++] = data[from]!
      if (colours === 1) continue
      result[to++] = data[from + 1]!
      result[to++] = data[from + 2]!
      continue
    }
    for (let colour = 0; colour < colours; colour++)
      result[to++] = round((data[pixel * channels + colour]! * alpha + ground * (255 - alpha)) / 255)
  }
  return { width, height, channels: colours, data: result }
}

/** 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601). Takes opaque pictures. */
export function grey(picture: Picture): Picture {
  if (picture.channels === 1) return picture
  const { width, height, data } = picture
  const result = new Uint8Array(width * height)
  for (let pixel = 0, from = 0; pixel < result.length; pixel++, from += 3) {
    const red = data[from]!
    const green = data[from + 1]!
    const blue = data[from + 2]!
    const thousandths = 299 * red + 587 * green + 114 * blue + 500
    const level = (0.001 * thousandths) | 0
    // In whole numbers, which is faster. Halves round as they do in float64, the bits since the first version.
    result[pixel] = thousandths === 1000 * level ? round(0.299 * red + 0.587 * green + 0.114 * blue) : level
  }
  return { width, height, channels: 1, data: result }
}

/** Three equal channels where there was one. Takes opaque pictures. */
export function rgb(picture: Picture): Picture {
  if (picture.channels === 3) return picture
  const { width, height, data } = picture
  const result = new Uint8Array(3 * data.length)
  for (let pixel = 0, to = 0; pixel < data.length; pixel++) {
    const level = data[pixel]!
    result[to++] = level
    result[to++] = level
    result[to++] = level
  }
  return { width, height, channels: 3, data: result }
}

/** The rectangle of this size whose upper left corner is at (left, top); black where it reaches beyond the picture. */
export function cut(picture: Picture, left: number, top: number, width: number, height: number): Picture {
  const { channels } = picture
  const data = new Uint8Array(width * height * channels)
  const from = max(0, left)
  const to = min(picture.width, left + width)
  for (let row = max(0, -top); row < height && row + top < picture.height; row++) {
    const source = (row + top) * picture.width
    if (to > from)
      data.set(
        picture.data.subarray((source + from) * channels, (source + to) * channels),
        (row * width + from - left) * channels,
      )
  }
  return { width, height, channels, data }
}
