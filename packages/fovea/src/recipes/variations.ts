/**
 * A recipe with one thing changed, to be trained beside the unchanged one: without dropout, batch normalization, augmentation or
 * rescaling; with another activation, another pooling, grey pictures. In: the word of the command line, then a recipe. Out: a recipe
 * whose name and title say what is different; data, order, seed and all other numbers are the same.
 */

import { lookUp } from '../base/choice-by-name.ts'
import { UserError } from '../base/errors.ts'
import type { Json, JsonRecord } from '../base/json.ts'
import type { LayerTraits } from '../layers/layer.ts'
import { layerFromConfig } from '../layers/registry.ts'
import { modelToConfig } from '../network/config.ts'
import {
  madeBy,
  withActivation,
  withInputShape,
  withLayers,
  withoutLayers,
  withPooling,
} from '../network/config-changes.ts'
import type { ModelConfig, SavedLayer } from '../network/saved-config.ts'
import type { RecipeConfig } from './recipe.ts'
import { plainModel } from './recipe-parts.ts'

export interface Variation {
  /** Follows the recipe's name: `without-dropout`, `with-tanh`. */
  readonly name: string
  /** The varied recipe. Throws UserError when nothing would change. */
  apply(recipe: RecipeConfig): RecipeConfig
}

/** What `--without` takes out of a recipe. */
const parts: Readonly<Record<string, (recipe: RecipeConfig) => RecipeConfig>> = {
  dropout: without(({ family }) => family === 'dropout'),
  batchNormalization: without(({ batchStatistics }) => batchStatistics === true),
  augmentation: recipe => withModel(withoutRandomLayers(recipe), config => withLayers(config, inferring)),
  // The network then sees 0 … 255.
  rescaling: recipe => ({ ...withoutScaling(recipe), standardize: false }),
}
const partAliases = { batchnorm: 'batchNormalization' }

/** The variation of `--without WORD`. Throws UserError with the nearest word. */
export function variationWithout(word: string): Variation {
  const part = lookUp('part to leave out', word, Object.keys(parts), partAliases)
  const words = inWords(part)
  return variation(`without-${words.replace(' ', '-')}`, `without ${words}`, parts[part]!, recipe => ({
    what: `${recipe.name} has no ${words} to leave out.`,
    expected: `something it has: ${partsOf(recipe).map(inWords).join(', ') || 'none of these'}`,
    received: `--without ${word}`,
  }))
}

/** The variation of `--with WORD`: `activation=tanh`, `pooling=average`, `grey`. Throws UserError with the nearest word. */
export function variationWith(word: string): Variation {
  const [kind, value = ''] = word.split('=', 2) as [string, string?]
  const already = (what: string) => (recipe: RecipeConfig) => ({
    what: `${recipe.name} ${what}: there would be nothing to compare.`,
    received: `--with ${word}`,
  })
  switch (lookUp('change', kind, ['activation', 'pooling', 'grey'], { gray: 'grey' })) {
    case 'activation': {
      if (value === '') throw needsValue(word, 'activation=tanh')
      return variation(
        `with-${value}`,
        `with ${value}`,
        recipe => withModel(recipe, config => withActivation(config, value)),
        already(`has no activation but ${value} inside`),
      )
    }
    case 'pooling': {
      if (value === '') throw needsValue(word, 'pooling=average')
      const pooling = lookUp('pooling', value, ['max', 'average'])
      return variation(
        `with-${pooling}-pooling`,
        `with ${pooling} pooling`,
        recipe => withModel(recipe, config => withPooling(config, pooling as 'max' | 'average')),
        already(`has no pooling but ${pooling}`),
      )
    }
    default:
      if (value !== '') throw new UserError({ what: '--with grey takes no value.', received: word })
      return variation('with-grey-pictures', 'with grey pictures', inGrey, already('sees grey pictures'))
  }
}

function variation(
  name: string,
  title: string,
  change: (recipe: RecipeConfig) => RecipeConfig,
  unchanged: (recipe: RecipeConfig) => { what: string; expected?: string | undefined; received: string },
): Variation {
  return {
    name,
    apply(recipe) {
      const changed = change(recipe)
      if (isSameRecipe(changed, recipe)) throw new UserError(unchanged(recipe))
      // Says what does not go together, in the words of the layers.
      plainModel(changed)
      // What was published holds for the recipe as it was.
      const { published: _, ...rest } = changed
      return { ...rest, name: `${recipe.name}-${name}`, title: `${recipe.title}, ${title}` }
    },
  }
}

/** Whether two recipes say the same, however their networks are written. */
export function isSameRecipe(a: RecipeConfig, b: RecipeConfig): boolean {
  return JSON.stringify(expanded(a)) === JSON.stringify(expanded(b))
}

function expanded(recipe: RecipeConfig) {
  const { augmentation: _, ...rest } = recipe
  return { ...rest, model: modelToConfig(plainModel(recipe)) }
}

/** The recipe with its network, the augmentation before it too, written out and changed. */
export function withModel(recipe: RecipeConfig, change: (config: ModelConfig) => ModelConfig): RecipeConfig {
  const written = expanded(recipe)
  return { ...written, model: change(written.model) as unknown as JsonRecord }
}

function without(isOut: (traits: LayerTraits) => boolean) {
  return (recipe: RecipeConfig): RecipeConfig =>
    withModel(recipe, config => withoutLayers(config, layer => isOut(layerFromConfig(layer).traits)))
}

const isDropout = (layer: SavedLayer): boolean =>
  typeof layer.config['rate'] === 'number' && layerFromConfig(layer).traits.family === 'dropout'

export const hasDropout = (recipe: RecipeConfig): boolean => modelToConfig(plainModel(recipe)).layers.some(isDropout)

/** The recipe with this rate in all its dropout layers. Throws UserError for what is no rate. */
export function withDropoutRate(recipe: RecipeConfig, rate: Json): RecipeConfig {
  const changed = withModel(recipe, config =>
    withLayers(config, layer => (isDropout(layer) ? { ...layer, config: { ...layer.config, rate } } : layer)),
  )
  // Says what a rate cannot be.
  plainModel(changed)
  return changed
}

const withoutScaling = without(({ family }) => family === 'scaling')
const withoutRandomLayers = without(({ family, standIn }) => family === 'augmentation' && standIn === undefined)

/** A random window gives way to what stands for it outside training: the middle of the picture, at the window's size. */
function inferring(layer: SavedLayer): SavedLayer {
  const { standIn } = layerFromConfig(layer).traits
  return standIn ? madeBy(standIn(), layer) : layer
}

function inGrey(recipe: RecipeConfig): RecipeConfig {
  const { preprocess } = recipe
  if (preprocess.channels === 'grey') return recipe
  const shape = [preprocess.shape[0], preprocess.shape[1], 1] as const
  const grey = withModel(recipe, config => withInputShape(config, shape))
  return { ...grey, preprocess: { ...preprocess, shape, channels: 'grey' } }
}

/** `batchNormalization` → `batch normalization`. */
function inWords(part: string): string {
  return part.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
}

function partsOf(recipe: RecipeConfig): string[] {
  return Object.keys(parts).filter(part => !isSameRecipe(parts[part]!(recipe), recipe))
}

function needsValue(word: string, example: string): UserError {
  return new UserError({ what: `--with ${word} needs a value.`, expected: `--with ${example}` })
}
