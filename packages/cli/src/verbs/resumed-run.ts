/** `fovea train … --resume DIR`: which run that is, and whether it goes on as it is asked to. */
import { UserError } from 'fovea/internal/base/errors'
import { nodeFiles } from 'fovea/internal/host/node/files'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { runFiles } from 'fovea/internal/run/run-files'
import { type BegunRun, begunRun, finishedRun } from '../command/run-folder.ts'
import { UsageError } from '../command/usage-error.ts'

/**
 * The run to go on with, if it is one of this recipe and not at its end. Its own numbers hold; --epochs may ask for more,
 * --learning-rate for another rate from here on.
 */
export async function resumedRun(
  folder: string,
  given: RecipeConfig,
  values: { readonly limit?: number; readonly 'batch-size'?: number; readonly seed?: number; readonly epochs?: number },
): Promise<BegunRun> {
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
  const epochs = values.epochs ?? recipe.epochs
  const report = (await nodeFiles.exists(nodeFiles.join(folder, runFiles.result)))
    ? await finishedRun(folder)
    : undefined
  if (report && report.epochs >= epochs) {
    throw new UserError({
      what: `The run in ${folder} came to its end: ${report.epochs} of ${epochs} epochs are done.`,
      fix: `Give --epochs with more than ${report.epochs} to go on, or begin a new run without --resume.`,
    })
  }
  return begun
}
