/** Temporary: the recipe for own pictures comes with the branch that measures it. */
import type { JsonRecord } from '../base/json.ts'
import { modelToConfig } from '../network/config.ts'
import { zooModel } from '../network/zoo/zoo.ts'
import { adamSettings, makeRecipe } from './common.ts'
import type { RecipeConfig } from './recipe.ts'

export interface OwnPictures {
  readonly name: string
  readonly folder: string
  readonly classNames: readonly string[]
  readonly counts: readonly number[]
  readonly validation?: boolean | undefined
}

export interface OwnChoice {
  readonly recipe?: 'small-cnn' | 'resnet' | undefined
  readonly size?: number | undefined
  readonly resize?: 'cover' | 'contain' | 'stretch' | undefined
}

export function ownPicturesRecipe(
  { name, folder, classNames }: OwnPictures,
  { size = 64, resize = 'cover' }: OwnChoice = {},
): { recipe: RecipeConfig; reason: string } {
  const model = zooModel('cifar10-cnn').build({ classes: classNames.length, inputShape: [size, size, 3] })
  const recipe = makeRecipe({
    name,
    title: `Own pictures: ${name}`,
    dataset: { folder },
    model: modelToConfig(model) as unknown as JsonRecord,
    preprocess: { shape: [size, size, 3], channels: 'rgb', resize },
    validation: { kind: 'given' },
    optimizer: adamSettings,
    batchSize: 32,
    epochs: 10,
    test: 'best',
  })
  return { recipe, reason: '' }
}
