/**
 * Asks a model. In: rows of samples. Out: the predictions of every output. Calls that arrive together, or while others are computed, are
 * computed together, a group of steps at a time; a call with many rows lets others in between two groups. A sample's bits are the same
 * alone and in any batch, so nobody notices.
 */
import type { TestViews } from '../base/test-views.ts'
import type { Model } from '../network/model.ts'
import { fillBatch } from './batches.ts'
import { createEngine, type Engine, type EngineOptions } from './engine.ts'
import type { InputTypes, Places, Predicted } from './entry.ts'
import { type FeedRows, inputTypesOf } from './feed-rows.ts'
import { checkedBatchSize, keep, type Predictions, type WalkOptions } from './pass.ts'
import { type PredictMaker, predictEntry } from './predict-entry.ts'
import { type Clock, nextGroup } from './steps.ts'

export interface Predictor {
  /** Only the inputs of `rows` are needed. */
  predict(rows: FeedRows, options?: WalkOptions): Promise<Predictions>
}

/** A call that waits for its predictions. */
interface Request {
  readonly rows: FeedRows
  readonly batchSize: number
  readonly options: WalkOptions
  readonly predictions: Record<string, Float32Array>
  /** Rows that are in a step already. */
  taken: number
  readonly resolve: (given: Predictions) => void
  readonly reject: (error: unknown) => void
}

/** Rows `begin` … of a call, in a step. */
interface Piece {
  readonly request: Request
  readonly begin: number
  readonly n: number
}

export interface PredictorOptions extends Omit<EngineOptions, 'states'> {
  readonly model: Model
  readonly clock: Clock
  /** By weight name. */
  readonly weights: Readonly<Record<string, ArrayLike<number>>>
}

/** With an engine of its own. */
export interface RunningPredictor extends Predictor {
  readonly engine: Engine
  /** Gives memory and workers back; a later call compiles again. */
  dispose(): Promise<void>
}

export function startPredictor({ model, clock, weights, ...options }: PredictorOptions): RunningPredictor {
  const engine = createEngine({ ...options, states: weights })
  return { ...createPredictor(model, engine, clock), engine, dispose: engine.dispose }
}

/** Calls with the same views are computed together; those with others have an entry of their own. */
export function createPredictor(model: Model, engine: Engine, clock: Clock): Predictor {
  const byViews = new Map<TestViews | undefined, Predictor>()
  return {
    async predict(rows, options = {}) {
      const { views } = options
      // Loaded with the first question of that kind.
      const other = views && (await import('../network/views-of-input.ts')).seenOver(views)
      const known = byViews.get(views) ?? predictorOfEntry(model, predictEntry(model, other), engine, clock)
      byViews.set(views, known)
      return known.predict(rows, options)
    },
  }
}

