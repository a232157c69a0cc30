/** Recipes on MNIST and Fashion-MNIST. Their pictures are 28×28, grey, light on dark. */
import { specOf } from '../base/preprocess-spec.ts'
import { adamSettings, kerasRmsprop, makeRecipe } from './common.ts'
import type { RecipeConfig } from './recipe.ts'

const mnist = { name: 'mnist', shape: [28, 28, 1] } as const
const fashion = { name: 'fashion-mnist', shape: [28, 28, 1] } as const

export const mnistRecipes: readonly RecipeConfig[] = [
  makeRecipe({
    name: 'mnist-mlp',
    title: 'A perceptron for digits: two hidden layers of 512',
    dataset: 'mnist',
    preprocess: specOf(mnist),
    validation: { kind: 'first', count: 5000 },
    optimizer: kerasRmsprop,
    batchSize: 32,
    epochs: 5,
    test: 'last',
    published: { figure: '~96 %', params: 669_706 },
  }),
  makeRecipe({
    name: 'mnist-cnn',
    title: 'A convolutional network for digits',
    dataset: 'mnist',
    preprocess: specOf(mnist),
    validation: { kind: 'test' },
    optimizer: kerasRmsprop,
    batchSize: 64,
    epochs: 10,
    test: 'best',
    published: { figure: '99.20 %', params: 220_234 },
  }),
  makeRecipe({
    name: 'mnist-cnn-course',
    title: 'A convolutional network for digits that reads what you drew yourself',
    dataset: 'mnist',
    preprocess: specOf(mnist),
    validation: { kind: 'first', count: 5000 },
    optimizer: kerasRmsprop,
    batchSize: 64,
    epochs: 10,
    test: 'last',
    published: { figure: '~99 %', params: 120_586 },
  }),
  makeRecipe({
    name: 'fashion-lenet',
    title: 'LeNet for pieces of clothing, tanh and average pooling',
    dataset: 'fashion-mnist',
    preprocess: specOf(fashion),
    validation: { kind: 'test' },
    optimizer: { type: 'SGD', config: { learningRate: 0.01 } },
    batchSize: 128,
    epochs: 10,
    test: 'last',
    published: { figure: '81.7 %', params: 61_610 },
  }),
  makeRecipe({
    name: 'lenet5',
    title: 'LeNet-5 with batch normalization on digits padded to 32×32',
    dataset: 'mnist',
    preprocess: specOf(mnist),
    validation: { kind: 'first', count: 5000 },
    optimizer: adamSettings,
    batchSize: 128,
    epochs: 10,
    test: 'last',
    published: { figure: '≥ 98.5 % (our own aim)', params: 61_730 },
  }),
]
