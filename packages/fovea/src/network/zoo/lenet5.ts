/** LeNet-5 with batch normalization and dropout. MNIST's 28×28 pictures are laid into 32×32 with a border of zeros. */
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { dropout } from '../../layers/noise.ts'
import { batchNormalization } from '../../layers/normalization.ts'
import { averagePooling2d } from '../../layers/pooling.ts'
import { zeroPadding2d } from '../../layers/rearranging.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { unitRange, type ZooModel } from './zoo-model.ts'

export const lenet5: ZooModel = {
  title: 'LeNet-5 with batch normalization',
  parameters: { trainable: 61_718, nonTrainable: 12 },
  build: ({ classes = 10, inputShape = [28, 28, 1] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        zeroPadding2d({ padding: 2 }),
        conv2d({ filters: 6, kernelSize: 5, activation: 'tanh' }),
        batchNormalization(),
        averagePooling2d(),
        conv2d({ filters: 16, kernelSize: 5, activation: 'tanh' }),
        averagePooling2d(),
        conv2d({ filters: 120, kernelSize: 5, activation: 'tanh' }),
        flatten(),
        dense({ units: 84, activation: 'tanh' }),
        dropout({ rate: 0.2 }),
        dense({ units: classes, activation: 'softmax' }),
      ],
      { name: 'lenet5' },
    ),
}
