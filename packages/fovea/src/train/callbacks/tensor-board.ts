/**
 * Event files for TensorBoard, laid out as Keras does: `train` and `validation` under the log folder, with the same tag in both
 * (`epoch_loss`), so that the two curves share a chart; `batch_loss` for single batches on request. Steps are epochs from 0.
 */
import { UserError } from '../../base/errors.ts'
import { dictionary, oneOf, optional, parse, record, text, that } from '../../base/schema.ts'
import { type EventPicture, eventFileHeader, eventRecord } from '../../store/event-file.ts'
import type { Callback, Training } from './callback.ts'

export interface TensorBoardOptions {
  /** Default `logs`. */
  readonly logDir?: string | undefined
  /** `batch`: losses and metrics of every batch too. Default `epoch`. */
  readonly updateFreq?: 'epoch' | 'batch' | undefined
  /** Pictures to write once, at the beginning, by tag. */
  readonly pictures?: { readonly [tag: string]: EventPicture } | undefined
}

const isPicture = (value: unknown): boolean => {
  const { width, height, channels, data } = Object(value) as Record<string, unknown>
  return (
    [width, height, channels].every(extent => Number.isSafeInteger(extent) && Number(extent) > 0) &&
    data instanceof Uint8Array &&
    data.length === Number(width) * Number(height) * Number(channels)
  )
}

const fields = {
  logDir: optional(text, 'logs'),
  updateFreq: optional(oneOf(['epoch', 'batch']), 'epoch'),
  pictures: optional(
    dictionary(that<EventPicture>('{width, height, channels, data} with its bytes', isPicture), 'pictures by tag'),
  ),
}

/** Throws UserError for options that it does not have and for values out of range. */
export function tensorBoard(options: TensorBoardOptions = {}): Callback {
  const { logDir, updateFreq, pictures } = parse(record(fields), options, 'tensorBoard')
  const begun = new Map<'train' | 'validation', string>()

  async function add(
    training: Training,
    part: 'train' | 'validation',
    step: number,
    scalars: Readonly<Record<string, number>>,
    shown?: TensorBoardOptions['pictures'],
  ): Promise<void> {
    const { files } = training
    if (!files || (Object.keys(scalars).length === 0 && !shown)) return
    const wallTime = Date.now() / 1000
    let path = begun.get(part)
    if (path === undefined) {
      path = files.join(logDir, part, `events.out.tfevents.${Math.floor(wallTime)}.fovea`)
      begun.set(part, path)
      await files.write(path, eventFileHeader(wallTime))
    }
    await files.append(path, eventRecord({ wallTime, step, scalars, ...(shown && { pictures: shown }) }))
  }

  return {
    name: 'tensorBoard',
    async onTrainBegin(training) {
      begun.clear()
      if (!training.files) {
        throw new UserError({
          what: 'tensorBoard cannot write: there are no files here',
          fix: 'give the model a host with files, or use the History that fit returns',
        })
      }
      if (pictures) await add(training, 'train', 0, {}, pictures)
    },
    async onEvent(event, training) {
      if (event.type === 'batch-end' && updateFreq === 'batch') {
        await add(
          training,
          'train',
          event.step - 1,
          renamed(event.batchLogs, name => `batch_${name}`),
        )
      }
      if (event.type !== 'epoch-end') return
      const { logs, learningRate } = event
      const own = Object.fromEntries(Object.entries(logs).filter(([name]) => !name.startsWith('val_')))
      const validation = Object.fromEntries(Object.entries(logs).filter(([name]) => name.startsWith('val_')))
      const step = event.epoch - 1
      await add(
        training,
        'train',
        step,
        renamed({ ...own, learning_rate: learningRate }, name => `epoch_${name}`),
      )
      await add(
        training,
        'validation',
        step,
        renamed(validation, name => `epoch_${name.slice('val_'.length)}`),
      )
    },
  }
}

function renamed(logs: Readonly<Record<string, number>>, name: (name: string) => string): Record<string, number> {
  return Object.fromEntries(Object.entries(logs).map(([key, value]) => [name(key), value]))
}
