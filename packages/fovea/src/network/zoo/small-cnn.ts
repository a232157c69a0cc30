/**
 * A network for own pictures, sized to the set: blocks of convolution, batch normalization and relu, each but the last halved by
 * pooling, then the mean over all places, dropout and one dense layer. A mean over places has no weight of a place, so few
 * pictures suffice, whatever their size. In training the pictures come in otherwise each time (`pictureAugmentation`).
 */
import { activation } from '../../layers/activation-layers.ts'
import { conv2d } from '../../layers/conv.ts'
import { dense } from '../../layers/dense.ts'
import type { Layer } from '../../layers/layer.ts'
import { dropout } from '../../layers/noise.ts'
import { batchNormalization } from '../../layers/normalization.ts'
import { globalAveragePooling2d, maxPooling2d } from '../../layers/pooling.ts'
import { input } from '../functional.ts'
import type { Model } from '../model.ts'
import { sequential } from '../sequential.ts'
import { pictureAugmentation } from './picture-augmentation.ts'

export interface OwnNetworkOptions {
  readonly classes: number
  /** Height, width, channels. */
  readonly inputShape: readonly [number, number, number]
  /** Of the first block; each further one has twice as many. */
  readonly filters: number
}

export function smallCnn({ classes, inputShape, filters }: OwnNetworkOptions): Model {
  const blocks = Array.from({ length: halvings(inputShape) + 1 }, (_, index) => filters * 2 ** index)
  return sequential(
    [
      input({ shape: inputShape }),
      ...pictureAugmentation(),
      ...blocks.flatMap((width, index) => [...(index === 0 ? [] : [maxPooling2d()]), ...convolution(width)]),
      globalAveragePooling2d(),
      dropout({ rate: 0.3 }),
      dense({ units: classes, activation: 'softmax' }),
    ],
    { name: 'small_cnn' },
  )
}

/** How often a picture is halved until its shorter side is about 8: 3 times for 64 and 96, 4 times for 128. */
export function halvings([height, width]: OwnNetworkOptions['inputShape']): number {
  let count = 0
  for (let side = Math.min(height, width); side >= 16; side /= 2) count++
  return count
}

/** The bias is that of the normalization. Its statistics follow fast: a short training has few steps. */
function convolution(filters: number): Layer[] {
  return [
    conv2d({ filters, kernelSize: 3, padding: 'same', useBias: false, kernelInitializer: 'heNormal' }),
    batchNormalization({ momentum: 0.9 }),
    activation({ activation: 'relu' }),
  ]
}
