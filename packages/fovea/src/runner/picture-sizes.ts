/**
 * Progressive resizing (Howard 2018, in fast.ai's entry to DAWNBench): the first epochs are trained on smaller pictures, which takes less
 * time, the last ones on whole ones. In: a recipe and its network. Out: the networks of the first epochs. Weights, optimizer and steps
 * are those of the whole network: only the training step is another one.
 */
import { UserError } from '../base/errors.ts'
import type { Model } from '../network/model.ts'
import { withResizedPictures } from '../network/resized-pictures.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import type { EarlierModel } from '../train/learner.ts'

/** `batches`: of an epoch. Throws UserError for a network that has other weights at these sizes. */
export function earlierModels({ sizes = [], from }: RecipeConfig, model: Model, batches: number): EarlierModel[] {
  if (sizes.length > 0 && from?.cacheFeatures) {
    throw new UserError({
      what: 'Features that are kept are those of whole pictures',
      fix: 'leave out sizes, or set cacheFeatures to false',
    })
  }
  return sizes.map(({ untilEpoch, size }) => ({
    untilStep: untilEpoch * batches,
    model: withResizedPictures(model, size),
    entry: `train ${size.join('×')}`,
  }))
}
