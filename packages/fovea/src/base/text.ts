/** Text for terminals: numbers as people read them, and plain tables. */
import { largestOf } from './extremes.ts'

/** `1628214` → `1,628,214`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `0.9912` → `99.12 %`. */
export function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(2)} %`
}

/** `4.2 s`, `3 min 20 s`, `1 h 02 min`. */
export function duration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`
}

/** `12.3 MB` (powers of 1024). */
export function inBytes(count: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB']
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10))
  return power === 0 ? `${count} bytes` : `${(count / 1024 ** power).toFixed(1)} ${units[power]}`
}

export interface TableColumn {
  readonly title: string
  readonly cells: readonly string[]
  readonly align?: 'right'
}

/** Columns side by side under their titles, two blanks apart; no blanks at line ends. */
export function columns(table: readonly TableColumn[]): string {
  const widths = table.map(({ title, cells }) =>
    largestOf(
      cells.map(cell => cell.length),
      title.length,
    ),
  )
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) =>
        table[index]!.align === 'right' ? text.padStart(widths[index]!) : text.padEnd(widths[index]!),
      )
      .join('  ')
      .trimEnd()
  const rows = table[0]!.cells.map((_, row) => line(table.map(({ cells }) => cells[row] ?? '')))
  return [line(table.map(({ title }) => title)), line(widths.map(width => '─'.repeat(width))), ...rows].join('\n')
}

/** Definitions side by side: `  --epochs N    how many epochs`. */
export function definitions(pairs: readonly (readonly [string, string])[], indent = '  '): string {
  const width = largestOf(
    pairs.map(([term]) => term.length),
    0,
  )
  return pairs.map(([term, meaning]) => `${indent}${term.padEnd(width)}  ${meaning}`.trimEnd()).join('\n')
}

/** The first names of a list, and how many more there are. */
export function shortList(names: readonly string[], most = 5): string {
  const more = names.length - most
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ')
}

/** The name, or where it has more than `most` signs its beginning, `…` and its last `kept` signs. */
export function shortened(name: string, most: number, kept = 0): string {
  // A sign is one or two of a text's places: what is longer need not be taken apart as a whole.
  if (name.length <= 2 * most && [...name].length <= most) return name
  const begin = [...name.slice(0, 2 * most)].slice(0, most - 1 - kept)
  const end = kept === 0 ? [] : [...name.slice(-2 * kept)].slice(-kept)
  return [...begin, '…', ...end].join('')
}

/** A word as a shell takes it: in quotes where it holds more than names do. */
export function shellWord(word: string): string {
  return /^[\p{L}\p{N}_.,:=@%+/\\~-]+$/u.test(word) ? word : `"${word.replace(/(["$`\\])/g, '\\$1')}"`
}

/** With its first letter large. */
export function capitalised(text: string): string {
  return text === '' ? '' : text[0]!.toUpperCase() + text.slice(1)
}
