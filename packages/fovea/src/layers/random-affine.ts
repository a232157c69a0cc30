/** RandomAffine, which joins rotation, shifts and flips into ONE resampling, as Keras's older ImageDataGenerator did (resampling.ts). */

import { boolean, number, optional } from '../base/schema.ts'
import type { Node } from '../graph/node.ts'
import { choice, readOptions } from './options.ts'
import {
  coin,
  randomLayer,
  rotation,
  type SamplingOptions,
  samplingFields,
  type TransformEntry,
  uniformIn,
} from './resampling.ts'
import type { CallableLayer } from './tensor.ts'

export interface RandomAffineOptions extends SamplingOptions {
  /** Degrees, −rotation … rotation. Default 0. */
  readonly rotation?: number | undefined
  /** Share of the height, −heightShift … heightShift. Default 0. */
  readonly heightShift?: number | undefined
  /** Share of the width. Default 0. */
  readonly widthShift?: number | undefined
  /** Mirror left–right with a chance of one half. Default false. */
  readonly horizontalFlip?: boolean | undefined
  /** Mirror top–bottom with a chance of one half. Default false. */
  readonly verticalFlip?: boolean | undefined
  /** Default 'nearest'. */
  readonly fillMode?: 'reflect' | 'wrap' | 'constant' | 'nearest' | undefined
}

/**
 * Rotation, shifts and flips in one bilinear resampling: what Keras's ImageDataGenerator did with `rotation_range`,
 * `height_shift_range`, `width_shift_range`, `horizontal_flip` and `vertical_flip` (its default fill is 'nearest' too). A pixel
 * reads centre + R(angle) · (flip · (p − centre) + shift).
 */
export function randomAffine(options: RandomAffineOptions = {}): CallableLayer {
  const share = optional(number({ least: 0, most: 1 }, 'a share in 0 … 1'), 0)
  const config = readOptions('RandomAffine', options, {
    rotation: optional(number({ least: 0, most: 180 }, 'degrees in 0 … 180'), 0),
    heightShift: share,
    widthShift: share,
    horizontalFlip: optional(boolean, false),
    verticalFlip: optional(boolean, false),
    ...samplingFields,
    fillMode: optional(choice('reflect', 'wrap', 'constant', 'nearest'), 'nearest'),
  })
  return randomLayer('RandomAffine', options, config, (context, n, height, width) => {
    const { graph } = context
    const within = (limit: number): Node => uniformIn(context, n, [-limit, limit])
    const [[t0, t1], [t3, t4]] = rotation(graph, within((config.rotation / 180) * Math.PI))
    const [down, right] = [within(config.heightShift * height), within(config.widthShift * width)]
    const flipRow = config.verticalFlip ? coin(context, n) : 1
    const flipColumn = config.horizontalFlip ? coin(context, n) : 1
    const turned = (
      a: TransformEntry,
      b: TransformEntry,
    ): readonly [TransformEntry, TransformEntry, TransformEntry] => [
      graph.mul(a, flipRow),
      graph.mul(b, flipColumn),
      graph.add(graph.mul(a, down), graph.mul(b, right)),
    ]
    return [turned(t0, t1), turned(t3, t4)]
  })
}
