/** What many recipes share: settings that hold where a recipe says nothing else. */
import { namedType } from '../base/choice-by-name.ts'
import type { Layer } from '../layers/layer.ts'
import type { Choice, RecipeConfig } from './recipe.ts'

/** v ← 0.9 v + 0.1 g², w ← w − 0.001 g / √(v + 1e-7). */
export const kerasRmsprop: Choice = { type: 'RMSprop', config: { learningRate: 0.001 } }
export const adamSettings: Choice = { type: 'Adam', config: { learningRate: 0.001 } }

type Shared =
  | 'standardize'
  | 'loss'
  | 'metrics'
  | 'shuffle'
  | 'dropRemainder'
  | 'seed'
  | 'learningRateByEpoch'
  | 'classWeights'
  | 'mixing'
  | 'sizes'
  | 'callbacks'
  | 'model'
  | 'selectedOnTestSet'

/** A recipe for the zoo's network of the same name, unless it says more. */
export function makeRecipe(own: Omit<RecipeConfig, Shared> & Partial<Pick<RecipeConfig, Shared>>): RecipeConfig {
  // In the order in which people read it.
  return {
    name: own.name,
    title: own.title,
    dataset: own.dataset,
    model: own.model ?? own.name,
    ...(own.augmentation !== undefined && { augmentation: own.augmentation }),
    ...(own.from !== undefined && { from: own.from }),
    ...(own.teacher !== undefined && { teacher: own.teacher }),
    preprocess: own.preprocess,
    standardize: own.standardize ?? false,
    validation: own.validation,
    optimizer: own.optimizer,
    loss: own.loss ?? 'categoricalCrossentropy',
    metrics: own.metrics ?? ['accuracy'],
    batchSize: own.batchSize,
    epochs: own.epochs,
    shuffle: own.shuffle ?? true,
    dropRemainder: own.dropRemainder ?? false,
    seed: own.seed ?? 1,
    learningRateByEpoch: own.learningRateByEpoch ?? [],
    ...(own.classWeights !== undefined && { classWeights: own.classWeights }),
    ...(own.mixing !== undefined && { mixing: own.mixing }),
    ...(own.sizes !== undefined && { sizes: own.sizes }),
    callbacks: own.callbacks ?? [],
    test: own.test,
    ...(own.testViews !== undefined && { testViews: own.testViews }),
    selectedOnTestSet: own.selectedOnTestSet ?? own.validation.kind === 'test',
    ...(own.published !== undefined && { published: own.published }),
  }
}

/** Whether a callback puts a mean of weights in their place when training ends. */
export const averagesWeights = ({ type }: Choice): boolean =>
  namedType(type, ['StochasticWeightAveraging']) !== undefined

/** A layer as recipes write it. */
export const written = ({ type, config }: Layer): Choice => ({ type, config })
