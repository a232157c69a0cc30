/** The recipes by name: the published classifiers with their published settings and with ours, and two for the built-in data set. */
import { anyText, checkArguments } from '../base/arguments.ts'
import { nearest, UserError } from '../base/errors.ts'
import { cifar10Recipes } from './cifar10.ts'
import { fastRecipes } from './fast.ts'
import { mnistRecipes } from './mnist.ts'
import type { RecipeConfig } from './recipe.ts'
import { shapesRecipes } from './shapes.ts'
import { tunedRecipes } from './tuned.ts'

/** All recipes. */
export const recipes: readonly RecipeConfig[] = [
  ...mnistRecipes,
  ...cifar10Recipes,
  ...shapesRecipes,
  ...tunedRecipes,
  ...fastRecipes,
]

/** The recipe of this name. Throws UserError with the nearest one. */
export function recipe(name: string): RecipeConfig {
  const found = recipes.find(candidate => candidate.name === name)
  if (found) return found
  checkArguments('recipe', { name: anyText }, { name })
  const names = recipes.map(candidate => candidate.name)
  const close = nearest(name, names)
  throw new UserError({
    what: `There is no recipe "${name}"`,
    expected: names.join(', '),
    received: name,
    ...(close !== undefined && { fix: `did you mean "${close}"?` }),
  })
}
