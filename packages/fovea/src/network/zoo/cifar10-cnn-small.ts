/** One convolution, one pooling, one dense layer of 100: with ten filters, and the published variant with eight. */
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { maxPooling2d } from '../../layers/pooling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { unitRange, type ZooModel, type ZooOptions } from './zoo-model.ts'

export const cifar10CnnSmall: ZooModel = {
  title: 'Small CNN for CIFAR-10',
  parameters: { trainable: 226_390, nonTrainable: 0 },
  build: options => build('cifar10_cnn_small', 10, options),
}

export const cifar10CnnSmall8: ZooModel = {
  title: 'Small CNN for CIFAR-10, 8 filters',
  parameters: { trainable: 181_334, nonTrainable: 0 },
  build: options => build('cifar10_cnn_small_8', 8, options),
}

function build(name: string, filters: number, { classes = 10, inputShape = [32, 32, 3] }: ZooOptions = {}) {
  return sequential(
    [
      unitRange(inputShape),
      conv2d({ filters, kernelSize: 3, activation: 'relu' }),
      maxPooling2d(),
      flatten(),
      dense({ units: 100, activation: 'relu' }),
      dense({ units: classes, activation: 'softmax' }),
    ],
    { name },
  )
}
