/**
 * What was decided when a sweep began, as its journal's first line says it: the recipe, what is varied, how many trials, how many rungs.
 * Whoever goes on with the sweep keeps to it.
 */
import { InternalError, UserError } from 'fovea/internal/base/errors'
import { smallestOf } from 'fovea/internal/base/extremes'
import type { JsonRecord } from 'fovea/internal/base/json'
import {
  boolean,
  custom,
  jsonRecord,
  list,
  nullable,
  number,
  oneOf,
  parse,
  record,
  text,
  that,
  union,
  whole,
} from 'fovea/internal/base/schema'
import type { RecipeConfig, ValidationRule } from 'fovea/internal/recipes/recipe'
import { recipeFromJson } from 'fovea/internal/recipes/recipe-json'
import { recipeToJson } from 'fovea/internal/recipes/recipe-parts'
import { checkRecipe } from 'fovea/internal/runner/check-recipe'
import { type VariedValue, variedRecipe } from 'fovea/internal/runner/varied-recipe'
import type { Dimension, TrialValues } from './dimension.ts'
import type { Ladder } from './halving.ts'
import { rungEpochs, rungsFor } from './halving.ts'
import { extremesOf, valuesOf } from './space.ts'

export interface SweepPlan extends Ladder {
  /** Held out as the sweep needs it, with the numbers of the call. */
  readonly recipe: RecipeConfig
  readonly dimensions: readonly Dimension[]
  readonly seed: number
  /** Training pictures of each trial; null: all. */
  readonly limit: number | null
  /** What the number of trials was made of. */
  readonly minutes: number | null
  /** Whether the winner is trained in full at the end. */
  readonly trainsWinner: boolean
}

const value = that<VariedValue>('a number, a text, true or false', each => /number|string|boolean/.test(typeof each))
const dimension = union(
  record({ name: text, kind: oneOf(['choices']), values: list(value, 'values', { least: 1 }) }),
  record({
    name: text,
    kind: oneOf(['range']),
    from: number(),
    to: number(),
    scale: oneOf(['linear', 'log']),
    whole: boolean,
  }),
)
/** As many as one sweep has. */
export const mostTrials = 10_000

const planFields = record({
  type: oneOf(['plan']),
  recipe: custom('a recipe', recipeFromJson),
  dimensions: list(dimension, 'dimensions', { least: 1 }),
  ...{
    seed: whole(0),
    trials: whole(1, mostTrials),
    rungs: whole(1, 3),
    limit: nullable(whole(1)),
    minutes: nullable(number({ above: 0 })),
  },
  trainsWinner: boolean,
})

export const planLine = (plan: SweepPlan): JsonRecord =>
  ({ type: 'plan', ...plan, recipe: recipeToJson(plan.recipe) }) as unknown as JsonRecord

/** Throws UserError for a line that is none of a sweep. */
export function planFrom(line: unknown, source: string): SweepPlan {
  const { type: _, ...plan } = parse(planFields, parse(jsonRecord, line, source), source, 'Field')
  return plan as SweepPlan
}

/** The number of trials that a sweep has where nothing else says it: three brackets. */
export const usualTrials = 27

/** Trials for so many minutes of one process: each costs a third of its epochs over the rungs; the winner is trained once more. */
export function trialsFor(minutes: number, epochSeconds: number, epochs: number, trainsWinner: boolean): number {
  const rungs = 3
  const bracket = Array.from({ length: rungs }, (_, rung) => {
    const before = rung === 0 ? 0 : rungEpochs(epochs, rung - 1, rungs)
    return (rungEpochs(epochs, rung, rungs) - before) / 3 ** rung
  })
  const each = bracket.reduce((sum, share) => sum + share, 0)
  const rest = minutes * 60 - (trainsWinner ? epochs * epochSeconds : 0)
  return Math.min(mostTrials, Math.max(1, Math.floor(rest / Math.max(1e-6, each * epochSeconds))))
}

/** As many rungs as the trial with the fewest epochs has room for. */
export function rungsOf(trials: number, recipe: RecipeConfig, dimensions: readonly Dimension[]): number {
  const varied = dimensions.find(({ name }) => name === 'epochs')
  const fewest =
    varied === undefined ? recipe.epochs : varied.kind === 'range' ? varied.from : smallestOf(varied.values.map(Number))
  return rungsFor(trials, fewest)
}

/** The most that is held out of a training set whose recipe holds nothing out. */
const mostHeldOut = 5000

/**
 * The recipe as a sweep trains it: on the test set nothing may be chosen, so where the recipe validates on it, or on nothing, a tenth of
 * the training pictures (at most 5000, of each class as many) is held out.
 */
export function heldOutRecipe(recipe: RecipeConfig, pictures: number): RecipeConfig {
  if (recipe.validation.kind !== 'test' && recipe.validation.kind !== 'none') return recipe
  const count = Math.min(mostHeldOut, Math.floor(pictures / 10))
  if (count < 1)
    throw new UserError({ what: `There are too few pictures to hold some out: ${pictures}.`, expected: 'at least 10' })
  const validation: ValidationRule = { kind: 'stratified', count }
  return { ...recipe, validation, selectedOnTestSet: false }
}

/** Throws UserError where the recipe does not take an end of a range, or a choice. */
export function checkSpace(recipe: RecipeConfig, dimensions: readonly Dimension[]): void {
  const names = dimensions.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined)
    throw new UserError({ what: `${twice} is varied twice.`, fix: 'Give all its values in one --vary.' })
  for (const values of extremesOf(dimensions)) checkRecipe(variedRecipe(recipe, values))
}

export const trialValues = ({ dimensions, seed, trials }: SweepPlan, trial: number): TrialValues =>
  valuesOf(dimensions, seed, trial, trials)

/** Halving ends trials itself; a callback that did would make their lengths depend on where they were interrupted. */
const stopping = (type: string): boolean => /^early[_-]?stopping$/i.test(type)

/** The recipe of a trial. */
export function trialRecipe(plan: SweepPlan, trial: number): RecipeConfig {
  const varied = variedRecipe(plan.recipe, trialValues(plan, trial))
  return { ...varied, callbacks: varied.callbacks.filter(({ type }) => !stopping(type)) }
}

/** Whether the weights that are tested are those of the epoch with the lowest validation loss. */
export const testsBest = ({ test, callbacks }: RecipeConfig): boolean =>
  test === 'best' || callbacks.some(({ type, config }) => stopping(type) && config['restoreBestWeights'] === true)

/** The winner's recipe, as it is trained in full: with its own name, since it is no published one. */
export function winnerRecipe(plan: SweepPlan, trial: number): RecipeConfig {
  const values = trialValues(plan, trial)
  const { published: _, ...varied } = variedRecipe(plan.recipe, values)
  if (varied.epochs < 1) throw new InternalError('cli', 'a trial has no epochs')
  return { ...varied, name: `${varied.name.slice(0, 94)}-sweep`, title: `${varied.title}, ${valuesText(values)}` }
}

/** `learningRate 0.0123, dropout 0.2`. */
export const valuesText = (values: TrialValues): string =>
  Object.entries(values)
    .map(([name, each]) => `${name} ${each}`)
    .join(', ')

/** Whether two plans are of one sweep; how many trials the minutes gave was decided by whoever began it. */
export function samePlan(a: SweepPlan, b: SweepPlan): boolean {
  const told = (plan: SweepPlan) =>
    JSON.stringify(planLine({ ...plan, rungs: 1, trials: plan.minutes === null ? plan.trials : 1 }))
  return told(a) === told(b)
}
