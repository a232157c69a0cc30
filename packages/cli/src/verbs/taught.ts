/** `--teacher`: a recipe whose network learns from what trained models say, beside the labels (Hinton, Vinyals and Dean 2015). */
import { parse, record } from 'fovea/internal/base/schema'
import { distillationFields } from 'fovea/internal/base/training-numbers'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { weightsSha256 } from 'fovea/internal/store/weights-hash'
import type { Context } from '../command/command.ts'
import { type OptionValues, texts } from '../command/options.ts'
import { severalModels } from './several-models.ts'

export const teacherOptions = {
  teacher: texts(
    'MODEL',
    'learn from what this trained model or run says of the training pictures too, of several from their mean',
  ),
}

/** What `--teacher` makes of a recipe; itself without. Throws UserError for models of different classes. */
export async function taughtBy(
  { teacher: words }: OptionValues<typeof teacherOptions>,
  context: Partial<Pick<Context, 'note'>> = {},
): Promise<(recipe: RecipeConfig) => RecipeConfig> {
  if (words === undefined) return recipe => recipe
  const { members } = await severalModels(words, context)
  const models = members.map(({ saved }) => ({ model: saved.path, weightsSha256: weightsSha256(saved.weights) }))
  const teacher = { models, ...parse(record(distillationFields), {}, 'the teacher') }
  return ({ published: _, ...recipe }) => ({
    ...recipe,
    name: `${recipe.name.slice(0, 93)}-taught`,
    title: `${recipe.title}, taught by ${models.map(({ model }) => model).join(', ')}`,
    teacher,
  })
}
