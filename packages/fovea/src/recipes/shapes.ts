/** Recipes on the built-in data set `shapes`: what needs no download, for a first look. */
import { specOf } from '../base/preprocess-spec.ts'
import { adamSettings, makeRecipe } from './common.ts'
import type { RecipeConfig } from './recipe.ts'

const shapes = {
  dataset: 'shapes',
  preprocess: specOf({ name: 'shapes', shape: [32, 32, 3] }),
  validation: { kind: 'first', count: 1000 },
  optimizer: adamSettings,
  batchSize: 32,
  epochs: 10,
  test: 'best',
} as const

export const shapesRecipes: readonly RecipeConfig[] = [
  makeRecipe({ ...shapes, name: 'shapes-mlp', title: 'A perceptron for coloured shapes and textures' }),
  makeRecipe({
    ...shapes,
    name: 'shapes-cnn',
    title: 'A convolutional network for the same, with a ninth of the weights',
  }),
]
