/**
 * What of a recipe can be varied by name, and the recipe with other values: learning rate, batch size, epochs, the rate of all dropout
 * layers, the activation, and every number or switch of its optimizer and of its loss. In: a recipe, names with values. Out: a recipe that
 * is checked like any other.
 */
import { camelConfig, lookUp } from '../base/choice-by-name.ts'
import { UserError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import { show } from '../base/show.ts'
import { withActivation } from '../network/config-changes.ts'
import { loss, lossOf } from '../objectives/losses.ts'
import { optimizerFromConfig } from '../optimizer/factories.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { changedRecipe, plainModel } from '../recipes/recipe-parts.ts'
import { overSteps } from '../recipes/schedule-changes.ts'
import { hasDropout, withDropoutRate, withModel } from '../recipes/variations.ts'

export type VariedValue = number | boolean | string

type Change = (recipe: RecipeConfig, value: VariedValue) => RecipeConfig

/** Options that count something. */
const counts: ReadonlySet<string> = new Set([
  ...['batchSize', 'epochs', 'nsSteps'],
  ...['gradientAccumulationSteps', 'emaOverwriteFrequency'],
])

export const isCount = (name: string): boolean => counts.has(name)

/** The name as the recipe writes it, of any spelling. Throws UserError with the nearest. */
export function variedName(recipe: RecipeConfig, name: string): string {
  const names = Object.keys(changesOf(recipe))
  return lookUp(
    `option of ${recipe.name} to vary`,
    name,
    names,
    { lr: 'learningRate', batch: 'batchSize' },
    each => each,
  )
}

/** The recipe with these values, by the names of `variedName`. Throws UserError for values that cannot be. */
export function variedRecipe(recipe: RecipeConfig, values: Readonly<Record<string, VariedValue>>): RecipeConfig {
  return Object.entries(values).reduce((changed, [name, value]) => {
    const change = changesOf(changed)[name]
    if (change) return change(changed, value)
    throw new UserError({ what: `${recipe.name} has no ${name} to vary`, received: show(value) })
  }, recipe)
}

function changesOf(recipe: RecipeConfig): Readonly<Record<string, Change>> {
  const { type, config } = overSteps(recipe.optimizer, 1)
  // Factors have names of weights, and stay as they are.
  const { learningRate: _, rateFactors: __, ...ofOptimizer } = optimizerFromConfig(type, config).config
  const found = lossFor(recipe)
  // In the order in which people look for them.
  return {
    ...Object.fromEntries((['learningRate', 'batchSize', 'epochs'] as const).map(name => [name, numberChange(name)])),
    ...(hasDropout(recipe) && { dropout: withDropoutRate }),
    activation: (changed, value) => withModel(changed, config => withActivation(config, String(value))),
    ...Object.fromEntries(optionsIn(ofOptimizer).map(name => [name, optimizerChange(name)])),
    ...Object.fromEntries(optionsIn(found.config).map(name => [name, lossChange(name)])),
  }
}

/** Numbers, numbers that are left out (null), switches. */
const optionsIn = (config: Readonly<Record<string, Json | undefined>>): string[] =>
  Object.keys(config).filter(name => config[name] === null || /^(number|boolean)$/.test(typeof config[name]))

function lossFor(recipe: RecipeConfig) {
  const { loss: choice } = recipe
  return loss(lossOf(choice), plainModel(recipe).outputs[0]?.shape.at(-1))
}

const lossChange =
  (name: string): Change =>
  (recipe, value) => {
    const given = typeof recipe.loss === 'string' ? {} : camelConfig('The loss', recipe.loss.config)
    return { ...recipe, loss: { type: lossFor(recipe).type, config: { ...given, [name]: value } } }
  }

const optimizerChange =
  (name: string): Change =>
  (recipe, value) => {
    const { type, config } = recipe.optimizer
    return { ...recipe, optimizer: { type, config: { ...camelConfig('The optimizer', config), [name]: value } } }
  }

const numberChange =
  (name: 'learningRate' | 'batchSize' | 'epochs'): Change =>
  (recipe, value) => {
    const least = name === 'learningRate' ? 0 : 1
    const fits = typeof value === 'number' && value >= least && (name === 'learningRate' || Number.isSafeInteger(value))
    if (fits) return changedRecipe(recipe, { [name]: value })
    throw new UserError({
      what: `${name} cannot be this`,
      expected: name === 'learningRate' ? 'a number of at least 0' : 'a whole number of at least 1',
      received: show(value),
    })
  }
