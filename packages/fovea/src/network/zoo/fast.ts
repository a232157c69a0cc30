/**
 * Networks for 28×28 grey pictures that learn fast on two cores: 3×3 convolutions with batch normalization, each step of widths behind a
 * pooling, so that most sums are over small maps. Found by experiment (docs/log).
 */
import { dense } from '../../layers/dense.ts'
import type { Layer } from '../../layers/layer.ts'
import { dropout } from '../../layers/noise.ts'
import { maxPooling2d } from '../../layers/pooling.ts'
import { rescaling } from '../../layers/rescaling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { normalizedConvolution } from './normalized-convolution.ts'
import { unitRange, type ZooModel } from './zoo-model.ts'

export const mnistFast: ZooModel = {
  title: 'CNN that learns digits in two minutes',
  parameters: { trainable: 61_042, nonTrainable: 336 },
  build: ({ classes = 10, inputShape = [28, 28, 1] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        ...[24, 48, 96].flatMap(width => [...normalizedConvolution(width), maxPooling2d()]),
        ...head(classes),
      ],
      { name: 'mnist_fast' },
    ),
}

export const fashionFast: ZooModel = {
  title: 'CNN that learns pieces of clothing in a quarter of an hour',
  parameters: { trainable: 278_890, nonTrainable: 832 },
  build: ({ classes = 10, inputShape = [28, 28, 1] } = {}) =>
    sequential(
      [
        rescaling({ scale: 1 / 127.5, offset: -1, inputShape }),
        ...normalizedConvolution(32),
        ...[64, 128].flatMap(width => [
          maxPooling2d(),
          ...normalizedConvolution(width),
          ...normalizedConvolution(width),
        ]),
        maxPooling2d({ poolSize: 7 }),
        ...head(classes),
      ],
      { name: 'fashion_fast' },
    ),
}

const head = (classes: number): Layer[] => [
  flatten(),
  dropout({ rate: 0.2 }),
  dense({ units: classes, activation: 'softmax' }),
]
