/** What a RECIPE word stands for (a name, a configuration file, the recipe of a run) and the options that change its numbers. */
import { parse } from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import { type TestViews, testViewNames } from 'fovea/internal/base/test-views'
import { isFile, isFolder } from 'fovea/internal/host/node/paths'
import { underOwnName } from 'fovea/internal/recipes/own-name'
import { type OwnPicturesChoices, ownNetworkNames } from 'fovea/internal/recipes/own-pictures'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { recipeFromJson } from 'fovea/internal/recipes/recipe-json'
import { changedRecipe, type RecipeChanges } from 'fovea/internal/recipes/recipe-parts'
import { recipes } from 'fovea/internal/recipes/recipes'
import { checkRecipe } from 'fovea/internal/runner/check-recipe'
import { nearestPath, readJson } from './model-words.ts'
import { choiceOption, flag, type OptionValues, positive, wholeOption } from './options.ts'
import { isOwnPictures, ownRecipe } from './own-pictures.ts'
import { knownDataset } from './recipe-data.ts'
import { begunRun } from './run-folder.ts'
import { UsageError } from './usage-error.ts'

export const recipeOptions = {
  epochs: wholeOption('N', "how many epochs, instead of the recipe's"),
  'batch-size': wholeOption('N', 'pictures in a batch'),
  'learning-rate': positive('RATE', "the first learning rate; a recipe's later ones change in proportion"),
  seed: wholeOption('N', 'of the weights, the order, dropout and augmentation (default 1)', 0),
  limit: wholeOption('N', 'only the first N training pictures, for a quick trial'),
}

/** Of pictures of the user's own, for which the recipe is chosen. */
export const ownOptions = {
  size: wholeOption('N', 'own pictures: the side of the square that the network sees', 8, 1024),
  recipe: choiceOption(ownNetworkNames, 'own pictures: the network (default: by their number)'),
  fit: choiceOption(
    ['cover', 'contain', 'stretch'],
    'own pictures: show the middle, the whole with margins, or the whole distorted (default: stretch)',
  ),
  'no-mirror': flag('own pictures: never mirrored in training, where that makes another class of them'),
}

export const deviceOptions = {
  threads: wholeOption('N', 'compute threads (default: all cores)', 1, 256),
  numerics: choiceOption(
    ['reproducible', 'fast'],
    'the same bits everywhere (default), or as fast as this machine can',
  ),
}

/** Test-time augmentation. */
export const viewsOption = choiceOption(
  ['none', ...testViewNames],
  'the mean over each picture and its mirror image, its shifts by a pixel, or both',
)

/** `none` is no view but the picture itself. */
export const viewsChosen = (views: 'none' | TestViews | undefined): TestViews | undefined =>
  views === 'none' ? undefined : views

/**
 * The recipe of this name, in this file (under the file's name where it is a changed one), of the run in this directory, or the one that
 * suits the pictures of this folder or table. Throws UsageError with the nearest name.
 */
export async function recipeOf(word: string, own: OwnPicturesChoices = {}): Promise<RecipeConfig> {
  const known = recipes.find(recipe => recipe.name === word)
  if (known) return known
  if (await isOwnPictures(word)) return ownRecipe(word, own)
  if (await isFile(word)) {
    const json = await readJson(word)
    try {
      return underOwnName(recipeFromJson(json), parse(word).name)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      throw new UserError(error.problems.map(problem => ({ ...problem, what: `${word}: ${problem.what}` })))
    }
  }
  const names = recipes.map(recipe => recipe.name)
  if (await isFolder(word)) return (await begunRun(word)).recipe
  const guess = await nearestPath(word, names)
  throw new UsageError({
    what: `There is no recipe, configuration file, run directory or folder of pictures '${word}'.`,
    expected: names.join(', '),
    fix: guess === undefined ? 'See `fovea recipes`.' : `Did you mean '${guess}'?`,
  })
}

/** Throws UserError, before any data are fetched, for a recipe that cannot be trained with these options. */
export function checkTrainable(recipe: RecipeConfig, values: OptionValues<typeof recipeOptions>): void {
  checkRecipe(changedRecipe(recipe, changesOf(values)), knownDataset(recipe.dataset))
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
