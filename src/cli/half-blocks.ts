/**
 * Pictures in a terminal: each character cell shows two pixels, one above the other, as the upper half block ▀ in the
 * upper pixel's colour on the lower pixel's. Without colours, five shades of grey as letters of growing ink.
 */
import type { Picture } from '../base/picture.ts'

export interface CaptionedPicture {
  readonly picture: Picture
  readonly caption: string
}

/** Pictures side by side in rows as wide as the terminal, each under its caption. */
export function drawPictures(
  pictures: readonly CaptionedPicture[],
  options: { columns: number; colour: boolean },
): string {
  const gap = 2
  const widest = Math.max(...pictures.map(({ picture, caption }) => Math.max(picture.width, caption.length)))
  const perRow = Math.max(1, Math.floor((options.columns + gap) / (widest + gap)))
  const rows: string[] = []
  for (let first = 0; first < pictures.length; first += perRow) {
    const row = pictures.slice(first, first + perRow)
    const drawn = row.map(({ picture }) => drawPicture(picture, options.colour))
    const height = Math.max(...drawn.map(lines => lines.length))
    rows.push(
      row
        .map(({ caption }) => caption.padEnd(widest))
        .join(' '.repeat(gap))
        .trimEnd(),
    )
    for (let line = 0; line < height; line++) {
      const cells = drawn.map((lines, index) => (lines[line] ?? '') + ' '.repeat(widest - row[index]!.picture.width))
      rows.push(cells.join(' '.repeat(gap)).trimEnd())
    }
  }
  return rows.join('\n')
}

/** One picture, a string a character row. */
export function drawPicture(picture: Picture, colour: boolean): string[] {
  const rows: string[] = []
  for (let y = 0; y < picture.height; y += 2) {
    let row = ''
    let before = ''
    for (let x = 0; x < picture.width; x++) {
      const upper = colourAt(picture, y, x)
      const lower = y + 1 < picture.height ? colourAt(picture, y + 1, x) : upper
      if (colour) {
        const paint = `\x1b[38;2;${upper.join(';')};48;2;${lower.join(';')}m`
        row += `${paint === before ? '' : paint}▀`
        before = paint
      } else row += shade((luminance(upper) + luminance(lower)) / 2)
    }
    rows.push(colour ? `${row}\x1b[0m` : row)
  }
  return rows
}

type Colour = [number, number, number]

function colourAt(picture: Picture, y: number, x: number): Colour {
  const at = (y * picture.width + x) * picture.channels
  const { data } = picture
  return picture.channels < 3 ? [data[at]!, data[at]!, data[at]!] : [data[at]!, data[at + 1]!, data[at + 2]!]
}

/** Rec. 601, as everywhere in Fovea. */
const luminance = ([red, green, blue]: Colour): number => 0.299 * red + 0.587 * green + 0.114 * blue

const inks = [' ', '.', 'o', 'O', '@']

const shade = (grey: number): string => inks[Math.min(inks.length - 1, Math.floor((grey / 256) * inks.length))]!
