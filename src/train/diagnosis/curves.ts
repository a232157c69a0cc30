/**
 * The curves of a run as diagnosis reads them: one value per epoch and metric. In: epochs of a run directory, or a CSV file as
 * Keras's and our CSVLogger write it. Numbers that are none (NaN, infinity, `nan`, `inf`) are kept: they are evidence.
 */
import { UserError } from '../../base/errors.ts'
import { isJsonRecord } from '../../base/json.ts'
import type { RunRecord } from '../../store/run-file.ts'

export interface Curves {
  /** Names of the epochs, as the run itself counts them. */
  readonly epochs: readonly number[]
  readonly loss: readonly number[]
  readonly accuracy?: readonly number[]
  readonly valLoss?: readonly number[]
  readonly valAccuracy?: readonly number[]
}

/** From the lines of a run file; of an epoch that was trained again after a resumption, the later one. */
export function curvesOfRun(records: readonly RunRecord[], source: string): Curves {
  const epochs = new Map<number, Readonly<Record<string, unknown>>>()
  for (const { type, epoch, logs } of records) {
    if (type === 'epoch-end' && typeof epoch === 'number' && isJsonRecord(logs)) epochs.set(epoch, logs)
  }
  if (epochs.size === 0) {
    throw new UserError({
      what: `${source} holds no finished epoch.`,
      fix: 'train for an epoch at least',
    })
  }
  const numbers = [...epochs.keys()].sort((a, b) => a - b)
  const column = (name: string): number[] | undefined =>
    numbers.some(epoch => epochs.get(epoch)![name] !== undefined)
      ? // JSON has no NaN and no infinities: they are written as words.
        numbers.map(epoch => Number(epochs.get(epoch)![name] ?? Number.NaN))
      : undefined
  const [accuracy, valLoss, valAccuracy] = [column('accuracy'), column('val_loss'), column('val_accuracy')]
  return {
    epochs: numbers,
    loss: column('loss') ?? numbers.map(() => Number.NaN),
    ...(accuracy && { accuracy }),
    ...(valLoss && { valLoss }),
    ...(valAccuracy && { valAccuracy }),
  }
}

/** Names a column may have, the first that is there. Older Kerases and other metrics write other ones. */
const columnNames = {
  epoch: ['epoch'],
  loss: ['loss', 'train_loss'],
  accuracy: ['accuracy', 'acc', 'categorical_accuracy', 'sparse_categorical_accuracy', 'binary_accuracy'],
  valLoss: ['val_loss'],
  valAccuracy: [
    'val_accuracy',
    'val_acc',
    'val_categorical_accuracy',
    'val_sparse_categorical_accuracy',
    'val_binary_accuracy',
  ],
} as const

/** Columns in any order, separated by comma, semicolon or tab; others are passed over. Throws UserError when there is no `loss`. */
export function curvesOfCsv(text: string, source: string): Curves {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .filter(line => line.trim() !== '')
  const [header = '', ...rows] = lines
  const separator = [',', ';', '\t'].find(each => header.includes(each)) ?? ','
  const cellsOf = (line: string): string[] => line.split(separator).map(cell => cell.trim().replace(/^"(.*)"$/, '$1'))
  const titles = cellsOf(header).map(title => title.toLowerCase())
  const column = (name: keyof typeof columnNames): number[] | undefined => {
    const index = titles.findIndex(title => (columnNames[name] as readonly string[]).includes(title))
    return index < 0
      ? undefined
      : rows.map((row, line) => numberOf(cellsOf(row)[index], source, line + 2, titles[index]!))
  }
  const loss = column('loss')
  if (!loss) {
    throw new UserError({
      what: `${source} has no column of losses.`,
      expected: 'a first line like epoch,accuracy,loss,val_accuracy,val_loss',
      received: header === '' ? 'an empty file' : header.slice(0, 200),
    })
  }
  if (loss.length === 0) {
    throw new UserError({ what: `${source} has no epochs.`, expected: 'one line per epoch below the first' })
  }
  const [accuracy, valLoss, valAccuracy] = [column('accuracy'), column('valLoss'), column('valAccuracy')]
  return {
    epochs: column('epoch') ?? loss.map((_, index) => index),
    loss,
    ...(accuracy && { accuracy }),
    ...(valLoss && { valLoss }),
    ...(valAccuracy && { valAccuracy }),
  }
}

function numberOf(cell: string | undefined, source: string, line: number, column: string): number {
  const word = (cell ?? '').toLowerCase()
  // CSVLogger writes NA for what an epoch does not have.
  if (word === '' || word === 'na' || word === 'nan' || word === 'none') return Number.NaN
  if (/^[+-]?inf(inity)?$/.test(word)) return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const value = Number(word)
  if (!Number.isNaN(value)) return value
  throw new UserError({
    what: `${source}, line ${line}: the ${column} is no number.`,
    received: (cell ?? '').slice(0, 60),
  })
}
