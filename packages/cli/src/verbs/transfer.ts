/** `--from` and `--freeze`: a recipe that begins with the weights of a trained model. */
import type { Dataset } from 'fovea/internal/data/dataset'
import type { PictureSource } from 'fovea/internal/data/picture-source'
import type { Freeze } from 'fovea/internal/network/transfer'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { recipeData } from 'fovea/internal/recipes/recipe-parts'
import { transferRecipe } from 'fovea/internal/recipes/transfer-recipe'
import { weightsSha256 } from 'fovea/internal/store/weights-hash'
import { type Option, type OptionValues, textOption } from '../command/options.ts'
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
}

/** The recipe beginning with the model of `--from`; itself without. Throws UserError where that model does not suit. */
export async function begunWith(
  recipe: RecipeConfig,
  dataset: Dataset<PictureSource>,
  limit: number | undefined,
  { from, freeze, epochs }: OptionValues<typeof transferOptions> & { readonly epochs?: number },
): Promise<RecipeConfig> {
  if (from === undefined) return recipe
  const { path, model, spec, weights } = await savedModel(from)
  const trained = { path, model, preprocess: spec, weightsSha256: weightsSha256(weights) }
  const pictures = recipeData(recipe, dataset, limit).train.count
  return transferRecipe(recipe, trained, { classes: dataset.classNames.length, pictures, freeze, epochs })
}