function predictorOfEntry(model: Model, maker: PredictMaker, engine: Engine, clock: Clock): Predictor {
  let waiting: Request[] = []
  let isServing = false
  /** Rows that a step can take so far. */
  let room = 0

  async function serve(): Promise<void> {
    isServing = true
    // Calls of the same moment come together.
    await Promise.resolve()
    for (let group = 1; waiting.length > 0; await clock.yieldToEvents()) group = await serveGroup(group)
    isServing = false
  }

  /** Computes a group of steps for those who wait; gives the size of the next one. */
  async function serveGroup(group: number): Promise<number> {
    const asked = waiting.filter(goesOn)
    waiting = []
    if (asked.length === 0) return group
    let steps: readonly Piece[][] = [asked.map(request => ({ request, begin: 0, n: 0 }))]
    try {
      const need = { ...needOf(asked), match: 'atLeast' } as const
      room = await engine.prepare(maker, need)
      steps = takeSteps(asked, room, group)
      const started = clock.now()
      const results = await engine.run(maker, { ...need, batch: room }, steps.length, (index, slots) =>
        fillPieces(steps[index]!, slots.inputs),
      )
      const took = clock.now() - started
      for (const [index, result] of results.entries()) hand(steps[index]!, result)
      const partly = asked.filter(({ taken, rows }) => taken > 0 && taken < rows.count)
      // Whoever needs more lets the others go first.
      waiting = [...asked.filter(({ taken }) => taken === 0), ...waiting, ...partly]
      return nextGroup(group, steps.length, took)
    } catch (error) {
      if (error instanceof Unread) {
        // The others begin this group again, without the call that cannot go on.
        for (const { request, begin } of steps.flat()) request.taken = Math.min(request.taken, begin)
        error.request.reject(error.reason)
        waiting = [...asked.filter(request => request !== error.request), ...waiting]
        return 1
      }
      const failed = new Set(steps.flat().map(({ request }) => request))
      for (const { reject } of failed) reject(error)
      waiting = [...asked.filter(request => !failed.has(request)), ...waiting]
      return 1
    }
  }

  /** Gives the predictions of a step to those whose rows were in it. */
  function hand(pieces: readonly Piece[], predicted: Predicted): void {
    const rows = rowsOf(pieces)
    let from = 0
    for (const { request, begin, n } of pieces) {
      const { predictions, options, resolve } = request
      const { count } = request.rows
      keep(predictions, predicted, { rows, from, n, begin, count })
      from += n
      options.onProgress?.(Math.ceil((begin + n) / room), Math.ceil(count / room), {})
      if (begin + n === count) resolve({ predictions, complete: true })
    }
  }

  /** An entry that is too small grows to what was asked for as a batch, not row by row. */
  function needOf(requests: readonly Request[]): { batch: number; inputTypes: InputTypes } {
    const rows = requests.reduce((sum, request) => sum + request.rows.count - request.taken, 0)
    const most = requests.reduce((size, request) => Math.max(size, request.batchSize), 1)
    const batch = Math.min(most, rows)
    const types = requests.map(request => inputTypesOf(model, request.rows))
    const inputTypes = model.inputs.map((_, index) => (types.every(all => all[index] === 'u8') ? 'u8' : 'f32'))
    return { batch: room > 0 && room < batch ? most : batch, inputTypes }
  }

  return {
    predict: async (rows, options = {}) => {
      const batchSize = checkedBatchSize('predict', options)
      return new Promise<Predictions>((resolve, reject) => {
        waiting.push({ rows, batchSize, options, predictions: {}, taken: 0, resolve, reject })
        if (!isServing) void serve()
      })
    },
  }
}

/** Rows of a call that could not be read. */
class Unread {
  readonly request: Request
  readonly reason: unknown

  constructor(request: Request, reason: unknown) {
    this.request = request
    this.reason = reason
  }
}

/** Fills a step with the rows of several calls, one call after the other; gives how many. */
function fillPieces(pieces: readonly Piece[], inputs: Places, at = 0, row = 0): number | Promise<number> {
  const piece = pieces[at]
  if (!piece) return row
  const filled = fillPiece(piece, fromRow(inputs, piece.request.rows, row))
  const rest = (n: number) => fillPieces(pieces, inputs, at + 1, row + n)
  return typeof filled === 'number' ? rest(filled) : filled.then(rest)
}

function fillPiece({ request, begin, n }: Piece, inputs: Places): number | Promise<number> {
  const fail = (reason: unknown): never => {
    throw new Unread(request, reason)
  }
  try {
    const filled = fillBatch(request.rows, undefined, begin, n, { inputs })
    return typeof filled === 'number' ? filled : filled.catch(fail)
  } catch (reason) {
    return fail(reason)
  }
}

/** The places from this row of a step on. */
const fromRow = (inputs: Places, { inputs: columns }: FeedRows, row: number): Places =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, slot]) => [name, slot.subarray(row * columns[name]!.slotRowSize)] as const),
  )

/** A call whose signal was aborted has what it has. */
function goesOn({ options, predictions, resolve }: Request): boolean {
  if (!options.signal?.aborted) return true
  resolve({ predictions, complete: false })
  return false
}

const rowsOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { n }) => sum + n, 0)

/** At most `most` steps of `room` rows, full as long as there are rows: those of the first call, then those of the next. */
function takeSteps(requests: readonly Request[], room: number, most: number): Piece[][] {
  const steps: Piece[][] = [[]]
  for (const request of requests) {
    while (request.taken < request.rows.count) {
      if (rowsOf(steps.at(-1)!) === room) {
        if (steps.length === most) return steps
        steps.push([])
      }
      const n = Math.min(room - rowsOf(steps.at(-1)!), request.rows.count - request.taken)
      steps.at(-1)!.push({ request, begin: request.taken, n })
      request.taken += n
    }
  }
  return steps
}
