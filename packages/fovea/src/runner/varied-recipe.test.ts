import { describe, expect, test } from 'vitest'
import { modelToConfig } from '../network/config.ts'
import { plainModel } from '../recipes/recipe-parts.ts'
import { recipe, recipes } from '../recipes/recipes.ts'
import { checkRecipe } from './check-recipe.ts'
import { variedName, variedRecipe } from './varied-recipe.ts'

const cnn = recipe('cifar10-cnn')

describe('a varied recipe', () => {
  test('has the numbers, options of the optimizer and of the loss', () => {
    const varied = variedRecipe(cnn, {
      ...{ learningRate: 0.01, batchSize: 16, epochs: 3 },
      ...{ rho: 0.5, weightDecay: 0.1, centered: true, labelSmoothing: 0.2 },
    })
    expect(varied).toMatchObject({ batchSize: 16, epochs: 3 })
    expect(varied.optimizer.config).toMatchObject({ learningRate: 0.01, rho: 0.5, weightDecay: 0.1, centered: true })
    expect(varied.loss).toEqual({ type: 'CategoricalCrossentropy', config: { labelSmoothing: 0.2 } })
    expect(() => checkRecipe(varied)).not.toThrow()
  })

  test('has one rate in all dropout layers, another activation inside', () => {
    const varied = variedRecipe(cnn, { dropout: 0.15, activation: 'tanh' })
    const { layers } = modelToConfig(plainModel(varied))
    const rates = layers.filter(({ type }) => type === 'Dropout').map(({ config }) => config['rate'])
    expect(new Set(rates)).toEqual(new Set([0.15]))
    expect(layers.some(({ config }) => config['activation'] === 'tanh')).toBe(true)
    expect(layers.some(({ config }) => config['activation'] === 'relu')).toBe(false)
    expect(layers.at(-1)!.config['activation']).toBe('softmax')
  })

  test('refuses what cannot be', () => {
    expect(() => variedRecipe(cnn, { batchSize: 1.5 })).toThrow(/batchSize/)
    expect(() => variedRecipe(cnn, { learningRate: 'high' })).toThrow(/learningRate/)
    expect(() => variedRecipe(cnn, { dropout: 1 })).toThrow(/rate/)
    expect(() => variedRecipe(cnn, { nothing: 1 })).toThrow(/no nothing to vary/)
    expect(() => checkRecipe(variedRecipe(cnn, { rho: 2 }))).toThrow(/rho/)
    expect(() => checkRecipe(variedRecipe(cnn, { labelSmoothing: 'much' }))).toThrow(/labelSmoothing/)
  })

  test.each(recipes.map(({ name }) => name))('%s takes its own rate as it is', name => {
    const own = recipe(name)
    expect(variedName(own, 'learning_rate')).toBe('learningRate')
    expect(() => checkRecipe(variedRecipe(own, { learningRate: 0.02 }))).not.toThrow()
  })
})
