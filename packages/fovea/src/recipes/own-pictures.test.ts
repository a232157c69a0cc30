import { describe, expect, it } from 'vitest'
import { batchesOf } from '../engine/batches.ts'
import { checkRecipe } from '../runner/check-recipe.ts'
import { type OwnPictures, type OwnPicturesChoices, ownNetworkNames, ownPicturesRecipe } from './own-pictures.ts'
import { recipeFromJson } from './recipe-json.ts'
import { buildModel } from './recipe-parts.ts'
import { scheduleOf } from './schedule-changes.ts'

const set = (...counts: number[]): OwnPictures => ({
  name: 'pets',
  folder: 'pictures/pets',
  classNames: counts.map((_, label) => `class ${label}`),
  counts,
})
const made = (pictures: OwnPictures, choices?: OwnPicturesChoices) => ownPicturesRecipe(pictures, choices)
const modelName = ({ recipe }: ReturnType<typeof made>) => (recipe.model as { name: string }).name

describe('the recipe for own pictures', () => {
  it('is a small network and many epochs for few pictures, and says why', () => {
    const { recipe, reason } = made(set(20, 20, 20, 20, 20, 20))
    expect(reason).toBe('120 training pictures of 6 classes are few: small-cnn, 64×64, 250 epochs.')
    expect(recipe).toMatchObject({ name: 'pets', dataset: { folder: 'pictures/pets' }, epochs: 250, test: 'last' })
    expect(recipe.validation).toEqual({ kind: 'none' })
    expect(recipe).not.toHaveProperty('classWeights')
  })

  it('is a residual network and fewer epochs for many', () => {
    const many = made(set(1000, 1000, 1000))
    expect(many.reason).toBe('3000 training pictures of 3 classes are many: resnet, 64×64, 50 epochs.')
    expect(modelName(many)).toBe('small_resnet')
    expect(modelName(made(set(1000, 1000), { recipe: 'small-cnn' }))).toBe('small_cnn')
    expect(made(set(9, 9), { recipe: 'resnet' }).reason).toContain('as asked: resnet')
  })

  it('weighs classes where one is half as large again as another', () => {
    expect(made(set(30, 21)).recipe).not.toHaveProperty('classWeights')
    const uneven = made(set(30, 20))
    expect(uneven.recipe.classWeights).toBe('balanced')
    expect(uneven.reason).toContain('classes weighted by their size')
  })

  it.each(ownNetworkNames)('comes back from its JSON and can be trained: %s', recipe => {
    const sizes = [32, 64, 96, 100]
    for (const size of sizes) {
      const pictures = { ...set(40, 90), validation: true }
      const own = made(pictures, { recipe, size, resize: 'cover' }).recipe
      expect(recipeFromJson(JSON.parse(JSON.stringify(own)))).toEqual(own)
      expect(own.preprocess).toEqual({ shape: [size, size, 3], channels: 'rgb', resize: 'cover' })
      expect(own.validation).toEqual({ kind: 'given' })
      checkRecipe(own, { name: 'pets', classNames: pictures.classNames })
      const model = buildModel(own, { name: 'pets', shape: own.preprocess.shape, classNames: pictures.classNames })
      expect(model.outputs[0]!.shape).toEqual([2])
    }
  })

  it('brings the learning rate down at its last step', () => {
    const { recipe } = made(set(35, 36))
    const steps = recipe.epochs * batchesOf(71, recipe.batchSize)
    expect(scheduleOf(recipe.optimizer)).toMatchObject({ totalSteps: steps })
  })

  it('is refused for one class and for classes without pictures', () => {
    expect(() => made(set(30))).toThrow('where there is only one')
    expect(() => made(set(30, 0, 0))).toThrow('received: class 1, class 2')
  })
})
