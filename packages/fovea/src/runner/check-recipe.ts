/**
 * What can be wrong with a recipe before its data are there: network, optimizer, loss, metrics, callbacks and what they watch.
 * Whether network and data suit each other is seen when they are (`buildModel`).
 */
import { problemsOf, UserError } from '../base/errors.ts'
import { reportedNames } from '../objectives/output-objectives.ts'
import { optimizerFromConfig } from '../optimizer/factories.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { plainModel } from '../recipes/recipe-parts.ts'
import { checkMonitors, epochLogs } from '../train/callbacks/monitor.ts'
import { rateIsScheduled } from '../train/learner.ts'
import { callbacksOf } from './recipe-callbacks.ts'

/** Throws one UserError with every problem. */
export function checkRecipe(recipe: RecipeConfig): void {
  const { loss, metrics, optimizer, validation } = recipe
  const logs = () => reportedNames(plainModel(recipe), { loss, metrics })
  const rate = () => optimizerFromConfig(optimizer.type, optimizer.config).learningRate
  const problems = [rate, logs, () => callbacksOf(recipe)].flatMap(problemsOf)
  if (problems.length > 0) throw new UserError(problems)
  const callbacks = callbacksOf(recipe)
  checkMonitors(callbacks, epochLogs(logs(), validation.kind !== 'none'))
  if (typeof rate() !== 'number' && callbacks.some(callback => callback.setsLearningRate)) throw rateIsScheduled()
}
