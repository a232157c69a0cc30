/**
 * Histories as files and run directories hold them, as tables of values. CSV as Keras's and our CSVLogger, pandas, fastai, Lightning
 * and Ultralytics write it; JSON as Hugging Face's trainer writes it (`trainer_state.json`), lists of records, Keras's
 * `history.history` and the `result.json` of a run; the lines of a run file.
 */
import { readCsv } from '../base/csv.ts'
import { UserError } from '../base/errors.ts'
import { kindOfText } from '../base/file-kind.ts'
import { isJsonRecord, type JsonRecord } from '../base/json.ts'
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
  const lines = rows.map(({ cells, line }) => ({ where: `line ${line}`, cells }))
  return historyOf({ names, rows: lines, decimalComma: separator !== ',' }, source)
}

function historyOfJson(text: string, source: string): CurveHistory {
  const value = parsed(text, source)
  const members = isJsonRecord(value) ? value : {}
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

/** Python writes NaN and infinities into JSON, which has no word for them. */
function parsed(text: string, source: string): unknown {
  const words = text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, word =>
    word[0] === '"' ? word : `"${word}"`,
  )
  try {
    return JSON.parse(words)
  } catch (error) {
    const lines = jsonLines(words)
    if (lines) return lines
    throw new UserError({ what: `${source} is not JSON.`, received: (error as Error).message })
  }
}

/** One record a line, as loggers write them (`.jsonl`). */
function jsonLines(text: string): JsonRecord[] | undefined {
  try {
    const values: unknown[] = linesOf(text)
      .filter(line => line.trim() !== '')
      .map(line => JSON.parse(line))
    return values.every(isJsonRecord) ? values : undefined
  } catch {
    return undefined
  }
}

/** Lists of values by name, as one record per epoch. */
function recordsOf(lists: JsonRecord): JsonRecord[] | undefined {
  const named = Object.entries(lists).flatMap(([name, values]) =>
    Array.isArray(values) ? [[name, values] as const] : [],
  )
  if (named.length === 0) return undefined
  const length = named.reduce((most, [, values]) => Math.max(most, values.length), 0)
  return Array.from({ length }, (_, index) =>
    Object.fromEntries(named.map(([name, values]) => [name, values[index] ?? null])),
  )
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
