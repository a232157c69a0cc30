/**
 * What can be wrong with a recipe before its data are there: network, optimizer, loss, metrics, callbacks and what they watch.
 * Whether network and data suit each other is seen too where the data set's shape and classes are known.
 */
import { problemsOf, UserError } from '../base/errors.ts'
import type { Dataset } from '../data/dataset.ts'
import { checkSeesPictures } from '../network/views-of-input.ts'
import { checkTaught } from '../objectives/distillation.ts'
import { lossOf } from '../objectives/losses.ts'
import { checkMixing, mixingOf } from '../objectives/mixing.ts'
import { reportedNames } from '../objectives/output-objectives.ts'
import { optimizerFromConfig } from '../optimizer/factories.ts'
import { checkRateFactors } from '../optimizer/rate-factors.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { buildModel, plainModel } from '../recipes/recipe-parts.ts'
import { overSteps } from '../recipes/schedule-changes.ts'
import { checkMonitors, epochLogs } from '../train/callbacks/monitor.ts'
import { mixesPictures } from '../train/fit-on-features.ts'
import { rateIsScheduled } from '../train/learner.ts'
import { earlierModels } from './picture-sizes.ts'
import { callbacksOf } from './recipe-callbacks.ts'

/** Throws one UserError with every problem. */
export function checkRecipe(recipe: RecipeConfig, dataset?: Pick<Dataset, 'name' | 'classNames'>): void {
  const { loss, metrics, mixing, optimizer, validation } = recipe
  const logs = () => reportedNames(plainModel(recipe), { loss: lossOf(loss), metrics })
  // Any number of steps: here it is not known yet.
  const { type, config } = overSteps(optimizer, 1)
  const chosen = () => optimizerFromConfig(type, config)
  // Any moments: here only the layer that takes them is looked for.
  const moments = recipe.standardize ? { mean: 0, variance: 1 } : undefined
  const fits = () => dataset && buildModel(recipe, { ...dataset, shape: recipe.preprocess.shape }, moments)
  // Of a network that cannot be made, or is in no proportion to its loss, nothing more is asked.
  const seen = () => recipe.testViews && checkSeesPictures(plainModel(recipe))
  const taught = () => recipe.teacher && checkTaught(plainModel(recipe))
  const ofNetwork = [logs, fits, seen, taught].map(problemsOf).find(told => told.length > 0)
  const ofOptimizer = () => (ofNetwork ? chosen() : checkRateFactors(chosen(), plainModel(recipe).weights))
  const ofMixing = () => (ofNetwork ? mixingOf(mixing) : checkMixing(plainModel(recipe), mixingOf(mixing)))
  const ofFeatures = () => {
    if (mixing && recipe.from?.cacheFeatures) throw mixesPictures()
  }
  const ofSizes = () => ofNetwork ?? earlierModels(recipe, plainModel(recipe), 1)
  const problems = [ofOptimizer, ofMixing, ofSizes, ofFeatures, () => callbacksOf(recipe)]
    .flatMap(problemsOf)
    .concat(ofNetwork ?? [])
  if (problems.length > 0) throw new UserError(problems)
  const callbacks = callbacksOf(recipe)
  checkMonitors(callbacks, epochLogs(logs(), validation.kind !== 'none'))
  if (typeof chosen().learningRate !== 'number' && callbacks.some(callback => callback.setsLearningRate))
    throw rateIsScheduled()
}
