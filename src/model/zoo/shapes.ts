/**
 * Two networks for the built-in data set `shapes`: a perceptron, and a convolutional network of a ninth of its parameters that
 * is nevertheless clearly better, for it finds a shape wherever it lies.
 */
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { maxPooling2d } from '../../layers/pooling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { unitRange, type ZooModel } from './zoo-model.ts'

export const shapesMlp: ZooModel = {
  title: 'MLP for shapes',
  parameters: { trainable: 820_874, nonTrainable: 0 },
  build: ({ classes = 10, inputShape = [32, 32, 3] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        flatten(),
        dense({ units: 256, activation: 'relu' }),
        dense({ units: 128, activation: 'relu' }),
        dense({ units: classes, activation: 'softmax' }),
      ],
      { name: 'shapes_mlp' },
    ),
}

export const shapesCnn: ZooModel = {
  title: 'CNN for shapes',
  parameters: { trainable: 89_834, nonTrainable: 0 },
  build: ({ classes = 10, inputShape = [32, 32, 3] } = {}) =>
    sequential(
      [
        unitRange(inputShape),
        conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
        maxPooling2d(),
        conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' }),
        maxPooling2d(),
        conv2d({ filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' }),
        maxPooling2d(),
        flatten(),
        dense({ units: 64, activation: 'relu' }),
        dense({ units: classes, activation: 'softmax' }),
      ],
      { name: 'shapes_cnn' },
    ),
}
