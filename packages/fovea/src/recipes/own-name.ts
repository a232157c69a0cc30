/**
 * The name of a recipe in a configuration file. A file that still bears the name of a published recipe but says something else takes
 * the name of the file: so its runs, charts and tables are not taken for those of the published one.
 */
import { problemsOf } from '../base/errors.ts'
import type { RecipeConfig } from './recipe.ts'
import { recipes } from './recipes.ts'
import { isSameRecipe } from './variations.ts'

/** `stem` is the file's name without folder and ending. */
export function underOwnName(recipe: RecipeConfig, stem: string): RecipeConfig {
  const published = recipes.find(({ name }) => name === recipe.name)
  if (published === undefined || isUnchanged(recipe, published)) return recipe
  const name = stem.replace(/[^\p{L}\p{N} ._-]/gu, '-').replace(/^[^\p{L}\p{N}]+/u, '')
  const isTaken = name === '' || recipes.some(each => each.name === name)
  // What was published holds for the recipe as it was.
  const { published: _, ...rest } = recipe
  return {
    ...rest,
    name: isTaken ? `${name || recipe.name}-changed` : name.slice(0, 100),
    title: recipe.title === published.title ? `${published.title}, changed` : recipe.title,
  }
}

/** A network that cannot be made is no published one; what is wrong with it is told where it is trained. */
function isUnchanged(recipe: RecipeConfig, published: RecipeConfig): boolean {
  let same = false
  return problemsOf(() => (same = isSameRecipe(recipe, published))).length === 0 && same
}
