import { expect, it } from 'vitest'
import { modelToConfig } from '../network/config.ts'
import { layersOf } from '../network/model.ts'
import { tinyRecipe } from '../train/tiny-recipe.testing.ts'
import { recipeFromJson } from './recipe-json.ts'
import { plainModel } from './recipe-parts.ts'
import { recipe } from './recipes.ts'
import { variationWith, variationWithout } from './variations.ts'

const flip = { type: 'RandomFlip', config: { mode: 'horizontal' } }
const typesOf = (given: Parameters<typeof plainModel>[0]) => layersOf(plainModel(given)).map(({ type }) => type)

it('stands before the network, whose weights keep their names', () => {
  const plain = recipe('cifar10-cnn')
  const augmented = { ...plain, augmentation: [flip] }
  expect(typesOf(augmented)).toEqual(['RandomFlip', ...typesOf(plain)])
  expect(plainModel(augmented).weights.map(({ name }) => name)).toEqual(
    plainModel(plain).weights.map(({ name }) => name),
  )
  expect(recipeFromJson(JSON.parse(JSON.stringify(augmented)))).toEqual(augmented)
})

it('is left out with all other augmentation, and goes with every other change of the network', () => {
  const augmented = { ...recipe('cifar10-cnn'), augmentation: [flip] }
  const without = variationWithout('augmentation').apply(augmented)
  expect(without.augmentation).toBeUndefined()
  expect(typesOf(without)).toEqual(typesOf(recipe('cifar10-cnn')))
  const tanh = variationWith('activation=tanh').apply(augmented)
  expect(typesOf(tanh)).toEqual(typesOf(augmented))
  expect(JSON.stringify(modelToConfig(plainModel(tanh)))).toContain('tanh')
})

it('takes no layer that changes pictures outside of training', () => {
  const asking = (type: string, config = {}) => plainModel({ ...tinyRecipe(), augmentation: [{ type, config }] })
  expect(() => asking('Flatten')).toThrow('layers that change pictures in training only')
  expect(() => asking('RandomCrop', { height: 1, width: 1 })).toThrow('received: RandomCrop')
  const shape = recipe('cifar10-cnn').preprocess.shape
  const crop = { type: 'RandomCrop', config: { height: shape[0], width: shape[1], padding: 4 } }
  expect(typesOf({ ...recipe('cifar10-cnn'), augmentation: [crop] })[0]).toBe('RandomCrop')
  expect(() => asking('RandomFlipp')).toThrow('did you mean "RandomFlip"?')
})
