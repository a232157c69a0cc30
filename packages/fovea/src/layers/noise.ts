/**
 * Layers that drop some of their input in training and pass it unchanged otherwise: Dropout (inverted, Srivastava et al. 2014) and
 * SpatialDropout2D (whole channels, Tompson et al. 2015). The random numbers are recomputed in the backward pass, never stored.
 */
import { number } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import { dataFormat, makeLayer } from './definition.ts'
import type { LowerContext } from './layer.ts'
import { type LayerOptions, readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'

export const rateField = number({ least: 0, below: 1 })

export interface DropoutOptions extends LayerOptions {
  /** Share of elements set to 0, from 0 to less than 1. Required. */
  readonly rate: number
}

/** In training each element is 0 with probability `rate`, else x / (1 − rate). */
export function dropout(options: DropoutOptions): CallableLayer {
  const config = readOptions('Dropout', options, { rate: rateField })
  return makeLayer(options, {
    type: 'Dropout',
    traits: { family: 'dropout', sight: 'alike' },
    config,
    outputShape: ([shape]) => shape!,
    lower: (context, [x]) => drop(context, x!, config.rate, x!.shape),
  })
}

export interface SpatialDropout2dOptions extends DropoutOptions {
  /** Order of the axes. Default 'channelsLast'. */
  readonly dataFormat?: 'channelsLast' | 'channelsFirst' | undefined
}

/** In training each channel of each picture is 0 with probability `rate`, else scaled by 1 / (1 − rate). */
export function spatialDropout2d(options: SpatialDropout2dOptions): CallableLayer {
  const config = readOptions('SpatialDropout2D', options, { rate: rateField, dataFormat })
  return makeLayer(options, {
    type: 'SpatialDropout2D',
    traits: { family: 'dropout', sight: 'alike' },
    config,
    ranks: [3],
    outputShape: ([shape]) => shape!,
    lower: (context, [x]) => drop(context, x!, config.rate, [x!.shape[0]!, 1, 1, x!.shape[3]!]),
  })
}

/** rate ≤ u keeps: probability 1 − rate. */
function drop({ graph, training, randomKey }: LowerContext, x: Node, rate: number, shape: Shape): Node {
  if (!training || rate === 0) return x
  const kept = graph.binary('lessEqual', graph.constant(rate), graph.randomUniform(randomKey, shape, true))
  return graph.select(kept, graph.mul(x, 1 / (1 - rate)), 0)
}
