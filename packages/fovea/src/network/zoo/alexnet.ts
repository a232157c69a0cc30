/**
 * AlexNet (Krizhevsky, Sutskever, Hinton 2012) on 227×227 pictures: five convolutions, three dense layers, local response
 * normalization after the first two. Published in two halves on two graphics cards: convolutions 2, 4 and 5 then see only the
 * channels of their half (`groups: 2`); the plain form joins them.
 */
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { localResponseNormalization } from '../../layers/layer-normalization.ts'
import { dropout } from '../../layers/noise.ts'
import { maxPooling2d } from '../../layers/pooling.ts'
import { flatten } from '../../layers/shaping.ts'
import { sequential } from '../sequential.ts'
import { unitRange, type ZooModel, type ZooOptions } from './zoo-model.ts'

export const alexnet: ZooModel = {
  title: 'AlexNet',
  parameters: { trainable: 62_378_344, nonTrainable: 0 },
  build: options => build('alexnet', 1, options),
}

export const alexnetGrouped: ZooModel = {
  title: 'AlexNet in two groups, as published',
  parameters: { trainable: 60_965_224, nonTrainable: 0 },
  build: options => build('alexnet_grouped', 2, options),
}

function build(name: string, groups: number, { classes = 1000, inputShape = [227, 227, 3] }: ZooOptions = {}) {
  const pool = () => maxPooling2d({ poolSize: 3, strides: 2 })
  const normalise = () => localResponseNormalization({ depthRadius: 2, bias: 2, alpha: 1e-4, beta: 0.75 })
  return sequential(
    [
      unitRange(inputShape),
      conv2d({ filters: 96, kernelSize: 11, strides: 4, activation: 'relu' }),
      normalise(),
      pool(),
      conv2d({ filters: 256, kernelSize: 5, padding: 'same', groups, activation: 'relu' }),
      normalise(),
      pool(),
      conv2d({ filters: 384, kernelSize: 3, padding: 'same', activation: 'relu' }),
      conv2d({ filters: 384, kernelSize: 3, padding: 'same', groups, activation: 'relu' }),
      conv2d({ filters: 256, kernelSize: 3, padding: 'same', groups, activation: 'relu' }),
      pool(),
      flatten(),
      dense({ units: 4096, activation: 'relu' }),
      dropout({ rate: 0.5 }),
      dense({ units: 4096, activation: 'relu' }),
      dropout({ rate: 0.5 }),
      dense({ units: classes, activation: 'softmax' }),
    ],
    { name },
  )
}
