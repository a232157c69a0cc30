/**
 * The journal of a sweep: one JSON object a line, only ever added to, under a lock, by any number of processes and machines (the idea of
 * Optuna's journal storage). Its first line is the plan. In: records. Out: what they come to: which pieces are done, who trains which.
 * A line that a crash cut off, or that is none of a journal, is passed over: what it said is done again, with the same result.
 */
import { UserError } from 'fovea/internal/base/errors'
import { isJsonRecord, type JsonRecord } from 'fovea/internal/base/json'
import { list, nullable, parse, record, type Schema, that, whole } from 'fovea/internal/base/schema'
import { parseJson } from 'fovea/internal/base/strict-json'
import { isGone, withFileLock } from 'fovea/internal/host/node/file-lock'
import { nodeFiles } from 'fovea/internal/host/node/files'
import type { TrainReport } from 'fovea/internal/run/report'
import { reportFromJson } from 'fovea/internal/run/report-json'
import type { Piece } from './halving.ts'
import { planFrom, planLine, type SweepPlan } from './plan.ts'

export const journalName = 'journal.jsonl'

/** An epoch of a trial. */
export interface TrialEpoch {
  readonly epoch: number
  readonly loss: number
  readonly valLoss: number | null
  readonly valAccuracy: number | null
}

/** What a piece came to. */
export interface PieceResult {
  /** Accuracy on the held-out pictures; null where training broke down. */
  readonly value: number | null
  readonly epochs: number
  /** From the first epoch on. */
  readonly curve: readonly TrialEpoch[]
}

/** The winner is trained under this rung. */
export const winnerRung = -1

export interface SweepState {
  readonly plan: SweepPlan | undefined
  resultOf(piece: Piece): PieceResult | undefined
  /** Whether somebody who is alive trains it. */
  isTaken(piece: Piece): boolean
  readonly winner: TrainReport | undefined
}

/** Milliseconds: how often a worker says that it is alive, and after how long a silence its piece is another's. */
export const heartbeat = 15_000
export const silence = 60_000

export interface Journal {
  read(): Promise<SweepState>
  /** Adds the records that `decide` gives to what is there; nobody adds anything meanwhile. */
  change<T>(decide: (state: SweepState) => { readonly add: readonly JsonRecord[]; readonly result: T }): Promise<T>
}

export function openJournal(folder: string): Journal {
  const path = nodeFiles.join(folder, journalName)
  async function lines(): Promise<string> {
    return (await nodeFiles.exists(path)) ? new TextDecoder().decode(await nodeFiles.read(path, 'events')) : ''
  }
  return {
    read: async () => stateOf(await lines(), path),
    change: decide =>
      withFileLock(`${path}.lock`, async () => {
        const written = await lines()
        const { add, result } = decide(stateOf(written, path))
        // What follows a line that was cut off begins a new one.
        const begin = written === '' || written.endsWith('\n') ? '' : '\n'
        const text = add.map(record => `${JSON.stringify(record)}\n`).join('')
        if (text !== '') await nodeFiles.append(path, begin + text)
        return result
      }),
  }
}

const keyOf = ({ trial, rung }: Piece): string => `${trial}/${rung}`

/** Throws UserError where the first line is no plan. */
export function stateOf(text: string, source: string, now = Date.now()): SweepState {
  const records = text.split('\n').flatMap(recordsIn)
  const [first] = records
  const plan = first === undefined ? undefined : planFrom(first, `The first line of ${source}`)
  const results = new Map<string, PieceResult>()
  const takenBy = new Map<string, string>()
  const heard = new Map<string, number>()
  let winner: TrainReport | undefined
  for (const line of records.slice(1)) {
    const { type, worker, time } = line
    if (typeof worker === 'string' && typeof time === 'number') heard.set(worker, time)
    const piece = { trial: Number(line['trial']), rung: Number(line['rung']) }
    const key = keyOf(piece)
    if (type === 'claim') takenBy.set(key, String(worker))
    if (type === 'release' && takenBy.get(key) === worker) takenBy.delete(key)
    if (type !== 'done') continue
    if (piece.rung === winnerRung)
      winner ??= sound(() => reportFromJson(JSON.stringify(line['report'] ?? null), source))
    else if (!results.has(key)) {
      const result = sound(() => parse(pieceResult, line['result'], source))
      if (result) results.set(key, result)
    }
  }
  return {
    plan,
    resultOf: piece => results.get(keyOf(piece)),
    isTaken(piece) {
      const worker = takenBy.get(keyOf(piece))
      return worker !== undefined && !isGone(worker) && now - heard.get(worker)! <= silence
    },
    winner,
  }
}

const finite: Schema<number> = that('a number', Number.isFinite)
const accuracy: Schema<number | null> = nullable(
  that('a number from 0 to 1', value => typeof value === 'number' && value >= 0 && value <= 1),
)
const pieceResult: Schema<PieceResult> = record({
  value: accuracy,
  epochs: whole(1),
  curve: list(record({ epoch: whole(1), loss: finite, valLoss: nullable(finite), valAccuracy: accuracy }), 'epochs'),
})

/** Undefined for what is refused. */
function sound<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

function recordsIn(line: string): JsonRecord[] {
  try {
    const record = parseJson(line)
    return isJsonRecord(record) ? [record as JsonRecord] : []
  } catch {
    return []
  }
}

export const records = {
  plan: planLine,
  claim: (piece: Piece, worker: string): JsonRecord => ({ type: 'claim', ...piece, worker, time: Date.now() }),
  alive: (worker: string): JsonRecord => ({ type: 'alive', worker, time: Date.now() }),
  release: (piece: Piece, worker: string): JsonRecord => ({ type: 'release', ...piece, worker, time: Date.now() }),
  done: (piece: Piece, worker: string, result: PieceResult, seconds: number): JsonRecord =>
    ({ type: 'done', ...piece, worker, time: Date.now(), seconds, result }) as unknown as JsonRecord,
  winner: (piece: Piece, worker: string, report: TrainReport): JsonRecord =>
    ({ type: 'done', ...piece, worker, time: Date.now(), report }) as unknown as JsonRecord,
}
