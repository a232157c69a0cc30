/**
 * Comma-separated values (RFC 4180). In: a text; its separator, where it is known (else the one of `, ; tab |` that the first line has
 * most of). Out: the first line's names and the rows below, each with the number of its line. A cell in quotes may hold separators,
 * line ends and doubled quotes. Every row has as many cells as the first line; blank lines are passed over.
 */
import { UserError } from './errors.ts'

export interface CsvRow {
  readonly cells: readonly string[]
  /** Where it begins in the file, from 1. */
  readonly line: number
}

export interface CsvTable {
  readonly separator: string
  readonly names: readonly string[]
  readonly rows: readonly CsvRow[]
}

/** An empty text has no names and no rows. Throws UserError for a quote that is not closed and for a row of another length. */
export function readCsv(text: string, source: string, given?: string): CsvTable {
  // Excel reads the separator from a line before the first.
  const named = /^sep=(.)[\r\n]/.exec(text)?.[1]
  const separator = given ?? named ?? separatorOf(text)
  const [header, ...rows] = rowsOf(text, separator, source).slice(named === undefined ? 0 : 1)
  const names = header?.cells ?? []
  const odd = rows.find(({ cells }) => cells.length !== names.length)
  if (!odd) return { separator, names, rows }
  const count = (cells: readonly string[]): string => `${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}`
  throw new UserError({
    what: `${source}, line ${odd.line}: the row has too ${odd.cells.length < names.length ? 'few' : 'many'} cells.`,
    expected: `${count(names)}, as in the first line`,
    received: count(odd.cells),
    fix: 'Correct the row, or put cells that hold a separator in quotes.',
  })
}

/** A cell as it is written: in quotes where it would be read as something else. */
export function csvCell(text: string, separator: string): string {
  return text.includes(separator) || /["\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function separatorOf(text: string): string {
  const [first = ''] = text
    .replace(/^[ \r\n]+/, '')
    .replace(/"[^"]*"/g, '')
    .split(/[\r\n]/, 1)
  const counts = [',', ';', '\t', '|'].map(sign => ({ sign, count: first.split(sign).length }))
  return counts.reduce((a, b) => (b.count > a.count ? b : a)).sign
}

function rowsOf(text: string, separator: string, source: string): CsvRow[] {
  const rows: CsvRow[] = []
  const ends = new RegExp(`${separator.replace(/[^\w\s]/g, '\\$&')}|\\r|\\n`, 'g')
  /** Where a plain text ends: before the next separator or line end. */
  const endOf = (from: number): number => {
    ends.lastIndex = from
    return ends.exec(text)?.index ?? text.length
  }
  let [at, line, begun] = [0, 1, 1]
  let cells: string[] = []
  while (at < text.length) {
    const opening = openingQuote(text, at)
    const closing = opening < 0 ? -1 : closingQuote(text, opening)
    if (opening >= 0 && closing < 0) throw unclosed(source, line)
    const end = endOf(Math.max(at, closing + 1))
    if (opening < 0) cells.push(text.slice(at, end))
    else {
      const cell = text.slice(opening + 1, closing)
      cells.push(cell.replaceAll('""', '"'))
      line += cell.match(/\r\n|\n|\r/g)?.length ?? 0
      const rest = text.slice(closing + 1, end)
      if (rest.trim() !== '') throw afterQuote(source, line, rest)
    }
    at = end
    if (text.startsWith(separator, at)) {
      at += separator.length
      // A separator at the very end has an empty cell behind it.
      if (at < text.length) continue
      cells.push('')
    }
    if (cells.length > 1 || cells[0]!.trim() !== '') rows.push({ cells, line: begun })
    cells = []
    at += text.startsWith('\r\n', at) ? 2 : 1
    begun = ++line
  }
  return rows
}

/** Where the quote of a cell in quotes stands, blanks before it passed over; −1 for a plain cell. */
function openingQuote(text: string, at: number): number {
  let place = at
  while (text[place] === ' ') place++
  return text[place] === '"' ? place : -1
}

function closingQuote(text: string, opening: number): number {
  let place = text.indexOf('"', opening + 1)
  while (place >= 0 && text[place + 1] === '"') place = text.indexOf('"', place + 2)
  return place
}

function unclosed(source: string, line: number): UserError {
  return new UserError({
    what: `${source}, line ${line}: a quote is not closed.`,
    expected: 'a second " at the end of the cell',
    received: 'the end of the file',
  })
}

function afterQuote(source: string, line: number, rest: string): UserError {
  return new UserError({
    what: `${source}, line ${line}: something follows the closing quote of a cell.`,
    expected: 'a separator or the end of the line; a quote within a cell is doubled',
    received: rest.slice(0, 40),
  })
}
