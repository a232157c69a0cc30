/** Flatten. (Other layers that move elements: rearranging.ts, resizing.ts.) */
import { optional } from '../base/schema.ts'
import { sizeOf } from '../base/shape.ts'
import { makeLayer } from './definition.ts'
import { choice, type LayerOptions, readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'

export interface FlattenOptions extends LayerOptions {
  /** With 'channelsFirst' the result is ordered as channels-last data would be. Default 'channelsLast'. */
  readonly dataFormat?: 'channelsLast' | 'channelsFirst' | undefined
}

/** All axes but the batch become one: (height, width, channels) → (height · width · channels,). */
export function flatten(options: FlattenOptions = {}): CallableLayer {
  const config = readOptions('Flatten', options, {
    dataFormat: optional(choice('channelsLast', 'channelsFirst'), 'channelsLast'),
  })
  return makeLayer(options, {
    type: 'Flatten',
    traits: { family: 'shape', sight: 'reshaped' },
    // Only pictures have an order of channels to change.
    config,
    ...(config.dataFormat === 'channelsFirst' ? { ranks: [3] } : {}),
    outputShape: ([shape]) => [sizeOf(shape!)],
    lower: ({ graph }, [x]) => graph.reshape(x!, [x!.shape[0]!, sizeOf(x!.shape.slice(1))]),
  })
}
