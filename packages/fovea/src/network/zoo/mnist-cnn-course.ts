/** The course's network for MNIST: three valid convolutions, pooling after the first (one reading of an ambiguous text). */
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { dropout } from '../../layers/noise.ts'
import { maxPooling2d } from '../../layers/pooling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { unitRange, type ZooModel } from './zoo-model.ts'

export const mnistCnnCourse: ZooModel = {
  title: 'CNN for MNIST, as taught in the course',
  parameters: { trainable: 120_586, nonTrainable: 0 },
  build: ({ classes = 10, inputShape = [28, 28, 1] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
        maxPooling2d(),
        conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
        dropout({ rate: 0.3 }),
        conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
        flatten(),
        dense({ units: 32, activation: 'relu' }),
        dense({ units: classes, activation: 'softmax' }),
      ],
      { name: 'mnist_cnn_course' },
    ),
}
