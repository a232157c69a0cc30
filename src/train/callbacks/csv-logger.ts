/** One line per epoch in a CSV file: the epoch (from 0, as Keras writes it), then the logs by name. Keras's CSVLogger. */
import { UserError } from '../../base/errors.ts'
import type { Files } from '../../base/host.ts'
import { checkOptions } from '../../model/choices.ts'
import type { Callback } from './callback.ts'

export function csvLogger(
  filename: string,
  options: { readonly separator?: string; readonly append?: boolean } = {},
): Callback {
  if (typeof filename !== 'string' || filename === '') {
    throw new UserError({
      what: 'csvLogger has no file name',
      expected: "csvLogger('log.csv')",
      received: typeof filename,
    })
  }
  checkOptions('csvLogger', { separator: ',', append: false }, options)
  const { separator = ',' } = options
  let append = options.append ?? false
  let columns: string[] | undefined

  async function begin(files: Files, names: readonly string[]): Promise<string[]> {
    if (append && (await files.exists(filename))) {
      const [header] = new TextDecoder().decode(await files.read(filename, 'text')).split('\n')
      if (header) return header.split(separator).slice(1)
    }
    const sorted = [...names].sort()
    await files.write(filename, new TextEncoder().encode(`${['epoch', ...sorted].join(separator)}\n`))
    return sorted
  }

  return {
    name: 'csvLogger',
    onTrainBegin(training): void | Promise<void> {
      columns = undefined
      // A place that cannot be written to is told before the first epoch, not after it.
      if (training.files) return training.files.append(filename, '')
      throw new UserError({
        what: 'csvLogger cannot write: there are no files here',
        fix: 'give the model a host with files, or use the History that fit returns',
      })
    },
    // The event holds the rate the epoch was trained with; other callbacks may change it at the epoch's end.
    async onEvent(event, { files }) {
      if (event.type !== 'epoch-end' || !files) return
      const values: Record<string, number> = { ...event.logs, learning_rate: event.learningRate }
      columns ??= await begin(files, Object.keys(values))
      const cells = columns.map(name => String(values[name] ?? 'NA'))
      await files.append(filename, `${[event.epoch - 1, ...cells].join(separator)}\n`)
    },
    // A resumed run goes on in the file of the first.
    state: () => ({ values: {} }),
    restore() {
      append = true
    },
  }
}
