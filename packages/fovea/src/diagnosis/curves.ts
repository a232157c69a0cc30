/**
 * The curves of a run as diagnosis reads them: one value per epoch and metric. In: a table of values, epochs in any order, an epoch on
 * one line or on several. Out: curves, and which columns they are. Numbers that are none (NaN, infinity) are kept: they are evidence.
 * What was not measured is `undefined`: no evidence of anything.
 */
import { UserError } from '../base/errors.ts'
import { largestOf } from '../base/extremes.ts'
import { show } from '../base/show.ts'
import { type ColumnRole, type CurveName, columnsOf, curveNames, type HistoryColumns } from './history-columns.ts'
import { isAbsent, numberIn } from './history-number.ts'

/** Of each epoch; `undefined` where it was not measured. */
export type CurveValues = readonly (number | undefined)[]

export interface Curves {
  /** Names of the epochs, as the run itself counts them. */
  readonly epochs: readonly number[]
  readonly loss: CurveValues
  readonly accuracy?: CurveValues
  readonly valLoss?: CurveValues
  readonly valAccuracy?: CurveValues
}

export interface CurveHistory {
  readonly curves: Curves
  readonly columns: HistoryColumns
}

/** What a file holds, before anything is read into it. */
export interface HistoryTable {
  readonly names: readonly string[]
  readonly rows: readonly { readonly where: string; readonly cells: readonly unknown[] }[]
  /** Numbers are written with a comma: `0,5`. */
  readonly decimalComma?: boolean
}

/** The values of one line. */
interface Line {
  readonly epoch: number
  /** Lines of one epoch at one place say the same thing again. */
  readonly place: string
  readonly values: Values
}
type Values = Partial<Record<CurveName, number>>

/** Throws UserError for a table without losses, and for a cell that is not a number. */
export function historyOf(table: HistoryTable, source: string): CurveHistory {
  const { names, rows } = table
  const { roles, ...columns } = columnsOf(names, index => rows.some(({ cells }) => !isAbsent(cells[index])))
  if (rows.length === 0 && names.length > 0) {
    throw new UserError({ what: `${source} has no epochs.`, expected: 'one line per epoch below the first' })
  }
  if (!roles.has('loss')) throw withoutLosses(names, source)
  const number = (row: HistoryTable['rows'][number], role: ColumnRole): number | undefined => {
    const at = roles.get(role)
    if (!at) return undefined
    const cell = row.cells[at.index]
    const value = numberIn(cell, table.decimalComma)
    if (value !== 'none') return value
    throw new UserError({
      what: `${source}, ${row.where}: the ${names[at.index]!.trim()} is not a number.`,
      received: typeof cell === 'string' ? cell.slice(0, 60) : show(cell, 60),
    })
  }
  const lines = rows.flatMap((row, index): Line[] => {
    const values: Values = {}
    for (const name of curveNames) {
      const value = number(row, name)
      if (value !== undefined) values[name] = value
    }
    if (Object.keys(values).length === 0) return []
    const epoch = roles.has('epoch') ? number(row, 'epoch') : index
    if (epoch === undefined || !Number.isFinite(epoch)) {
      throw new UserError({
        what: `${source}, ${row.where}: the epoch is missing.`,
        expected: 'a number in every line that has a loss',
        received: epoch === undefined ? 'nothing' : String(epoch),
      })
    }
    // Hugging Face counts what is done: 1.5 is in the middle of the second epoch, 2 at its end.
    return [
      {
        epoch: Number.isInteger(epoch) ? epoch : Math.ceil(epoch),
        place: `${epoch}/${number(row, 'step') ?? ''}`,
        values,
      },
    ]
  })
  const epochs = [...mergedLines(lines)].sort(([a], [b]) => a - b)
  const column = (name: CurveName): CurveValues | undefined => {
    if (!roles.has(name)) return undefined
    const values = epochs.map(([, each]) => each[name])
    return name === 'accuracy' || name === 'valAccuracy' ? fractions(values, roles.get(name)!.mistakes) : values
  }
  const [accuracy, valLoss, valAccuracy] = [column('accuracy'), column('valLoss'), column('valAccuracy')]
  const curves = {
    epochs: epochs.map(([epoch]) => epoch),
    loss: column('loss')!,
    ...(accuracy && { accuracy }),
    ...(valLoss && { valLoss }),
    ...(valAccuracy && { valAccuracy }),
  }
  return { curves, columns }
}

/**
 * One epoch from lines that follow each other: of one place the later values hold; of several places, which are steps within the epoch,
 * training is the mean and validation the last. An epoch that comes again was trained again: its later values hold.
 */
function mergedLines(lines: readonly Line[]): Map<number, Values> {
  const epochs = new Map<number, Values>()
  for (let at = 0; at < lines.length; ) {
    const { epoch } = lines[at]!
    const places = new Map<string, Values>()
    for (; lines[at]?.epoch === epoch; at++) {
      const { place, values } = lines[at]!
      places.set(place, { ...places.get(place), ...values })
    }
    const merged = { ...epochs.get(epoch) }
    for (const name of curveNames) {
      const values = [...places.values()].flatMap(each => each[name] ?? [])
      if (values.length === 0) continue
      const trained = name === 'loss' || name === 'accuracy'
      merged[name] = trained ? values.reduce((sum, value) => sum + value, 0) / values.length : values.at(-1)!
    }
    epochs.set(epoch, merged)
  }
  return epochs
}

/** Accuracies from 0 to 1. Many scripts write percent: a column with a value above 1 does. */
function fractions(values: CurveValues, mistakes: boolean): CurveValues {
  const known = values.filter(value => value !== undefined && Number.isFinite(value)) as number[]
  const whole = largestOf(known) > 1.5 ? 100 : 1
  return values.map(value => (value === undefined ? undefined : mistakes ? 1 - value / whole : value / whole))
}

function withoutLosses(names: readonly string[], source: string): UserError {
  const empty = columnsOf(names, () => true).roles.get('loss')
  return new UserError({
    what: empty
      ? `${source} has no value in its column ${names[empty.index]!.trim()}.`
      : `${source} has no column of losses.`,
    expected: 'a loss of every epoch, in columns like epoch,accuracy,loss,val_accuracy,val_loss',
    received:
      names.length === 0
        ? 'an empty file'
        : names
            .map(name => name.trim())
            .join(', ')
            .slice(0, 200),
  })
}
