import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../base/json.ts'
import { reLU } from '../layers/activation-layers.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { add } from '../layers/merging.ts'
import { dropout } from '../layers/noise.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { globalAveragePooling2d } from '../layers/pooling.ts'
import { randomCrop } from '../layers/resizing.ts'
import { apply } from '../layers/tensor.ts'
import { modelToConfig } from '../network/config.ts'
import { chain, input, model } from '../network/functional.ts'
import type { Model } from '../network/model.ts'
import { parameterCounts } from '../network/weights.ts'
import type { RecipeConfig } from './recipe.ts'
import { recipeFromJson } from './recipe-json.ts'
import { plainModel } from './recipe-parts.ts'
import { recipe } from './recipes.ts'
import { type Variation, variationWith, variationWithout } from './variations.ts'

/** Type and, where it has one, activation of every layer. */
const layersOf = (config: RecipeConfig): string[] =>
  plainModel(config).layers.map(({ layer }) => [layer.type, layer.config['activation'] ?? []].flat().join(' '))

const varied = (name: string, variation: Variation): RecipeConfig => variation.apply(recipe(name))

const withNetwork = (network: Model): RecipeConfig => ({
  ...recipe('shapes-cnn'),
  model: JSON.parse(JSON.stringify(modelToConfig(network))) as JsonRecord,
})

/** A residual block with batch normalization and dropout: functional, with a layer called on two values. */
function residual(): RecipeConfig {
  const pictures = input({ shape: [32, 32, 3] })
  const convolution = () => conv2d({ filters: 3, kernelSize: 3, padding: 'same' })
  const inner = chain(pictures, randomCrop({ height: 28, width: 28 }), convolution(), batchNormalization(), reLU())
  const outer = chain(inner, dropout({ rate: 0.5 }), convolution(), batchNormalization())
  const joined = chain(apply(add(), [outer, inner]), reLU(), globalAveragePooling2d())
  return withNetwork(model({ inputs: pictures, outputs: apply(dense({ units: 10, activation: 'softmax' }), joined) }))
}

describe('variations of a recipe', () => {
  it('without dropout: the layers are gone, all else is as it was', () => {
    const plain = recipe('cifar10-cnn')
    const bare = varied('cifar10-cnn', variationWithout('dropout'))
    expect(layersOf(bare)).toEqual(layersOf(plain).filter(type => type !== 'Dropout'))
    expect(parameterCounts(plainModel(bare)).total).toBe(plain.published!.params)
    expect(bare).toEqual({
      ...plain,
      name: 'cifar10-cnn-without-dropout',
      title: `${plain.title}, without dropout`,
      model: bare.model,
      published: undefined,
    })
    expect(recipeFromJson(JSON.parse(JSON.stringify(bare)))).toEqual(bare)
  })

  it('without batch normalization, in any spelling', () => {
    for (const word of ['batchNormalization', 'batch-normalization', 'BatchNorm']) {
      const bare = varied('lenet5', variationWithout(word))
      expect(bare.name).toBe('lenet5-without-batch-normalization')
      expect(parameterCounts(plainModel(bare)).total).toBe(61_730 - 24)
    }
  })

  it('without augmentation', () => {
    const bare = varied('cifar10-cnn-optimized', variationWithout('augmentation'))
    expect(layersOf(bare)).not.toContain('RandomAffine')
    expect(layersOf(bare).length).toBe(layersOf(recipe('cifar10-cnn-optimized')).length - 1)
    const cropped = variationWithout('augmentation').apply(residual())
    expect(layersOf(cropped)[0]).toBe('Resizing')
    expect(plainModel(cropped).layers[0]!.outputShape).toEqual([28, 28, 3])
  })

  it('without rescaling the network sees bytes', () => {
    expect(layersOf(varied('mnist-cnn', variationWithout('rescaling')))[0]).toBe('Conv2D relu')
    const bare = varied('cifar10-cnn-optimized', variationWithout('rescaling'))
    expect(bare.standardize).toBe(false)
    expect(layersOf(bare)[0]).toBe('RandomAffine')
  })

  it('with another activation, but for the output and linear layers', () => {
    expect(layersOf(varied('mnist-cnn', variationWith('activation=tanh'))).filter(text => / /.test(text))).toEqual([
      'Conv2D tanh',
      'Conv2D tanh',
      'Dense tanh',
      'Dense softmax',
    ])
    const tanh = variationWith('activation=tanh').apply(residual())
    expect(layersOf(tanh).filter(text => / /.test(text))).toEqual([
      ...['Conv2D linear', 'Activation tanh', 'Conv2D linear', 'Activation tanh', 'Dense softmax'],
    ])
    expect(plainModel(tanh).layers.map(({ layer }) => layer.name)).toContain('activation_1')
  })

  it('with the other pooling, under its own name', () => {
    const average = plainModel(varied('mnist-cnn', variationWith('pooling=average')))
    const names = average.layers.map(({ layer }) => layer.name)
    expect(names.filter(name => name.includes('pool'))).toEqual(['average_pooling2d', 'average_pooling2d_1'])
    expect(layersOf(varied('fashion-lenet', variationWith('pooling=max')))).toContain('MaxPooling2D')
  })

  it('with grey pictures: one channel from preparation to the first weights', () => {
    const grey = varied('cifar10-cnn', variationWith('grey'))
    expect(grey.name).toBe('cifar10-cnn-with-grey-pictures')
    expect(grey.preprocess).toEqual({ ...recipe('cifar10-cnn').preprocess, shape: [32, 32, 1], channels: 'grey' })
    expect(plainModel(grey).weights[0]!.shape).toEqual([2, 2, 1, 16])
  })

  it('takes layers out of a functional network', () => {
    const block = residual()
    const bare = variationWithout('batchNormalization').apply(variationWithout('dropout').apply(block))
    const { layers } = plainModel(bare)
    expect(layers.map(({ layer }) => layer.type)).toEqual([
      ...['RandomCrop', 'Conv2D', 'ReLU', 'Conv2D', 'Add', 'ReLU', 'GlobalAveragePooling2D', 'Dense'],
    ])
    // Value 0 is the picture: the sum still joins the second convolution with the first activation.
    expect(layers[4]!.inputs).toEqual([4, 3])
  })

  it.each<[string, () => unknown, RegExp]>([
    ['an unknown part', () => variationWithout('dropuot'), /'dropuot'[\s\S]*Did you mean 'dropout'/],
    ['an unknown change', () => variationWith('pool=max'), /'pool'[\s\S]*activation, pooling, grey/],
    ['an unknown activation', () => varied('mnist-cnn', variationWith('activation=tahn')), /tahn[\s\S]*"tanh"/],
    ['an unknown pooling', () => variationWith('pooling=avrage'), /'avrage'[\s\S]*'average'/],
    ['a value missing', () => variationWith('activation'), /needs a value[\s\S]*activation=tanh/],
    ['a value too many', () => variationWith('grey=yes'), /takes no value/],
    [
      'a part it does not have',
      () => varied('mnist-cnn', variationWithout('dropout')),
      /mnist-cnn has no dropout[\s\S]*something it has: rescaling/,
    ],
    ['an activation it has already', () => varied('fashion-lenet', variationWith('activation=tanh')), /but tanh/],
    ['a pooling it has already', () => varied('mnist-cnn', variationWith('pooling=max')), /no pooling but max/],
    ['grey pictures in grey', () => varied('mnist-cnn', variationWith('grey')), /sees grey pictures/],
  ])('%s: says so', (_, act, message) => {
    expect(act).toThrow(message)
  })
})
