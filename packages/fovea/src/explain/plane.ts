/** One channel of numbers, row by row: a grey picture (0 … 255), a colour channel, the result of a filter, or numbers typed by hand. */

import { anyText, checkArguments, fits, numbers } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { type PictureLike, pictureFromPixels } from '../base/picture.ts'
import { picture as pictureValue } from '../base/picture-arguments.ts'
import { functionOf, oneOf, type Schema, that, whole } from '../base/schema.ts'
import { show } from '../base/show.ts'
import { linesOf } from '../base/text-file.ts'
import { grey, opaque, rgb } from '../preprocess/picture.ts'

const { NaN: notANumber, isFinite: isFiniteNumber } = Number

/** Numbers in rows and columns: one channel of a picture, a kernel, a map. */
export interface Plane {
  readonly height: number
  readonly width: number
  /** height · width numbers. */
  readonly data: Float64Array
}

/** A plane that says something of a picture, cell by cell, and how large that picture was. */
export interface MapOfPicture extends Plane {
  /** Height and width. */
  readonly of: readonly [height: number, width: number]
}

export const mapOfPicture = (plane: Plane, [height, width]: readonly number[]): MapOfPicture => ({
  ...plane,
  of: [height!, width!],
})

/** No side of a picture is longer, and no plane needs more than a gigabyte. */
const side = whole(0, 2 ** 27)
const planeFields = { height: side, width: side, value: functionOf('a row and a column') }

/** A plane, as functions take it. */
export const planeValue: Schema<Plane> = that('a plane {height, width, data} of height · width numbers', value => {
  const { height, width, data } = Object(value) as Partial<Plane>
  return fits(side, height) && fits(side, width) && fits(numbers, data) && data.length === height * width
})

/** A plane whose numbers a function gives. Throws UserError for sizes that are none. */
export function planeFrom(height: number, width: number, value: (row: number, column: number) => number): Plane {
  checkArguments('planeFrom', planeFields, { height, width, value })
  const data = new Float64Array(height * width)
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) data[row * width + column] = value(row, column)
  }
  return { height, width, data }
}

/** One number of a plane. Throws UserError when there is none at this place. */
export function valueAt(plane: Plane, row: number, column: number): number {
  const value = plane?.data?.[row * plane.width + column]
  if (value !== undefined && column < plane.width) return value
  throw new UserError({
    what: 'There is no such number in the plane.',
    received: `row ${show(row)}, column ${show(column)}`,
  })
}

export const channelNames = ['grey', 'red', 'green', 'blue'] as const
/** A channel of a picture. */
export type ChannelName = (typeof channelNames)[number]

/** One channel of a picture; grey = 0.299 R + 0.587 G + 0.114 B. Transparent parts stand before white. */
export function channelPlane(given: PictureLike, channel: ChannelName): Plane {
  checkArguments('channelPlane', { picture: pictureValue, channel: oneOf(channelNames) }, { picture: given, channel })
  const picture = pictureFromPixels(given, 'the picture')
  const source = channel === 'grey' ? grey(opaque(picture)) : rgb(opaque(picture))
  const offset = channel === 'grey' ? 0 : channelNames.indexOf(channel) - 1
  return planeFrom(
    source.height,
    source.width,
    (row, column) => source.data[(row * source.width + column) * source.channels + offset]!,
  )
}

/** Numbers in rows, by line or `/`; blanks or commas between them. Throws UserError where they make no rectangle. */
export function planeFromText(text: string, name: string): Plane {
  checkArguments('planeFromText', { text: anyText, name: anyText }, { text, name })
  const rows = linesOf(text)
    .flatMap(line => line.split('/'))
    .map(row =>
      row
        .trim()
        .replace(/^\[|\]$/g, '')
        .trim(),
    )
    .filter(row => row !== '')
    .map(row => row.split(/\s*[,;]\s*|\s+/))
  const numbers = rows.map(row => row.map(cell => (cell === '' ? notANumber : Number(cell))))
  const line = numbers.findIndex(row => !row.every(isFiniteNumber))
  if (numbers.length === 0 || line >= 0) {
    const wrong = rows[line]?.[numbers[line]!.findIndex(number => !isFiniteNumber(number))]
    throw new UserError({
      what: `${name} holds no rows of numbers.`,
      expected: 'numbers with blanks or commas between them, rows by line (or /): 0 1 2 / 2 2 0 / 0 1 2',
      received:
        wrong === undefined ? 'nothing' : wrong === '' ? `an empty place in row ${line + 1}` : wrong.slice(0, 40),
    })
  }
  const width = numbers[0]!.length
  const odd = numbers.findIndex(row => row.length !== width)
  if (odd >= 0) {
    throw new UserError({
      what: `The rows of ${name} are not of one length.`,
      expected: `${width} numbers in every row`,
      received: `${numbers[odd]!.length} in row ${odd + 1}`,
    })
  }
  return { height: numbers.length, width, data: Float64Array.from(numbers.flat()) }
}

/** The numbers of a plane, row by row. */
export function rowsOf(plane: Plane): number[][] {
  checkArguments('rowsOf', { plane: planeValue }, { plane })
  const { height, width, data } = plane
  return Array.from({ length: height }, (_, row) => Array.from(data.subarray(row * width, (row + 1) * width)))
}
