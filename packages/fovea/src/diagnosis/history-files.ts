/**
 * Histories as files and run directories hold them, as tables of values. CSV as Keras's and our CSVLogger, pandas, fastai, Lightning
 * and Ultralytics write it; JSON as Hugging Face's trainer (`trainer_state.json`) and pandas write it, lists of records, Keras's
 * `history.history` and the `result.json` of a run; the lines of a run file.
 */
import { readCsv } from '../base/csv.ts'
import { UserError } from '../base/errors.ts'
import { kindOfText } from '../base/file-kind.ts'
import { isJsonRecord, type JsonRecord } from '../base/json.ts'
import { parseJson } from '../base/strict-json.ts'
import { linesOf } from '../base/text-file.ts'
import type { RunRecord } from '../run/run-file.ts'
import { type CurveHistory, type Curves, type HistoryTable, historyOf } from './curves.ts'

/** The history in a text file; what begins like JSON is read as JSON. Throws UserError for what holds none, by its name where it has one. */
export function historyOfText(text: string, source: string): CurveHistory {
  try {
    return /^\s*[[{]/.test(text) ? historyOfJson(text, source) : historyOfCsv(text, source)
  } catch (error) {
    const { group, name } = kindOfText(text)
    throw error instanceof UserError && group !== 'text' ? noHistory(source, name) : error
  }
}

function noHistory(source: string, received?: string): UserError {
  return new UserError({
    what: `${source} holds no history.`,
    expected:
      'a trainer_state.json with its log_history, a list of epochs, or lists of values by name: {"loss": [1.2, 0.8]}',
    ...(received !== undefined && { received }),
  })
}

/** Columns in any order, separated by comma, semicolon, tab or bar. */
function historyOfCsv(text: string, source: string): CurveHistory {
  const { names, rows, separator } = readCsv(text, source)
  if (/^wall time,step,value$/i.test(names.map(name => name.trim()).join())) throw oneCurve(source)
  const lines = rows.map(({ cells, line }) => ({ where: `line ${line}`, cells }))
  return historyOf({ names, rows: lines, decimalComma: separator !== ',' }, source)
}

function historyOfJson(text: string, source: string): CurveHistory {
  const value = parsed(text, source)
  if (Array.isArray(value) && value.length > 0 && value.every(isPoint)) throw oneCurve(source)
  const members = isJsonRecord(value) ? value : {}
  const split = splitTable(members)
  if (split) return historyOf(split, source)
  const list = [value, members['log_history'], members['history']].find(Array.isArray) as unknown[] | undefined
  const records = list?.every(isJsonRecord)
    ? list
    : recordsOf(isJsonRecord(members['history']) ? members['history'] : members)
  if (records)
    return historyOf(
      tableOf(records, index => `entry ${index + 1}`),
      source,
    )
  throw noHistory(source)
}

/** Time, step and value, as TensorBoard exports them. */
const isPoint = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 3 && value.every(part => typeof part === 'number')

function oneCurve(source: string): UserError {
  return new UserError({
    what: `${source} is one curve as TensorBoard exports it, and it does not say which.`,
    expected: 'a table with a column for each curve: step,loss,val_loss',
    received: 'Wall time, Step, Value',
    fix: 'Call the column Value by what it is (loss), and put the values of the other curves beside it.',
  })
}

/** Python writes NaN and infinities into JSON, which has no word for them. */
function parsed(text: string, source: string): unknown {
  const words = text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, word =>
    word[0] === '"' ? word : `"${word}"`,
  )
  try {
    return parseJson(words)
  } catch (error) {
    const lines = jsonLines(words)
    if (lines) return lines
    throw new UserError({
      what: `${source} is not JSON.`,
      received: (error as Error).message,
      // What Python prints of a dictionary has single quotes.
      ...(/^\s*[[{]\s*'/.test(text) && { fix: 'Write it in Python with json.dump(history.history, file).' }),
    })
  }
}

/** One record a line, as loggers write them (`.jsonl`). */
function jsonLines(text: string): JsonRecord[] | undefined {
  try {
    const values: unknown[] = linesOf(text)
      .filter(line => line.trim() !== '')
      .map(line => parseJson(line))
    return values.every(isJsonRecord) ? values : undefined
  } catch {
    return undefined
  }
}

/** Lists of values by name, as one record per epoch. pandas writes a column as values by the number of the row. */
function recordsOf(lists: JsonRecord): JsonRecord[] | undefined {
  const named = Object.entries(lists).flatMap(([name, column]) => {
    const values = isJsonRecord(column) && Object.keys(column).every(isCount) ? Object.values(column) : column
    return Array.isArray(values) && values.length > 0 ? [[name, values] as const] : []
  })
  if (named.length === 0) return undefined
  const length = named.reduce((most, [, values]) => Math.max(most, values.length), 0)
  return Array.from({ length }, (_, index) =>
    Object.fromEntries(named.map(([name, values]) => [name, values[index] ?? null])),
  )
}

const isCount = (word: string): boolean => /^\d+$/.test(word)

/** Names of columns apart from the rows: pandas's `orient='split'`. */
function splitTable({ columns, data }: JsonRecord): HistoryTable | undefined {
  if (!(Array.isArray(columns) && Array.isArray(data) && data.every(Array.isArray))) return undefined
  const rows = data as unknown as readonly (readonly unknown[])[]
  return { names: columns.map(String), rows: rows.map((cells, index) => ({ where: `row ${index + 1}`, cells })) }
}

function tableOf(records: readonly JsonRecord[], where: (index: number) => string): HistoryTable {
  const names = [...new Set(records.flatMap(Object.keys))]
  return {
    names,
    rows: records.map((record, index) => ({ where: where(index), cells: names.map(name => record[name]) })),
  }
}

/** From the lines of a run file; of an epoch that was trained again after a resumption, the later one. */
export function curvesOfRun(records: readonly RunRecord[], source: string): Curves {
  const epochs = new Map<number, JsonRecord>()
  for (const { type, epoch, logs } of records) {
    if (type === 'epoch-end' && typeof epoch === 'number' && isJsonRecord(logs)) epochs.set(epoch, { ...logs, epoch })
  }
  if (epochs.size === 0) {
    throw new UserError({ what: `${source} holds no finished epoch.`, fix: 'train for an epoch at least' })
  }
  const lines = [...epochs.values()]
  return historyOf(
    tableOf(lines, index => `epoch ${lines[index]!['epoch']}`),
    source,
  ).curves
}
