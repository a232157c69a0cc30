/** The perceptron that CIFAR-10 is too much for: 1000 and 512 units with dropout. */
import { dense } from '../../layers/dense.ts'
import { dropout } from '../../layers/noise.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { unitRange, type ZooModel } from './zoo-model.ts'

export const cifar10Mlp: ZooModel = {
  title: 'MLP for CIFAR-10',
  parameters: { trainable: 3_590_642, nonTrainable: 0 },
  build: ({ classes = 10, inputShape = [32, 32, 3] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        flatten(),
        dense({ units: 1000, activation: 'relu' }),
        dropout({ rate: 0.2 }),
        dense({ units: 512, activation: 'relu' }),
        dropout({ rate: 0.2 }),
        dense({ units: classes, activation: 'softmax' }),
      ],
      { name: 'cifar10_mlp' },
    ),
}
