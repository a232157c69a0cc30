/**
 * Recipes that reach much in little time on two cores: networks and numbers were found by experiment on the 5,000 training pictures held
 * out, never on the test set; the search is in docs/log.
 */
import { specOf } from '../base/preprocess-spec.ts'
import { randomFlip } from '../layers/augmentation.ts'
import { randomAffine } from '../layers/random-affine.ts'
import { randomCrop } from '../layers/resizing.ts'
import { makeRecipe, written } from './common.ts'
import type { Choice, RecipeConfig } from './recipe.ts'

/**
 * That of airbench94 (Jordan 2024), whose rate of 11.5 for 1,024 pictures and a sum of gradients at momentum 0.85 is 1.5 for their mean;
 * biases of the normalizations learn 64 times as fast, and the weights are pulled back by Lookahead, ever more softly.
 */
const airbench: Choice = {
  type: 'SGD',
  config: {
    learningRate: {
      type: 'OneCycle',
      config: { maxLearningRate: 1.5, warmupFraction: 0.23, divFactor: 5, finalDivFactor: 1 / 0.07, anneal: 'linear' },
    },
    momentum: 0.85,
    nesterov: true,
    weightDecay: 0.0089,
    rateFactors: { beta: 64, 'whitening/kernel': 0 },
    lookaheadSteps: 5,
    lookaheadRate: {
      type: 'PolynomialRamp',
      config: { initialLearningRate: 1, endLearningRate: 1 - 0.95 ** 5, power: 3 },
    },
  },
}

const smoothed = (labelSmoothing: number): Choice => ({ type: 'CategoricalCrossentropy', config: { labelSmoothing } })

const cifar10 = {
  dataset: 'cifar-10',
  preprocess: specOf({ name: 'cifar-10', shape: [32, 32, 3] }),
} as const

const heldOut = { validation: { kind: 'first', count: 5000 }, dropRemainder: true, test: 'last' } as const

export const fastRecipes: readonly RecipeConfig[] = [
  makeRecipe({
    ...heldOut,
    name: 'mnist-fast',
    title: 'Three small convolutions with batch normalization, digits turned and shifted a little',
    dataset: 'mnist',
    augmentation: [written(randomAffine({ rotation: 12, heightShift: 0.1, widthShift: 0.1, fillMode: 'constant' }))],
    preprocess: specOf({ name: 'mnist', shape: [28, 28, 1] }),
    optimizer: {
      type: 'AdamW',
      config: { learningRate: { type: 'OneCycle', config: { maxLearningRate: 0.01 } }, weightDecay: 0.02 },
    },
    loss: smoothed(0.1),
    batchSize: 128,
    epochs: 15,
  }),
  makeRecipe({
    ...heldOut,
    name: 'fashion-fast',
    title: 'Five convolutions with batch normalization, pieces of clothing mirrored and shifted',
    dataset: 'fashion-mnist',
    augmentation: [
      written(randomFlip({ mode: 'horizontal', alternating: true })),
      written(randomCrop({ height: 28, width: 28, padding: 2, fillMode: 'constant' })),
    ],
    preprocess: specOf({ name: 'fashion-mnist', shape: [28, 28, 1] }),
    optimizer: {
      type: 'SGD',
      config: {
        learningRate: {
          type: 'OneCycle',
          config: { maxLearningRate: 0.2, anneal: 'linear', warmupFraction: 0.25, divFactor: 5, finalDivFactor: 50 },
        },
        momentum: 0.9,
        nesterov: true,
        weightDecay: 0.002,
      },
    },
    loss: smoothed(0.1),
    batchSize: 128,
    epochs: 22,
    testViews: 'mirror',
  }),
  makeRecipe({
    ...heldOut,
    ...cifar10,
    name: 'cifar10-fast',
    title: 'The network of airbench94 at half its width',
    optimizer: airbench,
    loss: smoothed(0.2),
    batchSize: 1024,
    epochs: 12,
    testViews: 'mirror+shifts',
  }),
  makeRecipe({
    ...heldOut,
    ...cifar10,
    name: 'cifar10-94',
    title: 'The network and the training of airbench94',
    optimizer: airbench,
    loss: smoothed(0.2),
    batchSize: 1024,
    epochs: 12,
    testViews: 'mirror+shifts',
  }),
]
