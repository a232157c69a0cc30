/** How long an epoch of a recipe takes here, measured on a learner that is thrown away. */
import type { Dataset } from '../data/dataset.ts'
import { initialWeights } from '../network/weights.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { learnerOf, type RunRecipeOptions, recipeJob } from './recipe-job.ts'
import { recipeRows, trainingRowsOf } from './run-recipe.ts'
import { epochTime } from './timed-recipe.ts'

/** Seconds of an epoch with its validation. Throws as an aborted signal does. */
export async function recipeEpochSeconds(
  given: RecipeConfig,
  loaded: Dataset,
  options: RunRecipeOptions,
): Promise<number> {
  const job = await recipeJob(given, loaded, options)
  const { recipe, model, data } = job
  const learner = learnerOf(job, options, initialWeights(model, recipe.seed))
  try {
    const { validation } = data
    const parts = {
      train: trainingRowsOf(job, learner),
      ...(validation && { validation: recipeRows(job, learner, validation) }),
    }
    const { seconds } = await epochTime(recipe, learner, parts, options.signal)
    options.signal?.throwIfAborted()
    return seconds
  } finally {
    await learner.dispose()
  }
}
