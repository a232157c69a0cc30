/**
 * What a recipe does already against the ills that diagnosis finds, so that nobody is told to do what is done. In: the recipe in a run
 * file's first line. Out: its means; undefined where there is no recipe to be read.
 */
import { UserError } from '../base/errors.ts'
import type { Layer } from '../layers/layer.ts'
import { layersOf } from '../network/model.ts'
import type { RecipeConfig, ValidationRule } from '../recipes/recipe.ts'
import { recipeFromJson } from '../recipes/recipe-json.ts'
import { plainModel } from '../recipes/recipe-parts.ts'

export interface RecipeMeans {
  readonly dropout: boolean
  readonly augmentation: boolean
  readonly weightDecay: boolean
  readonly batchNormalization: boolean
  readonly heInitialization: boolean
  readonly earlyStopping: boolean
  /** The weights of the best epoch are those that are tested. */
  readonly bestWeights: boolean
  /** The learning rate falls over the epochs. */
  readonly fallingRate: boolean
  readonly clipping: boolean
  readonly validation: ValidationRule['kind']
}

export function meansOf(recipe: unknown): RecipeMeans | undefined {
  if (recipe === undefined) return undefined
  try {
    return meansOfRecipe(recipeFromJson(recipe))
  } catch (error) {
    // Curves can be read without it.
    if (error instanceof UserError) return undefined
    throw error
  }
}

function meansOfRecipe(recipe: RecipeConfig): RecipeMeans {
  const layers = layersOf(plainModel(recipe))
  const { optimizer, callbacks, learningRateByEpoch, validation } = recipe
  const has = (test: (layer: Layer) => boolean): boolean => layers.some(test)
  const stops = callbacks.filter(({ type }) => type === 'EarlyStopping')
  const isSet = (...names: readonly string[]): boolean => names.some(name => isGiven(optimizer.config[name]))
  return {
    dropout: has(({ traits }) => traits.family === 'dropout'),
    augmentation: has(({ traits }) => traits.family === 'augmentation'),
    weightDecay:
      has(({ config }) => isGiven(config['kernelRegularizer'])) || optimizer.type === 'AdamW' || isSet('weightDecay'),
    batchNormalization: has(({ traits }) => traits.batchStatistics === true),
    heInitialization: has(({ config }) => /^He/.test(typeOf(config['kernelInitializer']))),
    earlyStopping: stops.length > 0,
    bestWeights: recipe.test === 'best' || stops.some(({ config }) => config['restoreBestWeights'] === true),
    fallingRate:
      learningRateByEpoch.length > 0 ||
      callbacks.some(({ type }) => type === 'ReduceLROnPlateau') ||
      isSet('decay') ||
      typeof optimizer.config['learningRate'] === 'object',
    clipping: isSet('clipnorm', 'clipvalue', 'globalClipnorm'),
    validation: validation.kind,
  }
}

/** A number of 0 switches off. */
const isGiven = (option: unknown): boolean => option !== undefined && option !== null && option !== 0

function typeOf(config: unknown): string {
  if (typeof config === 'string') return config
  return String((config as { readonly type?: unknown } | undefined)?.type ?? '')
}
