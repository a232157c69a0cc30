/**
 * The network of the last tutorial: z-score, augmentation, three blocks of two ELU convolutions with batch normalization and
 * L2, pooling and dropout that grows. The z-score uses one mean and one deviation over all 153,600,000 bytes of the CIFAR-10
 * training pictures (all 50,000); its layer carries them, so that prediction does the same.
 */

import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import type { Layer } from '../../layers/layer.ts'
import { dropout } from '../../layers/noise.ts'
import { batchNormalization } from '../../layers/normalization.ts'
import { maxPooling2d } from '../../layers/pooling.ts'
import { randomAffine } from '../../layers/random-affine.ts'
import { l2 } from '../../layers/regularizers.ts'
import { normalization } from '../../layers/rescaling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import type { ZooModel } from './zoo-model.ts'

const cifar10 = { mean: 120.70756512369792, deviation: 64.15007589112122 }

export const cifar10CnnOptimized: ZooModel = {
  title: 'Optimized CNN for CIFAR-10: batch normalization, augmentation, L2',
  parameters: { trainable: 308_394, nonTrainable: 896 },
  build: ({ classes = 10, inputShape = [32, 32, 3] } = {}) =>
    sequential(
      [
        normalization({ mean: cifar10.mean, variance: cifar10.deviation ** 2, epsilon: 1e-7, inputShape }),
        randomAffine({ rotation: 15, widthShift: 0.15, heightShift: 0.15, horizontalFlip: true, fillMode: 'nearest' }),
        ...block(32, 0.2),
        ...block(64, 0.3),
        ...block(128, 0.4),
        flatten(),
        dense({ units: classes, activation: 'softmax' }),
      ],
      { name: 'cifar10_cnn_optimized' },
    ),
}

function block(filters: number, rate: number): Layer[] {
  const convolution = () =>
    conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'elu', kernelRegularizer: l2({ l2: 1e-4 }) })
  return [convolution(), batchNormalization(), convolution(), batchNormalization(), maxPooling2d(), dropout({ rate })]
}
