/**
 * The published networks with our own schedule, `NAME-tuned`: AdamW along one cycle of the learning rate (Smith 2018; Loshchilov and Hutter
 * 2017), label smoothing (Szegedy et al. 2015) and, for pictures, small changes of them in training. Numbers were chosen on the 5,000
 * training pictures held out, never on the test set; the search is in docs/log.
 */
import { type RandomAffineOptions, randomAffine } from '../layers/random-affine.ts'
import { cifar10Recipes } from './cifar10.ts'
import { makeRecipe, written } from './common.ts'
import { mnistRecipes } from './mnist.ts'
import type { Choice, RecipeConfig } from './recipe.ts'

interface Tuning {
  readonly epochs: number
  readonly batchSize?: number | undefined
  /** The highest rate of the cycle. */
  readonly rate: number
  readonly weightDecay?: number | undefined
  readonly labelSmoothing?: number | undefined
  readonly augmentation?: readonly Choice[] | undefined
}

/** Turned by up to so many degrees, shifted by up to a share of the side, mirrored left for right. */
const moved = (options: RandomAffineOptions): Choice[] => [written(randomAffine(options))]

const tunings: Readonly<Record<string, Tuning>> = {
  'mnist-mlp': { epochs: 12, rate: 0.002, labelSmoothing: 0.1 },
  'mnist-cnn': { epochs: 15, rate: 0.005, augmentation: moved({ rotation: 10, heightShift: 0.08, widthShift: 0.08 }) },
  lenet5: { epochs: 15, rate: 0.005, augmentation: moved({ rotation: 10, heightShift: 0.08, widthShift: 0.08 }) },
  'fashion-lenet': { epochs: 20, rate: 0.005 },
  'cifar10-mlp': {
    epochs: 30,
    rate: 0.001,
    weightDecay: 0.1,
    labelSmoothing: 0.1,
    augmentation: moved({ heightShift: 0.06, widthShift: 0.06, horizontalFlip: true }),
  },
  'cifar10-cnn': {
    epochs: 40,
    rate: 0.003,
    augmentation: moved({ heightShift: 0.1, widthShift: 0.1, horizontalFlip: true }),
  },
  'cifar10-cnn-small': {
    epochs: 20,
    rate: 0.004,
    weightDecay: 0.05,
    labelSmoothing: 0.1,
    augmentation: moved({ horizontalFlip: true }),
  },
  'cifar10-cnn-wide': {
    epochs: 10,
    rate: 0.002,
    weightDecay: 0.05,
    labelSmoothing: 0.1,
    augmentation: moved({ horizontalFlip: true, heightShift: 0.06, widthShift: 0.06 }),
  },
}

export const tunedRecipes: readonly RecipeConfig[] = [...mnistRecipes, ...cifar10Recipes].flatMap(published => {
  const tuning = tunings[published.name]
  return tuning ? [tuned(published, tuning)] : []
})

function tuned(published: RecipeConfig, tuning: Tuning): RecipeConfig {
  const { epochs, batchSize = 128, rate, weightDecay = 0.01, labelSmoothing, augmentation } = tuning
  return makeRecipe({
    name: `${published.name}-tuned`,
    title: `The network of ${published.name} with our own schedule`,
    dataset: published.dataset,
    model: published.model,
    ...(augmentation && { augmentation }),
    preprocess: published.preprocess,
    standardize: published.standardize,
    validation: { kind: 'first', count: 5000 },
    optimizer: {
      type: 'AdamW',
      config: { learningRate: { type: 'OneCycle', config: { maxLearningRate: rate } }, weightDecay },
    },
    ...(labelSmoothing !== undefined && { loss: { type: 'CategoricalCrossentropy', config: { labelSmoothing } } }),
    batchSize,
    dropRemainder: true,
    epochs,
    test: 'last',
    ...(published.published && { published: published.published }),
  })
}
