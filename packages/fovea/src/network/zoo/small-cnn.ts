/**
 * A network for own pictures, sized to the set: blocks of convolution, batch normalization and relu, each but the last halved by
 * pooling, then the mean over all places, dropout and one dense layer. A mean over places has no weight of a place, so few
 * pictures suffice, whatever their size. In training the pictures come in otherwise each time (`pictureAugmentation`).
 */
import { dense } from '../../layers/dense.ts'
import { dropout } from '../../layers/noise.ts'
import { globalAveragePooling2d, maxPooling2d } from '../../layers/pooling.ts'
import { input } from '../functional.ts'
import type { Model } from '../model.ts'
import { sequential } from '../sequential.ts'
import { normalizedConvolution } from './normalized-convolution.ts'
import { pictureAugmentation } from './picture-augmentation.ts'

export interface OwnNetworkOptions {
  readonly classes: number
  /** Height, width, channels. */
  readonly inputShape: readonly [number, number, number]
  /** Of the first block; each further one has twice as many, up to sixteen times. */
  readonly filters: number
  /** Whether pictures come in mirrored too in training. */
  readonly mirror: boolean
}

export function smallCnn({ classes, inputShape, filters, mirror }: OwnNetworkOptions): Model {
  const blocks = Array.from({ length: halvings(inputShape) + 1 }, (_, index) => filters * 2 ** Math.min(index, 4))
  return sequential(
    [
      input({ shape: inputShape }),
      ...pictureAugmentation({ mirror }),
      ...blocks.flatMap((width, index) => [...(index === 0 ? [] : [maxPooling2d()]), ...normalizedConvolution(width)]),
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
