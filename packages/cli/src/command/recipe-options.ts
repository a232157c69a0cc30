/** What a RECIPE word stands for (a name, a configuration file, the recipe of a run) and the options that change its numbers. */
import { nearest, UserError } from 'fovea/internal/base/errors'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { isFile, isFolder } from 'fovea/internal/host/node/paths'
import { refusePictureFolder } from 'fovea/internal/host/node/picture-folders'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { recipeFromJson } from 'fovea/internal/recipes/recipe-json'
import { changedRecipe, type RecipeChanges } from 'fovea/internal/recipes/recipe-parts'
import { recipes } from 'fovea/internal/recipes/recipes'
import { runFiles } from 'fovea/internal/run/run-files'
import { checkRecipe } from 'fovea/internal/runner/check-recipe'
import { readJson } from './model-words.ts'
import { choiceOption, type OptionValues, positive, wholeOption } from './options.ts'
import { begunRun } from './run-folder.ts'
import { UsageError } from './usage-error.ts'

export const recipeOptions = {
  epochs: wholeOption('N', 'how many epochs, instead of the recipe’s'),
  'batch-size': wholeOption('N', 'pictures in a batch'),
  'learning-rate': positive('RATE', 'the first learning rate; a recipe’s later ones change in proportion'),
  seed: wholeOption('N', 'of the weights, the order, dropout and augmentation (default 1)', 0),
  limit: wholeOption('N', 'only the first N training pictures, for a quick trial'),
}

export const deviceOptions = {
  threads: wholeOption('N', 'compute threads (default: all cores)', 1, 256),
  numerics: choiceOption(
    ['reproducible', 'fast'],
    'the same bits everywhere (default), or as fast as this machine can',
  ),
}

/** The recipe of this name, in this file, or of the run in this directory. Throws UsageError with the nearest name. */
export async function recipeOf(word: string): Promise<RecipeConfig> {
  const known = recipes.find(recipe => recipe.name === word)
  if (known) return known
  if (await isFile(word)) {
    const json = await readJson(word)
    try {
      return recipeFromJson(json)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      throw new UserError(error.problems.map(problem => ({ ...problem, what: `${word}: ${problem.what}` })))
    }
  }
  const names = recipes.map(recipe => recipe.name)
  if (await isFolder(word)) {
    const isRun = await nodeFiles.exists(nodeFiles.join(word, runFiles.events))
    if (!isRun)
      await refusePictureFolder(word, `a recipe (${names.slice(0, 3).join(', ')} …), its JSON file or a run directory`)
    return (await begunRun(word)).recipe
  }
  const guess = nearest(word, names)
  throw new UsageError({
    what: `There is no recipe, configuration file or run directory '${word}'.`,
    expected: names.join(', '),
    fix: guess === undefined ? 'See `fovea recipes`.' : `Did you mean '${guess}'?`,
  })
}

/** Throws UserError, before any data are fetched, for a recipe that cannot be trained with these options. */
export function checkTrainable(recipe: RecipeConfig, values: OptionValues<typeof recipeOptions>): void {
  checkRecipe(changedRecipe(recipe, changesOf(values)))
}

/** What the options change of a recipe. */
export function changesOf(values: OptionValues<typeof recipeOptions>): RecipeChanges {
  const changes = {
    epochs: values.epochs,
    batchSize: values['batch-size'],
    learningRate: values['learning-rate'],
    seed: values.seed,
  }
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}
