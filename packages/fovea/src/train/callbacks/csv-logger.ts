/** One line per epoch in a CSV file: the epoch (from 0, as Keras writes it), then the logs by name. Keras's CSVLogger. */
import { csvCell } from '../../base/csv.ts'
import { UserError } from '../../base/errors.ts'
import type { Files } from '../../base/host.ts'
import { boolean, optional, parse, record, that } from '../../base/schema.ts'
import type { Callback, Training } from './callback.ts'
import { type CsvLines, checkColumns, csvLine, linesLike, rateColumn } from './csv-columns.ts'

const fields = {
  separator: optional(
    that<string>(
      'one sign that stands in no number: "," or ";" or a tab',
      value => typeof value === 'string' && /^[,;\t|: ]$/.test(value),
    ),
    ',',
  ),
  append: optional(boolean, false),
}

/**
 * Writes the values of every epoch to a CSV file. `separator` is ',' by default; `append` goes on with a file that is
 * there.
 */
export function csvLogger(
  filename: string,
  options: { readonly separator?: string | undefined; readonly append?: boolean | undefined } = {},
): Callback {
  if (typeof filename !== 'string' || filename === '') {
    throw new UserError({
      what: 'csvLogger has no file name',
      expected: "csvLogger('log.csv')",
      received: typeof filename,
    })
  }
  const { separator, append: appends } = parse(record(fields), options, 'csvLogger')
  let append = appends
  let lines: CsvLines | undefined

  /** How lines go on in the file that is there; undefined where there is none, or an empty one. */
  async function existing(files: Files, { say }: Training, names: readonly string[]): Promise<CsvLines | undefined> {
    if (!append || !(await files.exists(filename))) return undefined
    const found = await linesLike(files, filename, separator)
    const warning = found && checkColumns(found, names, filename)
    if (warning !== undefined) await say(warning, 'warning')
    return found
  }

  async function begun(files: Files, names: readonly string[]): Promise<CsvLines> {
    const columns = ['epoch', ...names.toSorted()]
    const header = columns.map(name => csvCell(name, separator)).join(separator)
    await files.write(filename, new TextEncoder().encode(`${header}\n`))
    return { columns, separator, end: '\n' }
  }

  /** A file that cannot be gone on with is told before an epoch is trained for nothing. */
  async function lookAhead(training: Training): Promise<void> {
    if (lines || !training.files || training.monitors.length === 0) return
    lines = await existing(training.files, training, [...training.monitors, rateColumn])
  }

  return {
    name: 'csvLogger',
    onTrainBegin(training) {
      lines = undefined
      // A place that cannot be written to is told before the first epoch, not after it.
      if (training.files) return training.files.append(filename, '').then(() => lookAhead(training))
      throw new UserError({
        what: 'csvLogger cannot write: there are no files here',
        fix: 'give the model a host with files, or use the History that fit returns',
      })
    },
    // The event holds the rate the epoch was trained with; other callbacks may change it at the epoch's end.
    async onEvent(event, training) {
      if (event.type !== 'epoch-end' || !training.files) return
      const values = { ...event.logs, [rateColumn]: event.learningRate }
      const names = Object.keys(values)
      lines ??= (await existing(training.files, training, names)) ?? (await begun(training.files, names))
      await training.files.append(filename, csvLine(lines, event.epoch - 1, values))
    },
    // A resumed run goes on in the file of the first.
    state: () => ({ values: {} }),
    restore(_, training) {
      append = true
      return lookAhead(training)
    },
  }
}
