/**
 * Two networks for the built-in data set `shapes`: a perceptron, and a convolutional network of a ninth of its parameters that
 * is nevertheless clearly better, for it finds a shape wherever it lies.
 */

import type { Shape } from '../../base/shape.ts'
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { maxPooling2d } from '../../layers/pooling.ts'
import { rescaling } from '../../layers/rescaling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import type { ZooModel } from './zoo-model.ts'

/**
 * Bytes to −1 … 1. With 0 … 1 the common sign of all inputs drives the perceptron's first layer: it stays at chance (10 %, where
 * this gives 30 %), and the convolutional network needs twice the epochs.
 */
function signedRange(inputShape: Shape) {
  return rescaling({ scale: 1 / 127.5, offset: -1, inputShape })
}

export const shapesMlp: ZooModel = {
  title: 'MLP for shapes',
  parameters: { trainable: 820_874, nonTrainable: 0 },
  build: ({ classes = 10, inputShape = [32, 32, 3] } = {}) =>
    sequential(
      [
        signedRange(inputShape),
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
        signedRange(inputShape),
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
