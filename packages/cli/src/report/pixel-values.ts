/**
 * A picture as the numbers it is: the whole of it small, and the part with the most contrast large, each pixel's value written in it.
 * Grey pixels hold one number, coloured ones three (red, green, blue, from top to bottom). Numbers are dark on light pixels and light on
 * dark ones.
 */
import type { Picture } from 'fovea/internal/base/picture'
import { cut, grey } from 'fovea/internal/preprocess/picture'
import { type DrawingTools, figureWidth } from './figure.ts'
import { drawing, escaped, image, svgElement } from './svg.ts'
import { colour } from './theme.ts'

/** From this grey value on, dark numbers have the greater contrast. */
const lightFrom = 118
/** Pixels of the part, so that its numbers can be read. */
const longestPart = { grey: 10, colour: 8 }
const wholeSide = 104
const fontSize = 12

export interface PixelPart {
  readonly top: number
  readonly left: number
  readonly width: number
  readonly height: number
}

/** The part in which values differ most: the one with the largest variance of grey; of equals the first. */
export function partWithContrast(picture: Picture): PixelPart {
  const side = picture.channels === 1 ? longestPart.grey : longestPart.colour
  const [width, height] = [Math.min(side, picture.width), Math.min(side, picture.height)]
  const { data } = grey(picture)
  let best: PixelPart = { top: 0, left: 0, width, height }
  let most = -1
  for (let top = 0; top + height <= picture.height; top++) {
    for (let left = 0; left + width <= picture.width; left++) {
      let [sum, squares] = [0, 0]
      for (let row = top; row < top + height; row++) {
        for (let column = left; column < left + width; column++) {
          const value = data[row * picture.width + column]!
          sum += value
          squares += value * value
        }
      }
      const variance = squares * width * height - sum * sum
      if (variance > most) [most, best] = [variance, { top, left, width, height }]
    }
  }
  return best
}

/** `name` says what the picture shows. */
export function pixelValues(picture: Picture, part: PixelPart, name: string, tools: DrawingTools): string {
  const isWhole = part.width === picture.width && part.height === picture.height
  const head = isWhole ? { svg: '', height: 0 } : whole(picture, part, name, tools)
  const cell = Math.min(48, Math.floor(figureWidth / part.width))
  const numbers = numbersOf(cut(picture, part.left, part.top, part.width, part.height), cell, tools)
  return drawing(
    isWhole ? part.width * cell : figureWidth,
    head.height + part.height * cell,
    head.svg + svgElement('g', { transform: `translate(0 ${head.height})` }, numbers),
  )
}

/** The picture with the part framed, and in words where that is. */
function whole(picture: Picture, part: PixelPart, name: string, tools: DrawingTools) {
  const scale = wholeSide / Math.max(picture.width, picture.height)
  const [width, height] = [picture.width * scale, picture.height * scale]
  const framed = { x: part.left * scale, y: part.top * scale, width: part.width * scale, height: part.height * scale }
  const words = [
    `“${name}”`,
    `${picture.width} × ${picture.height} pixels; the frame:`,
    `rows ${part.top} to ${part.top + part.height - 1},`,
    `columns ${part.left} to ${part.left + part.width - 1}, from 0`,
  ]
  const lines = words.map((line, row) => {
    const ink = row === 0 ? { 'font-weight': 600 } : { fill: colour('--faint') }
    return svgElement('text', { x: width + 14, y: 16 + row * 18, ...ink }, escaped(line))
  })
  const frames =
    svgElement('rect', { ...framed, fill: 'none', stroke: colour('--paper'), 'stroke-width': 5 }) +
    svgElement('rect', { ...framed, fill: 'none', stroke: colour('--series-2'), 'stroke-width': 2.5 })
  return {
    svg: image(tools.pictureUrl(picture), 0, 0, width, height) + frames + lines.join(''),
    height: Math.ceil(Math.max(height, 76) + 12),
  }
}

function numbersOf(picture: Picture, cell: number, tools: DrawingTools): string {
  const { width, height, channels, data } = picture
  const lightness = grey(picture).data
  const texts: Record<'dark' | 'light', string[]> = { dark: [], light: [] }
  for (let pixel = 0; pixel < width * height; pixel++) {
    const x = ((pixel % width) + 0.5) * cell
    const middle = (Math.floor(pixel / width) + 0.5) * cell
    const group = texts[lightness[pixel]! >= lightFrom ? 'dark' : 'light']
    for (let channel = 0; channel < channels; channel++) {
      const y = middle + (channel - (channels - 1) / 2) * fontSize * 1.08 + fontSize * 0.36
      group.push(svgElement('text', { x: tenth(x), y: tenth(y) }, String(data[pixel * channels + channel]!)))
    }
  }
  return (
    image(tools.pictureUrl(picture), 0, 0, width * cell, height * cell) +
    svgElement('g', { 'text-anchor': 'middle', 'font-size': fontSize, fill: '#000' }, texts.dark.join('')) +
    svgElement('g', { 'text-anchor': 'middle', 'font-size': fontSize, fill: '#fff' }, texts.light.join(''))
  )
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10
}
