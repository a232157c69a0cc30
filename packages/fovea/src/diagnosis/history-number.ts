/** A cell of a history as a number. In: a number, or a word as some tool writes it. Out: the number; NaN and infinities are numbers too. */

/** Not measured: Keras and R write NA, Python None, databases null; most write nothing. */
const absent = new Set(['', 'na', 'n/a', '<na>', 'none', 'null', '-', '–'])

export function isAbsent(cell: unknown): boolean {
  return cell === undefined || cell === null || (typeof cell === 'string' && absent.has(cell.trim().toLowerCase()))
}

/** `undefined` where nothing was measured, `none` for what is not a number. */
export function numberIn(cell: unknown, decimalComma = false): number | undefined | 'none' {
  if (isAbsent(cell)) return undefined
  if (typeof cell === 'number') return cell
  if (typeof cell !== 'string') return 'none'
  const word = cell.trim().toLowerCase().replace(/\s*%$/, '')
  if (/^[+-]?nan$/.test(word)) return Number.NaN
  if (/^[+-]?inf(inity)?$/.test(word)) return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const value = Number(decimalComma ? word.replace(',', '.') : word)
  return Number.isNaN(value) ? 'none' : value
}
