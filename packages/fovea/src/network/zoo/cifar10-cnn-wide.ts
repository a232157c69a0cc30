/** Three valid convolutions of 8, 512 and 256 filters for CIFAR-10. */
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { maxPooling2d } from '../../layers/pooling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { unitRange, type ZooModel } from './zoo-model.ts'

export const cifar10CnnWide: ZooModel = {
  title: 'Wide CNN for CIFAR-10',
  parameters: { trainable: 1_628_214, nonTrainable: 0 },
  build: ({ classes = 10, inputShape = [32, 32, 3] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
        maxPooling2d(),
        conv2d({ filters: 512, kernelSize: 3, activation: 'relu' }),
        maxPooling2d(),
        conv2d({ filters: 256, kernelSize: 3, activation: 'relu' }),
        flatten(),
        dense({ units: 100, activation: 'relu' }),
        dense({ units: classes, activation: 'softmax' }),
      ],
      { name: 'cifar10_cnn_wide' },
    ),
}
