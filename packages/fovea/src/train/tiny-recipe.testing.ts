/** A recipe, its data and its model, small enough for the reference device. */

import { specOf } from '../base/preprocess-spec.ts'
import type { LoadedDataset } from '../data/dataset.ts'
import { dense } from '../layers/dense.ts'
import type { Layer } from '../layers/layer.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { modelToConfig } from '../network/config.ts'
import { sequential } from '../network/sequential.ts'
import { makeRecipe } from '../recipes/common.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'

/** 2×2 pictures of two classes: the brighter half is above or below. */
export function tinyDataset(train = 40, test = 12): LoadedDataset {
  const split = (count: number, from: number) => {
    const labels = Uint8Array.from({ length: count }, (_, index) => ((index + from) * 7) % 2)
    const pixel = (index: number): number => {
      const bright = labels[Math.floor(index / 4)]! === Math.floor((index % 4) / 2)
      return (bright ? 150 : 40) + ((index * 29 + from) % 60)
    }
    return { images: Uint8Array.from({ length: count * 4 }, (_, index) => pixel(index)), labels, count }
  }
  return {
    name: 'tiny',
    shape: [2, 2, 1],
    classNames: ['above', 'below'],
    train: split(train, 0),
    test: split(test, 1000),
  }
}

export const tinyModel = (first: Layer = rescaling({ scale: 1 / 255, inputShape: [2, 2, 1] })) =>
  JSON.parse(JSON.stringify(modelToConfig(sequential([first, flatten(), dense({ units: 2, activation: 'softmax' })]))))

export const tinyRecipe = (changes: Partial<RecipeConfig> = {}): RecipeConfig => ({
  ...makeRecipe({
    name: 'tiny-mlp',
    title: 'tiny',
    dataset: 'tiny',
    model: tinyModel(),
    preprocess: specOf({ name: 'tiny', shape: [2, 2, 1] }),
    validation: { kind: 'first', count: 8 },
    optimizer: { type: 'SGD', config: { learningRate: 0.5, momentum: 0.9 } },
    batchSize: 8,
    epochs: 3,
    test: 'best',
  }),
  ...changes,
})
