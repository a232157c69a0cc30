/** The learning-rate range test of a recipe: its data, its first weights, its optimizer and loss, with a rate that rises. */
import type { Dataset } from '../data/dataset.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { testLearningRates } from '../train/learning-rate-range.ts'
import type { LearningRateSearch, RateRange } from '../train/rate-range.ts'
import { firstWeights } from './beginning.ts'
import { learnerOf, type RunRecipeOptions, recipeJob } from './recipe-job.ts'
import { trainingRowsOf } from './run-recipe.ts'

export interface RecipeRateOptions
  extends Pick<RunRecipeOptions, 'device' | 'clock' | 'files' | 'threads' | 'limit' | 'batchSize' | 'seed' | 'signal'> {
  readonly rates?: RateRange | undefined
}

/** Throws UserError when recipe, data set and options do not go together. */
export async function recipeLearningRate(
  given: RecipeConfig,
  loaded: Dataset,
  { rates, ...options }: RecipeRateOptions,
): Promise<LearningRateSearch> {
  const job = await recipeJob(given, loaded, options)
  const learner = learnerOf(job, options, await firstWeights(job, options.files, undefined))
  try {
    const { batchSize, seed } = job.recipe
    return await testLearningRates(learner, trainingRowsOf(job, learner), {
      ...rates,
      batchSize,
      seed,
      signal: options.signal,
    })
  } finally {
    await learner.dispose()
  }
}
