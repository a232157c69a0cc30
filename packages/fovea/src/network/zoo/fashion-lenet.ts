/** LeNet with tanh and average pooling for Fashion-MNIST; its first convolution is 3×3 with same padding. */
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { averagePooling2d } from '../../layers/pooling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { unitRange, type ZooModel } from './zoo-model.ts'

export const fashionLenet: ZooModel = {
  title: 'LeNet for Fashion-MNIST',
  parameters: { trainable: 61_610, nonTrainable: 0 },
  build: ({ classes = 10, inputShape = [28, 28, 1] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'tanh' }),
        averagePooling2d(),
        conv2d({ filters: 16, kernelSize: 5, activation: 'tanh' }),
        averagePooling2d(),
        conv2d({ filters: 120, kernelSize: 5, activation: 'tanh' }),
        flatten(),
        dense({ units: 84, activation: 'tanh' }),
        dense({ units: classes, activation: 'softmax' }),
      ],
      { name: 'fashion_lenet' },
    ),
}
