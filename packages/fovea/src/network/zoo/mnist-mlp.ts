/** The plain multilayer perceptron for MNIST: two hidden layers of 512. */
import { dense } from '../../layers/dense.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { unitRange, type ZooModel } from './zoo-model.ts'

export const mnistMlp: ZooModel = {
  title: 'MLP for MNIST',
  parameters: { trainable: 669_706, nonTrainable: 0 },
  build: ({ classes = 10, inputShape = [28, 28, 1] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        flatten(),
        dense({ units: 512, activation: 'relu' }),
        dense({ units: 512, activation: 'relu' }),
        dense({ units: classes, activation: 'softmax' }),
      ],
      { name: 'mnist_mlp' },
    ),
}
