/** How much the pictures of each class count in training, as the recipe says. In: the recipe and the labels of what is trained on. */
import { perClass } from '../data/describe.ts'
import type { PictureSource } from '../data/picture-source.ts'
import type { RecipeConfig } from './recipe.ts'

/** By class number; undefined where every picture counts alike. */
export type ClassWeights = Readonly<Record<number, number>>

/**
 * n / (classes · n_c) for class c with n_c of the n pictures, so that classes weigh the same and a picture 1 on average. Classes
 * without a picture have no part in it.
 */
export function classWeightsOf(
  { classWeights }: Pick<RecipeConfig, 'classWeights'>,
  pictures: Pick<PictureSource, 'labels' | 'classNames'>,
): ClassWeights | undefined {
  if (classWeights === undefined) return undefined
  const counts = perClass(pictures)
  const classes = counts.filter(count => count > 0).length
  return Object.fromEntries(
    counts.flatMap((count, label) => (count > 0 ? [[label, pictures.labels.length / (classes * count)]] : [])),
  )
}
