/**
 * Going on in a CSV file that is there already: ours, Keras's, or one that a spreadsheet saved. In: the file and the values that this
 * training has. Out: what every new line must be like: its columns in order, separator and line end. The file is made ready for that
 * line: its last line is ended (one that was cut off is left out), and UTF-16 becomes UTF-8.
 */
import { csvCell, readCsv } from '../../base/csv.ts'
import { problemsOf, UserError } from '../../base/errors.ts'
import type { Files } from '../../base/host.ts'
import { isUtf8, linesOf, textOf } from '../../base/text-file.ts'

/** The rate that an epoch was trained with is a column of Keras's. */
export const rateColumn = 'learning_rate'

export interface CsvLines {
  readonly columns: readonly string[]
  readonly separator: string
  readonly end: string
}

/** Lines like those of the file; undefined for an empty one. Throws UserError for a file that this training cannot go on in. */
export async function linesLike(files: Files, path: string, separator: string): Promise<CsvLines | undefined> {
  const bytes = await files.read(path, 'text')
  const text = textOf(bytes, path)
  if (text.trim() === '') return undefined
  const end = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n'
  const given = linesOf(text)[0]!.includes(separator) ? separator : undefined
  const whole = withoutCutLine(text, end, text => problemsOf(() => readCsv(text, path, given)).length === 0)
  const table = readCsv(whole, path, given)
  const ended = whole.endsWith('\n') || whole.endsWith('\r') ? whole : `${whole}${end}`
  if (!isUtf8(bytes) || whole !== text) await files.write(path, new TextEncoder().encode(ended))
  else if (ended !== text) await files.append(path, end)
  return { columns: table.names.map(name => name.trim()), separator: table.separator, end }
}

/** A last line without an end that makes the file unsound is what a crash left of it. */
function withoutCutLine(text: string, end: string, isSound: (text: string) => boolean): string {
  if (/[\r\n]$/.test(text) || isSound(text)) return text
  const before = linesOf(text)
    .slice(0, -1)
    .map(line => `${line}${end}`)
  return before.length > 0 && isSound(before.join('')) ? before.join('') : text
}

/** What a column of the file is called here: `epoch`, a log, the learning rate; undefined for what this training does not have. */
function nameOf(column: string, columns: readonly string[], logs: readonly string[]): string | undefined {
  const lower = column.toLowerCase()
  if (lower === 'epoch' || (column === '' && !columns.some(each => each.toLowerCase() === 'epoch'))) return 'epoch'
  if (lower === rateColumn || lower === 'lr') return rateColumn
  return logs.find(log => log === column) ?? logs.find(log => log.toLowerCase() === lower)
}

/** A line of the file. A value that the epoch does not have is NA, as Keras writes it. */
export function csvLine(
  { columns, separator, end }: CsvLines,
  epoch: number,
  logs: Readonly<Record<string, number>>,
): string {
  const values: Readonly<Record<string, number>> = { ...logs, epoch }
  const cells = columns.map(column => values[nameOf(column, columns, Object.keys(logs)) ?? ''] ?? 'NA')
  return `${cells.map(cell => csvCell(String(cell), separator)).join(separator)}${end}`
}

/** Throws UserError where no column is a log of this training. Returns what to tell the user about columns that do not meet. */
export function checkColumns({ columns }: CsvLines, logs: readonly string[], path: string): string | undefined {
  const names = columns.map(column => nameOf(column, columns, logs))
  const metrics = logs.filter(log => log !== rateColumn)
  if (!metrics.some(metric => names.includes(metric))) {
    throw new UserError({
      what: `csvLogger cannot go on in ${path}: none of its columns is a value of this training.`,
      expected: ['epoch', ...metrics].join(', '),
      received: columns.join(', ').slice(0, 200),
      fix: 'Name another file, or leave out append to write this one anew.',
    })
  }
  const foreign = columns.filter((_, index) => names[index] === undefined)
  const missing = metrics.filter(metric => !names.includes(metric))
  const said = [
    ...(foreign.length > 0 ? [`this training has no ${foreign.join(', ')}, and NA is written there`] : []),
    ...(missing.length > 0 ? [`it has no column for ${missing.join(', ')}, which is left out`] : []),
  ]
  return said.length === 0 ? undefined : `Going on in ${path}: ${said.join('; ')}.`
}
