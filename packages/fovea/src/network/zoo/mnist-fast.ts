/**
 * A network for 28×28 digits that learns fast on two cores: three 3×3 convolutions with batch normalization, each behind a pooling, so that
 * most sums are over small maps. Found by experiment (docs/log).
 */
import { dense } from '../../layers/dense.ts'
import { dropout } from '../../layers/noise.ts'
import { maxPooling2d } from '../../layers/pooling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { normalizedConvolution } from './normalized-convolution.ts'
import { unitRange, type ZooModel } from './zoo-model.ts'

export const mnistFast: ZooModel = {
  title: 'Small CNN for digits with batch normalization',
  parameters: { trainable: 61_042, nonTrainable: 336 },
  build: ({ classes = 10, inputShape = [28, 28, 1] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        ...[24, 48, 96].flatMap(width => [...normalizedConvolution(width), maxPooling2d()]),
        flatten(),
        dropout({ rate: 0.2 }),
        dense({ units: classes, activation: 'softmax' }),
      ],
      { name: 'mnist_fast' },
    ),
}
