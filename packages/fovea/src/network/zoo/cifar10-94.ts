/**
 * The network of airbench94 (Jordan 2024, "94% on CIFAR-10 in 3.29 seconds"), and the same at half its width: a fixed convolution that
 * whitens patches, three groups of two 3×3 convolutions, of which the first is pooled, and one dense layer. Batch normalization has no
 * gamma. Convolutions begin as identities as far as they can (Zagoruyko and Komodakis 2017), so that a picture reaches the head at once.
 */
import { activation } from '../../layers/activation-layers.ts'
import { randomFlip } from '../../layers/augmentation.ts'
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import type { Initializer } from '../../layers/initializer-config.ts'
import type { Layer } from '../../layers/layer.ts'
import { batchNormalization } from '../../layers/normalization.ts'
import { maxPooling2d } from '../../layers/pooling.ts'
import { normalization, rescaling } from '../../layers/rescaling.ts'
import { randomCrop } from '../../layers/resizing.ts'
import { flatten } from '../../layers/shaping.ts'
import { input } from '../functional.ts'
import { sequential } from '../sequential.ts'
import type { ZooModel } from './zoo-model.ts'

/** Of each channel, over the 50,000 training pictures. */
const cifar10 = { mean: [125.307, 122.95, 113.865], variance: [62.993 ** 2, 62.089 ** 2, 66.705 ** 2] }

export const cifar1094: ZooModel = {
  title: 'The network of airbench94',
  parameters: { trainable: 1_971_640, nonTrainable: 2_304 },
  build: options => fastCifar('cifar10_94', [64, 256, 256], options),
}

export const cifar10Fast: ZooModel = {
  title: 'The network of airbench94 at half its width',
  parameters: { trainable: 497_528, nonTrainable: 1_152 },
  build: options => fastCifar('cifar10_fast', [32, 128, 128], options),
}

function fastCifar(
  name: string,
  widths: readonly number[],
  { classes = 10, inputShape = [32, 32, 3] }: Parameters<ZooModel['build']>[0] = {},
) {
  const layers = [
    input({ shape: inputShape }),
    normalization(cifar10),
    randomFlip({ mode: 'horizontal', alternating: true }),
    randomCrop({ height: inputShape[0]!, width: inputShape[1]!, padding: 2, fillMode: 'reflect' }),
    // Patches of 2×2 pixels: twelve numbers, each whitened direction with both signs.
    conv2d({ filters: 24, kernelSize: 2, kernelInitializer: 'patchWhitening', name: 'whitening' }),
    gelu(),
    ...widths.flatMap(group),
    maxPooling2d({ poolSize: 3 }),
    flatten(),
    dense({ units: classes, useBias: false }),
    // Answers that are sure from the start learn slowly.
    rescaling({ scale: 1 / 9 }),
    activation({ activation: 'softmax' }),
  ]
  return sequential(layers, { name })
}

/** The first filters pass their input on; the others begin as PyTorch's do. */
const passingOn: Initializer = {
  type: 'Dirac',
  others: { type: 'VarianceScaling', scale: 1 / 3, mode: 'fanIn', distribution: 'uniform' },
}

const gelu = (): Layer => activation({ activation: 'gelu' })

function group(filters: number): Layer[] {
  return [convolution(filters), maxPooling2d(), normalized(), gelu(), convolution(filters), normalized(), gelu()]
}

const convolution = (filters: number): Layer =>
  conv2d({ filters, kernelSize: 3, padding: 'same', useBias: false, kernelInitializer: passingOn })

const normalized = (): Layer => batchNormalization({ scale: false, momentum: 0.6 })
