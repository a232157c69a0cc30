/** What many recipes share: settings that hold where a recipe says nothing else. */
import type { Choice, RecipeConfig } from './recipe.ts'

/** v ← 0.9 v + 0.1 g², w ← w − 0.001 g / √(v + 1e-7). */
export const kerasRmsprop: Choice = { type: 'RMSprop', config: { learningRate: 0.001 } }
export const adam: Choice = { type: 'Adam', config: { learningRate: 0.001 } }

type Shared =
  | 'standardize'
  | 'loss'
  | 'metrics'
  | 'shuffle'
  | 'seed'
  | 'learningRateByEpoch'
  | 'callbacks'
  | 'model'
  | 'selectedOnTestSet'

/** A recipe for the zoo's network of the same name, unless it says more. */
export function makeRecipe(own: Omit<RecipeConfig, Shared> & Partial<Pick<RecipeConfig, Shared>>): RecipeConfig {
  return {
    standardize: false,
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    shuffle: true,
    seed: 1,
    learningRateByEpoch: [],
    callbacks: [],
    model: own.name,
    selectedOnTestSet: own.validation.kind === 'test',
    ...own,
  }
}
