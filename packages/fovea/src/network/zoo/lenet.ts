/** The classical LeNet-5 (LeCun et al. 1998) as it is usually counted: dense connections, average pooling, softmax. */
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { averagePooling2d } from '../../layers/pooling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { unitRange, type ZooModel } from './zoo-model.ts'

export const lenet: ZooModel = {
  title: 'LeNet-5 (1998)',
  parameters: { trainable: 61_706, nonTrainable: 0 },
  build: ({ classes = 10, inputShape = [32, 32, 1] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        conv2d({ filters: 6, kernelSize: 5, activation: 'tanh' }),
        averagePooling2d(),
        conv2d({ filters: 16, kernelSize: 5, activation: 'tanh' }),
        averagePooling2d(),
        conv2d({ filters: 120, kernelSize: 5, activation: 'tanh' }),
        flatten(),
        dense({ units: 84, activation: 'tanh' }),
        dense({ units: classes, activation: 'softmax' }),
      ],
      { name: 'lenet' },
    ),
}
