/** What a network of the zoo is: a title, what it is made for, and how to build it. Pictures come in raw, 0 … 255. */

import type { Shape } from '../../base/shape.ts'
import type { Layer } from '../../layers/layer.ts'
import { rescaling } from '../../layers/rescaling.ts'
import type { Model } from '../model.ts'

/** What a network of the zoo takes. */
export interface ZooOptions {
  /** Outputs of the last layer; the network's published number by default. */
  readonly classes?: number | undefined
  /** Height, width and channels of a picture; the published one by default. */
  readonly inputShape?: Shape | undefined
  /** The width of networks that come in several, the MobileNets: filters are multiplied by it. Default 1. */
  readonly alpha?: number | undefined
}

/** A published network. */
export interface ZooModel {
  readonly title: string
  /** Parameters of the published network, as built without options. */
  readonly parameters: { readonly trainable: number; readonly nonTrainable: number }
  /** The width that is built without options; absent where there is only one. */
  readonly alpha?: number | undefined
  build(options?: ZooOptions): Model
}

/** Bytes to 0 … 1, as first layer. */
export function unitRange(inputShape: Shape): Layer {
  return rescaling({ scale: 1 / 255, inputShape })
}
