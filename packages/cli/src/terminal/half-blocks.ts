/**
 * Pictures in a terminal: the upper half block '▀' shows two pixels, its colour the upper one, its background the lower one.
 * With 24-bit colour, with the 256 colours of older terminals, or as plain characters of growing density.
 */

import { checkArguments } from 'fovea/internal/base/arguments'
import { type Picture, type PictureLike, pictureFromPixels } from 'fovea/internal/base/picture'
import { picture as pictureValue } from 'fovea/internal/base/picture-arguments'
import { oneOf, optional, parse, record, whole } from 'fovea/internal/base/schema'

/** Colours of the terminal: 24 bits, 256, or none. */
export type ColourDepth = 'true' | '256' | 'none'

/** What `drawHalfBlocks` takes. */
export interface HalfBlockOptions {
  /** Most characters across; larger pictures are shown smaller (mean of the pixels that fall together). 80 by default. */
  readonly columns?: number
  /** `true` (24 bits) by default. */
  readonly colours?: ColourDepth
}

const fields = { colours: optional(oneOf(['true', '256', 'none']), 'true'), columns: optional(whole(1), 80) }

type Colour = readonly [number, number, number]
const control = '\u001b['
const reset = `${control}0m`
/** From dark to light, for a dark terminal. */
const densities = ' .:-=+*#%@'

/** One text a line, each as wide as the picture is drawn. Alpha is laid on black. An odd last row fills its line. */
export function drawHalfBlocks(given: PictureLike, options: HalfBlockOptions = {}): string[] {
  checkArguments('drawHalfBlocks', { picture: pictureValue }, { picture: given })
  const picture = pictureFromPixels(given, 'the picture')
  const { colours, columns } = parse(record(fields), options, 'drawHalfBlocks')
  const width = Math.min(picture.width, columns)
  const height = Math.max(1, Math.round((picture.height * width) / picture.width))
  const at = (column: number, row: number) => meanColour(picture, column, row, width, height)
  const lines: string[] = []
  for (let row = 0; row < height; row += 2) {
    let line = ''
    let before = ''
    for (let column = 0; column < width; column++) {
      const upper = at(column, row)
      const lower = row + 1 < height ? at(column, row + 1) : upper
      if (colours === 'none') line += letter((brightness(upper) + brightness(lower)) / 2)
      else {
        const code = `${control}${paint(38, upper, colours)};${paint(48, lower, colours)}m`
        line += code === before ? '▀' : `${code}▀`
        before = code
      }
    }
    lines.push(colours === 'none' ? line : `${line}${reset}`)
  }
  return lines
}

function colourAt({ width, channels, data }: Picture, column: number, row: number): Colour {
  const at = (row * width + column) * channels
  const alpha = channels === 2 || channels === 4 ? data[at + channels - 1]! / 255 : 1
  const red = data[at]! * alpha
  return channels < 3 ? [red, red, red] : [red, data[at + 1]! * alpha, data[at + 2]! * alpha]
}

/** Mean over the source pixels that fall into one pixel of the smaller picture. */
function meanColour(picture: Picture, column: number, row: number, width: number, height: number): Colour {
  const left = Math.floor((column * picture.width) / width)
  const right = Math.max(left + 1, Math.floor(((column + 1) * picture.width) / width))
  const top = Math.min(picture.height - 1, Math.floor((row * picture.height) / height))
  const bottom = Math.max(top + 1, Math.floor(((row + 1) * picture.height) / height))
  const sum = [0, 0, 0]
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const colour = colourAt(picture, x, y)
      for (let channel = 0; channel < 3; channel++) sum[channel] = sum[channel]! + colour[channel]!
    }
  const count = (right - left) * (bottom - top)
  return [Math.round(sum[0]! / count), Math.round(sum[1]! / count), Math.round(sum[2]! / count)]
}

function brightness([red, green, blue]: Colour): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue
}

function letter(light: number): string {
  return densities[Math.min(densities.length - 1, Math.floor((light * densities.length) / 255))]!
}

/** `layer` 38 colours the character, 48 what is behind it. */
function paint(layer: 38 | 48, colour: Colour, colours: 'true' | '256'): string {
  return colours === 'true' ? `${layer};2;${colour.join(';')}` : `${layer};5;${nearest256(colour)}`
}

/** Number in the 256-colour palette: greys 232 … 255 (8, 18 … 238), else the 6×6×6 cube (0, 95, 135, 175, 215, 255). */
function nearest256([red, green, blue]: Colour): number {
  const step = (value: number) => (value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40))
  const spread = Math.max(red, green, blue) - Math.min(red, green, blue)
  if (spread < 12 && red > 3 && red < 247) return 232 + Math.min(23, Math.max(0, Math.round((red - 8) / 10)))
  return 16 + 36 * step(red) + 6 * step(green) + step(blue)
}
