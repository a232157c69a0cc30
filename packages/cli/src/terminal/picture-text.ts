/** Pictures in the terminal, side by side under their captions, each drawn in half blocks. */
import { largestOf } from 'fovea/internal/base/extremes'
import type { Picture } from 'fovea/internal/base/picture'
import { type ColourDepth, drawHalfBlocks } from './half-blocks.ts'

export interface CaptionedPicture {
  readonly picture: Picture
  readonly caption: string
}

/** Pictures side by side in rows as wide as the terminal, each under its caption. */
export function drawPictures(
  pictures: readonly CaptionedPicture[],
  options: { columns: number; colours: ColourDepth },
): string {
  const gap = 2
  const widest = largestOf(pictures.map(({ picture, caption }) => Math.max(picture.width, caption.length)))
  const perRow = Math.max(1, Math.floor((options.columns + gap) / (widest + gap)))
  const rows: string[] = []
  for (let first = 0; first < pictures.length; first += perRow) {
    const row = pictures.slice(first, first + perRow)
    const drawn = row.map(({ picture }) =>
      drawHalfBlocks(picture, { columns: options.columns, colours: options.colours }),
    )
    const height = largestOf(drawn.map(lines => lines.length))
    rows.push(
      row
        .map(({ caption }) => caption.padEnd(widest))
        .join(' '.repeat(gap))
        .trimEnd(),
    )
    for (let line = 0; line < height; line++) {
      const cells = drawn.map(
        (lines, index) =>
          (lines[line] ?? '') + ' '.repeat(widest - Math.min(row[index]!.picture.width, options.columns)),
      )
      rows.push(cells.join(' '.repeat(gap)).trimEnd())
    }
  }
  return rows.join('\n')
}

/** What the terminal can show, as it says itself; 256 colours, which all know, where it says nothing. */
export function colourDepth(env: Readonly<Record<string, string | undefined>>): ColourDepth {
  const says = [env['COLORTERM'], env['TERM'], env['TERM_PROGRAM']].join(' ')
  // Windows Terminal names itself in a variable of its own.
  return env['WT_SESSION'] || /truecolor|24bit|direct|kitty|alacritty|ghostty|iTerm|vscode|WezTerm/i.test(says)
    ? 'true'
    : '256'
}
