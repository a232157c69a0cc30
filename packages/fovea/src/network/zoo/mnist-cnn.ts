/** Two convolutions with pooling for MNIST, then a dense layer of 64. */
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { maxPooling2d } from '../../layers/pooling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { unitRange, type ZooModel } from './zoo-model.ts'

export const mnistCnn: ZooModel = {
  title: 'CNN for MNIST',
  parameters: { trainable: 220_234, nonTrainable: 0 },
  build: ({ classes = 10, inputShape = [28, 28, 1] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' }),
        maxPooling2d(),
        conv2d({ filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' }),
        maxPooling2d(),
        flatten(),
        dense({ units: 64, activation: 'relu' }),
        dense({ units: classes, activation: 'softmax' }),
      ],
      { name: 'mnist_cnn' },
    ),
}
