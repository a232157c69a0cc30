/** The callbacks that a recipe names, with its learning-rate steps, as callback objects. */

import { lookUp } from '../base/choice-by-name.ts'
import { type Fields, optional, parse, record } from '../base/schema.ts'
import type { Choice, LearningRateStep, RecipeConfig } from '../recipes/recipe.ts'
import type { Callback } from '../train/callbacks/callback.ts'
import { earlyStopping, earlyStoppingFields } from '../train/callbacks/early-stopping.ts'
import { learningRateScheduler, reduceLROnPlateau, reduceLROnPlateauFields } from '../train/callbacks/learning-rate.ts'
import { verbosity } from '../train/callbacks/monitor.ts'
import { terminateOnNaN } from '../train/callbacks/terminate-on-nan.ts'
import {
  stochasticWeightAveraging,
  type WeightAveragingOptions,
  weightAveragingFields,
} from '../train/callbacks/weight-averaging.ts'

interface CallbackRule {
  readonly fields: Fields
  make(config: object): Callback
}

const rules: Readonly<Record<string, CallbackRule>> = {
  EarlyStopping: {
    fields: { ...earlyStoppingFields, verbose: optional(verbosity, 1) },
    make: earlyStopping,
  },
  ReduceLROnPlateau: {
    fields: { ...reduceLROnPlateauFields, verbose: optional(verbosity, 1) },
    make: reduceLROnPlateau,
  },
  StochasticWeightAveraging: {
    fields: { ...weightAveragingFields, verbose: optional(verbosity, 1) },
    make: config => stochasticWeightAveraging(config as WeightAveragingOptions),
  },
  TerminateOnNaN: { fields: {}, make: terminateOnNaN },
}

/** Throws UserError for unknown callbacks and options. */
export function callbacksOf(recipe: RecipeConfig): Callback[] {
  const made = recipe.callbacks.map(makeCallback)
  if (recipe.learningRateByEpoch.length === 0) return made
  return [learningRateScheduler(epoch => learningRateOf(recipe, epoch)), ...made]
}

/** What the recipe itself says of an epoch (from 0). */
export function learningRateOf({ learningRateByEpoch, optimizer }: RecipeConfig, epoch: number): number {
  return rateOf(learningRateByEpoch, Number(optimizer.config['learningRate'] ?? 0.001), epoch)
}

/** `epoch` counts from 0; the last step it is beyond holds. */
export function rateOf(steps: readonly LearningRateStep[], first: number, epoch: number): number {
  const passed = steps.filter(step => epoch > step.afterEpoch)
  const last = passed.toSorted((a, b) => a.afterEpoch - b.afterEpoch).at(-1)
  return last ? last.learningRate : first
}

function makeCallback({ type, config }: Choice): Callback {
  const name = lookUp('callback', type, Object.keys(rules))
  const rule = rules[name]!
  return rule.make(parse(record(rule.fields), config, `Callback ${name}`))
}
