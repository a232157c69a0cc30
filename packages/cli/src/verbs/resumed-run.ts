/** `fovea train … --resume DIR`: which run that is, and whether it goes on as it is asked to. */
import { UserError } from 'fovea/internal/base/errors'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { removeLeftBehind } from 'fovea/internal/host/node/folder-lock'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import type { TrainReport } from 'fovea/internal/run/report'
import { runFiles } from 'fovea/internal/run/run-files'
import type { Context, Outcome } from '../command/command.ts'
import { noEffect } from '../command/no-effect.ts'
import { type BegunRun, begunRun, finishedRun } from '../command/run-folder.ts'
import { UsageError } from '../command/usage-error.ts'
import { trainText } from '../terminal/train-text.ts'
import { closingReport } from './report.ts'

export interface ResumedRun extends BegunRun {
  /** Of a run that is at its end already, and is asked for no more. */
  readonly finished: TrainReport | undefined
}

/**
 * The run to go on with, if it is one of this recipe. Its own numbers hold; --epochs may ask for more, --learning-rate for another rate from
 * here on.
 */
export async function resumedRun(
  folder: string,
  given: RecipeConfig,
  values: { readonly limit?: number; readonly 'batch-size'?: number; readonly seed?: number; readonly epochs?: number },
): Promise<ResumedRun> {
  const begun = await begunRun(folder)
  const { recipe, limit } = begun
  if (recipe.name !== given.name) {
    throw new UsageError({
      what: `The run in ${folder} is one of another recipe.`,
      expected: recipe.name,
      received: given.name,
      fix: `Name ${recipe.name}, or another directory.`,
    })
  }
  const own = { limit, 'batch-size': recipe.batchSize, seed: recipe.seed } as const
  const others = (['limit', 'batch-size', 'seed'] as const).filter(
    name => values[name] !== undefined && values[name] !== own[name],
  )
  if (others.length > 0) {
    throw new UsageError(
      others.map(name => ({
        what: `A run goes on with the ${own[name] === undefined ? 'training pictures' : `--${name}`} it was begun with.`,
        expected: own[name] === undefined ? `no --${name}` : `--${name} ${own[name]}`,
        received: `--${name} ${values[name]}`,
        fix: `Leave --${name} out.`,
      })),
    )
  }
  const report = (await nodeFiles.exists(nodeFiles.join(folder, runFiles.result)))
    ? await finishedRun(folder)
    : undefined
  if (report && values.epochs !== undefined && values.epochs < report.epochs) {
    throw new UserError({
      what: `The run in ${folder} came to its end: ${report.epochs} epochs are done.`,
      received: `--epochs ${values.epochs}`,
      fix: `Give --epochs with more than ${report.epochs} to go on, or begin a new run without --resume.`,
    })
  }
  // One that a callback stopped is at its end too.
  const asksMore = values.epochs !== undefined && values.epochs > recipe.epochs
  return { ...begun, finished: asksMore ? undefined : report }
}

/** Options of a training that there is none of. */
const ofTraining = ['learning-rate', 'threads', 'numerics', 'save-every', 'keep-training'] as const

export function noteFinished(
  context: Context,
  values: Readonly<Partial<Record<(typeof ofTraining)[number], unknown>>>,
) {
  for (const option of ofTraining)
    if (values[option] !== undefined) noEffect(context, option, 'the run came to its end before')
}

/** What a run came to that was finished before: its result, and its page, which may not have been drawn. */
export async function finishedAgain(report: TrainReport, recipe: RecipeConfig): Promise<Outcome<TrainReport>> {
  const text = trainText(report, recipe, { training: 'completed', run: 'completed' })
  if (report.runDir === null || report.epochs === 0) return { document: report, text }
  // A folder that may not be changed has its result all the same.
  await removeLeftBehind(nodeFiles, report.runDir).catch(() => {})
  return { document: report, text: `${text}\n\n${(await closingReport([report.runDir])).line}` }
}
