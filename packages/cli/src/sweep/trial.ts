/** One piece of a sweep: a trial trained up to a rung, from its own checkpoint where it has one. Out: what it comes to. */
import { UserError } from 'fovea/internal/base/errors'
import type { JsonRecord } from 'fovea/internal/base/json'
import type { Dataset } from 'fovea/internal/data/dataset'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { SystemRefusal } from 'fovea/internal/host/node/system-errors'
import { runFiles } from 'fovea/internal/run/run-files'
import type { RunRecipeOptions } from 'fovea/internal/runner/recipe-job'
import { runRecipe } from 'fovea/internal/runner/run-recipe'
import type { Progress } from 'fovea/internal/store/checkpoint'
import { findCheckpoint } from 'fovea/internal/store/checkpoint-files'
import { type Piece, rungEpochs } from './halving.ts'
import type { PieceResult, TrialEpoch } from './journal.ts'
import { type SweepPlan, testsBest, trialRecipe } from './plan.ts'

/** What trials compute on. */
export type TrialPlace = Pick<RunRecipeOptions, 'device' | 'clock' | 'threads'>

/** `trials/007` in the folder of the sweep. */
export const trialFolder = (folder: string, trial: number): string =>
  nodeFiles.join(folder, 'trials', String(trial + 1).padStart(3, '0'))

/** Undefined when it was aborted: what is done of it is in its checkpoint. */
export async function trainPiece(
  plan: SweepPlan,
  piece: Piece,
  dataset: Dataset,
  folder: string,
  { signal, ...place }: TrialPlace & { readonly signal: AbortSignal },
): Promise<PieceResult | undefined> {
  const recipe = trialRecipe(plan, piece.trial)
  const epochs = rungEpochs(recipe.epochs, piece.rung, plan.rungs)
  const own = trialFolder(folder, piece.trial)
  const begun = await standingOf(own)
  if (begun === undefined) await clear(own)
  const result = (standing: Progress | undefined): PieceResult | undefined =>
    standing && resultOf(standing.history, epochs, testsBest(plan.recipe))
  const known = result(begun)
  if (known) return known
  const rungReached = new AbortController()
  let ended = false
  // The test set is not even there.
  const { test: _, ...learned } = dataset
  try {
    await runRecipe(recipe, learned as Dataset, {
      ...place,
      files: nodeFiles,
      ...(plan.limit !== null && { limit: plan.limit }),
      ...(begun === undefined ? { out: own } : { resume: own }),
      signal: AbortSignal.any([signal, rungReached.signal]),
      onEvent: event => {
        if (event.type === 'epoch-end' && event.epoch >= epochs && epochs < recipe.epochs) rungReached.abort()
        ended ||= event.type === 'train-end' && event.because !== undefined
      },
    })
  } catch (error) {
    // A loss that is no number: the trial is judged, and the sweep goes on.
    if (!ended || !(error instanceof UserError) || error instanceof SystemRefusal) throw error
  }
  const standing = await standingOf(own)
  const reached = result(standing)
  if (reached || (signal.aborted && !ended)) return reached
  return { value: null, epochs, curve: curveOf(standing?.history ?? []) }
}

/** Where the training in a folder stands by its last checkpoint that is sound; undefined where it has none. */
export async function standingOf(folder: string): Promise<Progress | undefined> {
  const found = await findCheckpoint(nodeFiles, nodeFiles.join(folder, runFiles.checkpoint))
  return found?.checkpoint.progress
}

/** Of a trial that was killed before its first epoch ended. */
async function clear(folder: string): Promise<void> {
  for (const name of Object.values(runFiles)) await nodeFiles.remove(nodeFiles.join(folder, name))
}

/** The weights of a trial that is out: of large networks, many of them would fill the disk. Its story stays. */
export async function removeWeights(folder: string, trial: number): Promise<void> {
  const { checkpoint, checkpointBefore, best, model, samples } = runFiles
  for (const name of [checkpoint, checkpointBefore, best, model, samples])
    await nodeFiles.remove(nodeFiles.join(trialFolder(folder, trial), name))
}

/**
 * Undefined before the epochs are done. The value is the held-out accuracy that the weights have which the recipe tests: those of the epoch
 * with the lowest held-out loss, or of the last one. A training whose loss was no number at any time has none.
 */
export function resultOf(history: Progress['history'], epochs: number, best: boolean): PieceResult | undefined {
  const done = history.filter(record => record['epoch']! <= epochs)
  const curve = curveOf(done)
  if (curve.length < done.length) return { value: null, epochs, curve }
  if (done.length < epochs) return undefined
  const chosen = best
    ? curve.reduce((a, b) =>
        (b.valLoss ?? Number.POSITIVE_INFINITY) < (a.valLoss ?? Number.POSITIVE_INFINITY) ? b : a,
      )
    : curve.at(-1)!
  return { value: chosen.valAccuracy, epochs, curve }
}

/** Up to the first loss that is no number. */
function curveOf(history: Progress['history']): TrialEpoch[] {
  const broken = history.findIndex(record => !Number.isFinite(record['loss']))
  const sound = broken === -1 ? history : history.slice(0, broken)
  const finite = (value: number | undefined): number | null => (Number.isFinite(value) ? value! : null)
  return sound.map(record => ({
    epoch: record['epoch']!,
    loss: record['loss']!,
    valLoss: finite(record['val_loss']),
    valAccuracy: finite(record['val_accuracy']),
  }))
}

/** The winner's recipe as a file that `train` takes. */
export const recipeBytes = (recipe: JsonRecord): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(recipe, null, 2)}\n`)
