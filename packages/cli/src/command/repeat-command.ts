/** The line for the shell that trains a run once more. In: what it was begun with. Out: the line, where there is one. */
import { isDeepStrictEqual } from 'node:util'
import { nameOfDataset } from 'fovea/internal/base/dataset-choice'
import { shellWord } from 'fovea/internal/base/text'
import { datasetNames } from 'fovea/internal/host/node/datasets'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { changedRecipe, recipeToJson } from 'fovea/internal/recipes/recipe-parts'
import { recipes } from 'fovea/internal/recipes/recipes'
import { firstRate } from 'fovea/internal/recipes/schedule-changes'

interface Repeated {
  readonly folder: string
  readonly recipe: RecipeConfig
  readonly limit?: number
}

/**
 * `npx fovea train mnist-cnn --epochs 3 --seed 1`: a known recipe with the numbers that were changed. Of any other recipe the run
 * directory holds all its numbers. Undefined for data that only a program has.
 */
export function repeatCommand({ folder, recipe, limit }: Repeated): string | undefined {
  if (!datasetNames().includes(nameOfDataset(recipe.dataset))) return undefined
  const known = recipes.find(({ name }) => name === recipe.name)
  const options = known === undefined ? undefined : changesBetween(known, recipe)
  const words = known === undefined || options === undefined ? [shellWord(folder)] : [known.name, ...options]
  return ['npx fovea train', ...words, ...(limit === undefined ? [] : [`--limit ${limit}`])].join(' ')
}

/** Options that make one recipe of the other; undefined where they differ in more than such numbers. */
function changesBetween(known: RecipeConfig, recipe: RecipeConfig): string[] | undefined {
  const { epochs, batchSize, seed, optimizer } = recipe
  // Of a schedule, the first rate stands for all.
  const [learningRate, knownRate] = [firstRate(optimizer), firstRate(known.optimizer)]
  const changed = changedRecipe(known, { epochs, batchSize, seed, learningRate })
  if (!isDeepStrictEqual(recipeToJson(changed), recipeToJson(recipe))) return undefined
  const option = (name: string, value: unknown, old: unknown) => (value === old ? [] : [`--${name} ${value}`])
  return [
    ...option('epochs', epochs, known.epochs),
    ...option('batch-size', batchSize, known.batchSize),
    ...option('learning-rate', learningRate, knownRate),
    `--seed ${seed}`,
  ]
}
