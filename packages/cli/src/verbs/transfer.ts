/** `--from` and `--freeze`: a recipe that begins with the weights of a trained model. */
import type { Freeze } from 'fovea/internal/network/transfer'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { transferRecipe } from 'fovea/internal/recipes/transfer-recipe'
import { weightsSha256 } from 'fovea/internal/store/weights-hash'
import type { Context } from '../command/command.ts'
import { flag, type Option, type OptionValues, textOption } from '../command/options.ts'
import { savedModel } from './saved-model.ts'

const freezeOption: Option<Freeze> = {
  value: 'all-but-head|N|none',
  help: 'with --from: train the new head alone, all but the first N layers, or all at once (default: the head, then all at a lower rate)',
  read: written => {
    if (written === 'all-but-head' || written === 'none') return { value: written }
    const layers = /^\d+$/.test(written) ? Number(written) : 0
    return layers >= 1 ? { value: layers } : { expected: 'all-but-head, none, or how many of the first layers' }
  },
}

export const transferOptions = {
  from: textOption('MODEL', 'begin with the network and weights of this model file or run; the recipe says the data'),
  freeze: freezeOption,
  'keep-classes': flag(
    'with --from: classes that the model knows by name keep what it learned of them, new ones are added',
  ),
}

/**
 * What `--from` makes of a recipe that is trained on so many pictures (before they are counted, on many); itself without. Throws UserError
 * where its model does not suit.
 */
export async function transferOf(
  {
    from,
    freeze,
    epochs,
    'keep-classes': keepClasses,
  }: OptionValues<typeof transferOptions> & { readonly epochs?: number },
  context: Partial<Pick<Context, 'note'>> = {},
): Promise<(recipe: RecipeConfig, pictures?: number) => RecipeConfig> {
  if (from === undefined) return recipe => recipe
  const { path, model, spec, weights } = await savedModel(from, context)
  const trained = { path, model, preprocess: spec, weightsSha256: weightsSha256(weights) }
  return (recipe, pictures = Number.POSITIVE_INFINITY) =>
    transferRecipe(recipe, trained, { pictures, freeze, keepClasses, epochs })
}
