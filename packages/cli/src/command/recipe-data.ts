/** What is known of a recipe's data set before it is opened: the shape of its pictures and its classes; and how they become the network's. */
import type { DatasetChoice } from 'fovea/internal/base/dataset-choice'
import { sameShape } from 'fovea/internal/base/shape'
import { catalog } from 'fovea/internal/data/catalog'
import type { Dataset } from 'fovea/internal/data/dataset'
import { shapesWhenRead } from 'fovea/internal/data/shapes'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'

export type KnownDataset = Pick<Dataset, 'name' | 'shape' | 'classNames'>

/** Undefined for a folder, and for a name that the command line does not know. */
export function knownDataset(choice: DatasetChoice): KnownDataset | undefined {
  return choice === 'shapes' ? shapesWhenRead() : catalog.find(({ name }) => name === choice)
}

/** What may surprise: the recipe's preprocessing makes other pictures of those of its data set. Undefined where they fit as they are. */
export function fittedPictures({ dataset, preprocess }: RecipeConfig): string | undefined {
  const known = knownDataset(dataset)
  const { shape, resize, pad = 0 } = preprocess
  const inner = [shape[0] - 2 * pad, shape[1] - 2 * pad, shape[2]]
  if (known === undefined || sameShape(known.shape, inner)) return undefined
  return `${pictures(known.shape)} of ${known.name} go into a ${shape.join('×')} network: preprocess makes them fit (resize "${resize}").`
}

/** `Colour 32×32 pictures`. */
const pictures = ([height, width, channels]: readonly number[]): string =>
  `${channels === 1 ? 'Grey' : 'Colour'} ${height}×${width} pictures`
