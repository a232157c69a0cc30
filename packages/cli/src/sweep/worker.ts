/**
 * One worker of a sweep: takes open pieces one after the other, says that it is alive, writes down what they came to, and at the end
 * trains the winner. Any number of workers do the same on one folder; what they leave does not depend on how many there were.
 */
import type { Dataset } from 'fovea/internal/data/dataset'
import { ownMark } from 'fovea/internal/host/node/file-lock'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { removeLeftBehind } from 'fovea/internal/host/node/folder-lock'
import { recipeToJson } from 'fovea/internal/recipes/recipe-parts'
import type { TrainReport } from 'fovea/internal/run/report'
import { runFiles } from 'fovea/internal/run/run-files'
import { runRecipe } from 'fovea/internal/runner/run-recipe'
import type { TrainListener } from 'fovea/internal/train/events'
import { bracketsOf, isOut, openPieces, type Piece } from './halving.ts'
import { heartbeat, type Journal, type PieceResult, records, type SweepState, winnerRung } from './journal.ts'
import { type SweepPlan, winnerRecipe } from './plan.ts'
import { rankedTrials } from './ranking.ts'
import { recipeBytes, removeWeights, standingOf, type TrialPlace, trainPiece, trialFolder } from './trial.ts'

export interface WorkerOptions extends TrialPlace {
  readonly signal: AbortSignal
  onPiece(piece: Piece, result: PieceResult): void
  /** Events of the winner's training. */
  readonly onWinner: TrainListener
}

/** Milliseconds until a worker looks again whether there is something for it. */
const pause = 1000

/** Where the winner is trained. */
export const winnerFolder = (folder: string): string => nodeFiles.join(folder, 'winner')

/** Gives false where it was aborted before the sweep was done. */
export async function work(
  plan: SweepPlan,
  journal: Journal,
  dataset: Dataset,
  folder: string,
  options: WorkerOptions,
): Promise<boolean> {
  const worker = ownMark()
  const { signal, onPiece } = options
  for (;;) {
    if (signal.aborted) return false
    const next = await journal.change(state => {
      const found = nextPiece(plan, state)
      return { add: typeof found === 'object' ? [records.claim(found, worker)] : [], result: found }
    })
    if (next === 'done') {
      await tidy(plan, folder)
      return true
    }
    if (next === 'wait') {
      await new Promise(resolve => setTimeout(resolve, pause))
      continue
    }
    const beat = setInterval(() => {
      // A disk that is away for a moment costs no more than a piece done twice.
      journal.change(() => ({ add: [records.alive(worker)], result: undefined })).catch(() => {})
    }, heartbeat)
    try {
      const begun = performance.now()
      if (next.rung === winnerRung) {
        const report = await trainWinner(plan, next.trial, dataset, folder, options)
        if (report) await journal.change(() => ({ add: [records.winner(next, worker, report)], result: undefined }))
      } else {
        const { device, clock, threads } = options
        const place = { device, clock, ...(threads !== undefined && { threads }) }
        const result = await trainPiece(plan, next, dataset, folder, { ...place, signal })
        const seconds = Math.round(performance.now() - begun) / 1000
        if (result) {
          await journal.change(() => ({ add: [records.done(next, worker, result, seconds)], result: undefined }))
          onPiece(next, result)
          await removeThoseOut(plan, await journal.read(), folder, next.trial)
        }
      }
    } finally {
      clearInterval(beat)
      await journal.change(() => ({ add: [records.release(next, worker)], result: undefined }))
    }
  }
}

/** A worker that was killed may have left parts of files in folders that nobody opened again. */
async function tidy(plan: SweepPlan, folder: string): Promise<void> {
  const trials = Array.from({ length: plan.trials }, (_, trial) => trialFolder(folder, trial))
  for (const each of [...trials, winnerFolder(folder)])
    if (await nodeFiles.exists(each)) await removeLeftBehind(nodeFiles, each)
}

function nextPiece(plan: SweepPlan, state: SweepState): Piece | 'wait' | 'done' {
  const { pieces, done } = openPieces(plan, piece => valueIn(state, piece))
  const free = pieces.find(piece => !state.isTaken(piece))
  if (free) return free
  if (!done) return 'wait'
  const [best] = rankedTrials(plan, state)
  if (!plan.trainsWinner || state.winner || !best || best.value === null) return 'done'
  const last = { trial: best.trial, rung: winnerRung }
  return state.isTaken(last) ? 'wait' : last
}

export const valueIn = (state: SweepState, piece: Piece): number | null | undefined => state.resultOf(piece)?.value

/** Of the bracket of a trial, the weights of those that will not be trained further. */
async function removeThoseOut(plan: SweepPlan, state: SweepState, folder: string, trial: number): Promise<void> {
  const bracket = bracketsOf(plan).find(each => each.includes(trial))!
  for (const each of bracket) if (isOut(plan, each, piece => valueIn(state, piece))) await removeWeights(folder, each)
}

/** From its first epoch, with the recipe's own callbacks; the test set is measured once, at the end. Undefined when it was aborted. */
async function trainWinner(
  plan: SweepPlan,
  trial: number,
  dataset: Dataset,
  folder: string,
  { signal, onWinner, device, clock, threads }: WorkerOptions,
): Promise<TrainReport | undefined> {
  const recipe = winnerRecipe(plan, trial)
  await nodeFiles.write(nodeFiles.join(folder, 'winner.json'), recipeBytes(recipeToJson(recipe)))
  const own = winnerFolder(folder)
  const begun = await standingOf(own)
  if (begun === undefined) for (const name of Object.values(runFiles)) await nodeFiles.remove(nodeFiles.join(own, name))
  const { report, endReason } = await runRecipe(recipe, dataset, {
    ...{ device, clock, files: nodeFiles, signal, onEvent: onWinner },
    ...(threads !== undefined && { threads }),
    ...(plan.limit !== null && { limit: plan.limit }),
    ...(begun === undefined ? { out: own } : { resume: own }),
  })
  return endReason === 'aborted' ? undefined : report
}
