/** Recipes on CIFAR-10: 32×32 colour photographs of ten classes. */
import { specOf } from '../base/preprocess-spec.ts'
import { adamSettings, kerasRmsprop, makeRecipe } from './common.ts'
import type { RecipeConfig } from './recipe.ts'

const cifar10 = { dataset: 'cifar-10', preprocess: specOf({ name: 'cifar-10', shape: [32, 32, 3] }) } as const
const heldOut = { kind: 'first', count: 5000 } as const

export const cifar10Recipes: readonly RecipeConfig[] = [
  makeRecipe({
    ...cifar10,
    name: 'cifar10-mlp',
    title: 'A perceptron for photographs, and why that is not enough',
    validation: heldOut,
    optimizer: kerasRmsprop,
    batchSize: 32,
    // Published: up to 100. The lowest validation loss comes within the first fifteen.
    epochs: 15,
    test: 'best',
    published: { figure: '39.42 %', params: 3_590_642 },
  }),
  makeRecipe({
    ...cifar10,
    name: 'cifar10-cnn',
    title: 'A convolutional network for photographs: three 2×2 convolutions',
    validation: heldOut,
    optimizer: kerasRmsprop,
    batchSize: 32,
    // Published: 20 to 100. The lowest validation loss comes near epoch 12.
    epochs: 25,
    test: 'best',
    published: { figure: '67.90 %; "about 70 %"', params: 528_054 },
  }),
  makeRecipe({
    ...cifar10,
    name: 'cifar10-cnn-small',
    title: 'One convolution of ten filters',
    validation: { kind: 'test' },
    optimizer: adamSettings,
    batchSize: 32,
    epochs: 10,
    test: 'last',
    published: { figure: '61.56 %', params: 226_390 },
  }),
  makeRecipe({
    ...cifar10,
    name: 'cifar10-cnn-wide',
    title: 'Three convolutions of 8, 512 and 256 filters',
    validation: { kind: 'test' },
    optimizer: adamSettings,
    batchSize: 32,
    epochs: 10,
    test: 'last',
    published: { figure: '70.45 %', params: 1_628_214 },
  }),
  makeRecipe({
    ...cifar10,
    name: 'cifar10-cnn-optimized',
    title: 'Batch normalization, augmentation, L2, growing dropout and a falling learning rate',
    standardize: true,
    validation: heldOut,
    // Keras's old decay: the rate is divided by 1 + 1e-6 · step.
    optimizer: { type: 'RMSprop', config: { learningRate: 0.001, decay: 1e-6 } },
    batchSize: 64,
    // 703 steps an epoch.
    dropRemainder: true,
    epochs: 250,
    learningRateByEpoch: [
      { afterEpoch: 50, learningRate: 0.0007 },
      { afterEpoch: 100, learningRate: 0.0005 },
      { afterEpoch: 135, learningRate: 0.0003 },
      { afterEpoch: 175, learningRate: 0.0001 },
    ],
    callbacks: [{ type: 'EarlyStopping', config: { monitor: 'val_loss', minDelta: 0.001, patience: 40 } }],
    test: 'best',
    published: { figure: '89.12 %', params: 309_290 },
  }),
]
