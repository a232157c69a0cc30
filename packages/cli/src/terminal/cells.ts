/** Text by the cells of a terminal that it takes: two for most signs of China, Japan and Korea and for emoji, none for accents. */
import { printable } from 'fovea/internal/base/printable'
import stringWidth from 'string-width'

/** On one line, without what a terminal obeys. */
export const oneLine = (text: string): string =>
  printable(text.replace(/[\n\t]/g, sign => (sign === '\n' ? '\\n' : '\\t')))

/** Of text on one line. */
export const cellsOf = (text: string): number => stringWidth(text)

/** With blanks behind it, up to so many cells. */
export const padded = (text: string, cells: number): string => text + ' '.repeat(Math.max(0, cells - cellsOf(text)))

/** The text, or where it takes more cells its beginning, `…` and its end, which tells files of one folder apart. */
export function shortenedTo(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text
  const signs = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)].map(
    ({ segment }) => segment,
  )
  const beginning = fitting(signs, Math.floor((cells - 1) / 3))
  const end = fitting(signs.toReversed(), cells - 1 - cellsOf(beginning.join('')))
  return [...beginning, '…', ...end.toReversed()].join('')
}

/** The first signs that have room. */
function fitting(signs: readonly string[], cells: number): readonly string[] {
  let taken = 0
  const end = signs.findIndex(sign => {
    taken += cellsOf(sign)
    return taken > cells
  })
  return end < 0 ? signs : signs.slice(0, end)
}
