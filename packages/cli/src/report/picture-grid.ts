/**
 * Pictures of one size in rows and columns, each under its title. In: pictures with words. Out: a drawing. A name too long for its
 * place is shortened, and whole in the title that pointing at it shows.
 */
import { largestOf } from 'fovea/internal/base/extremes'
import type { Picture } from 'fovea/internal/base/picture'
import type { DrawingTools } from './figure.ts'
import { pictureSheet, type SheetPlace } from './picture-sheet.ts'
import { drawing, escaped, svgElement } from './svg.ts'
import { colour, type ThemeColour } from './theme.ts'

export interface Tile {
  readonly picture: Picture
  /** One below the other; all tiles of a grid have as many. */
  readonly lines: readonly string[]
  /** What the lines say in full, where they are shortened. */
  readonly full?: string
  /** Of words and frame. Default: the page's ink, and a thin line. */
  readonly colour?: ThemeColour
  /** A heavy frame, which is seen without colours too. */
  readonly marked?: boolean
}

export interface LabelledGridOptions {
  /** Of its figure. */
  readonly name: string
  readonly columns: number
  /** Width of a column. */
  readonly cell: number
  readonly tools: DrawingTools
}

const fontSize = 12
const lineHeight = 15

/** Signs of a line that have room over a picture in a column of this width. */
export function signsIn(cell: number): number {
  return Math.floor(cell / 7.5)
}

export function labelledGrid(tiles: readonly Tile[], { name, columns, cell, tools }: LabelledGridOptions): string {
  const above =
    lineHeight *
      largestOf(
        tiles.map(({ lines }) => lines.length),
        0,
      ) +
    3
  const pictures = tiles.map(({ picture }) => picture)
  const sheet = pictureSheet(pictures, { name, columns, cell, above, tools })
  const drawn = tiles.map((tile, index) => {
    const place = sheet.place(index)
    const texts = tile.lines.map((line, row) => {
      const y = place.y - above + (row + 0.8) * lineHeight
      return svgElement('text', { x: place.x + place.width / 2, y }, `${titleOf(tile)}${escaped(line)}`)
    })
    const ink = tile.colour === undefined ? {} : { fill: colour(tile.colour) }
    return svgElement('g', ink, texts.join('')) + frame(place, tile)
  })
  const words = svgElement('g', { 'font-size': fontSize, 'text-anchor': 'middle' }, drawn.join(''))
  return drawing(sheet.width, sheet.height, sheet.svg + words)
}

function titleOf({ full, lines }: Tile): string {
  return full === undefined || full === lines.join(' ') ? '' : svgElement('title', {}, escaped(full))
}

/** The line around a picture. */
export function frame(place: SheetPlace, { colour: name, marked }: Pick<Tile, 'colour' | 'marked'> = {}): string {
  return svgElement('rect', {
    ...place,
    fill: 'none',
    stroke: colour(name ?? '--line'),
    'stroke-width': marked ? 3 : 1,
  })
}
