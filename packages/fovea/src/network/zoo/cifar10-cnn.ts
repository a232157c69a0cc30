/** Three 2×2 convolutions with pooling for CIFAR-10; same padding of an even kernel adds a row below and a column right. */
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { dropout } from '../../layers/noise.ts'
import { maxPooling2d } from '../../layers/pooling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { unitRange, type ZooModel } from './zoo-model.ts'

export const cifar10Cnn: ZooModel = {
  title: 'CNN for CIFAR-10',
  parameters: { trainable: 528_054, nonTrainable: 0 },
  build: ({ classes = 10, inputShape = [32, 32, 3] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        conv2d({ filters: 16, kernelSize: 2, padding: 'same', activation: 'relu' }),
        maxPooling2d(),
        conv2d({ filters: 32, kernelSize: 2, padding: 'same', activation: 'relu' }),
        maxPooling2d(),
        conv2d({ filters: 64, kernelSize: 2, padding: 'same', activation: 'relu' }),
        maxPooling2d(),
        dropout({ rate: 0.3 }),
        flatten(),
        dense({ units: 500, activation: 'relu' }),
        dropout({ rate: 0.4 }),
        dense({ units: classes, activation: 'softmax' }),
      ],
      { name: 'cifar10_cnn' },
    ),
}
