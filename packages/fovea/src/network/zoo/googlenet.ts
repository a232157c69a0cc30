/**
 * GoogLeNet, Inception v1 (Szegedy et al. 2014), 224×224 pictures: 22 layers deep, nine inception modules, each four branches
 * joined along the channels. In training, two auxiliary heads can hang from modules 4a and 4d (loss weight 0.3 each); they
 * are outputs of their own here.
 */
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import { localResponseNormalization } from '../../layers/layer-normalization.ts'
import { concatenate } from '../../layers/merging.ts'
import { dropout } from '../../layers/noise.ts'
import { averagePooling2d, globalAveragePooling2d, maxPooling2d } from '../../layers/pooling.ts'
import { rescaling } from '../../layers/rescaling.ts'
import { flatten } from '../../layers/shaping.ts'
import { apply, type Tensor } from '../../layers/tensor.ts'
import { chain, input, model } from '../functional.ts'
import type { ZooModel, ZooOptions } from './zoo-model.ts'

export const googlenet: ZooModel = {
  title: 'GoogLeNet (Inception v1)',
  parameters: { trainable: 6_998_552, nonTrainable: 0 },
  build: options => build('googlenet', false, options),
}

export const googlenetAuxiliary: ZooModel = {
  title: 'GoogLeNet with its two auxiliary heads',
  parameters: { trainable: 13_378_280, nonTrainable: 0 },
  build: options => build('googlenet_auxiliary', true, options),
}

/** Filters of one module: 1×1; 1×1 before 3×3 and 3×3; 1×1 before 5×5 and 5×5; 1×1 after the pool. */
type Filters = readonly [one: number, reduce3: number, three: number, reduce5: number, five: number, pool: number]

const modules: Readonly<Record<string, Filters>> = {
  '3a': [64, 96, 128, 16, 32, 32],
  '3b': [128, 128, 192, 32, 96, 64],
  '4a': [192, 96, 208, 16, 48, 64],
  '4b': [160, 112, 224, 24, 64, 64],
  '4c': [128, 128, 256, 24, 64, 64],
  '4d': [112, 144, 288, 32, 64, 64],
  '4e': [256, 160, 320, 32, 128, 128],
  '5a': [256, 160, 320, 32, 128, 128],
  '5b': [384, 192, 384, 48, 128, 128],
}

function build(name: string, auxiliary: boolean, { classes = 1000, inputShape = [224, 224, 3] }: ZooOptions = {}) {
  const normalise = () => localResponseNormalization({ depthRadius: 2, bias: 1, alpha: 2e-5, beta: 0.75 })
  const pictures = input({ shape: inputShape })
  let x = apply(rescaling({ scale: 1 / 255 }), pictures)
  x = chain(x, convolution(64, 7, 'conv1', 2), pool('pool1'), normalise())
  x = chain(x, convolution(64, 1, 'conv2_reduce'), convolution(192, 3, 'conv2'), normalise(), pool('pool2'))
  const outputs: Tensor[] = []
  for (const [module, filters] of Object.entries(modules)) {
    x = inception(x, module, filters)
    if (module === '3b' || module === '4e') x = apply(pool(`pool${module[0]}`), x)
    if (auxiliary && (module === '4a' || module === '4d')) outputs.push(head(x, `auxiliary_${module}`, classes))
  }
  x = chain(x, globalAveragePooling2d(), dropout({ rate: 0.4 }))
  const predictions = apply(dense({ units: classes, activation: 'softmax', name: 'predictions' }), x)
  return model({ inputs: pictures, outputs: [predictions, ...outputs], name })
}

function convolution(filters: number, kernelSize: number, name: string, strides = 1) {
  return conv2d({ filters, kernelSize, strides, padding: 'same', activation: 'relu', name })
}

function pool(name: string, strides = 2) {
  return maxPooling2d({ poolSize: 3, strides, padding: 'same', name })
}

function inception(x: Tensor, module: string, [one, reduce3, three, reduce5, five, pooled]: Filters): Tensor {
  const name = (part: string) => `inception_${module}_${part}`
  return apply(concatenate({ name: name('output') }), [
    apply(convolution(one, 1, name('1x1')), x),
    chain(x, convolution(reduce3, 1, name('3x3_reduce')), convolution(three, 3, name('3x3'))),
    chain(x, convolution(reduce5, 1, name('5x5_reduce')), convolution(five, 5, name('5x5'))),
    chain(x, pool(name('pool'), 1), convolution(pooled, 1, name('pool_proj'))),
  ])
}

function head(x: Tensor, name: string, classes: number): Tensor {
  return chain(
    x,
    averagePooling2d({ poolSize: 5, strides: 3, name: `${name}_pool` }),
    convolution(128, 1, `${name}_conv`),
    flatten({ name: `${name}_flatten` }),
    dense({ units: 1024, activation: 'relu', name: `${name}_fc` }),
    dropout({ rate: 0.7, name: `${name}_dropout` }),
    dense({ units: classes, activation: 'softmax', name }),
  )
}
