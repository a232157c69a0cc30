/**
 * Layers that disturb their input in training and pass it unchanged otherwise: Dropout (inverted, Srivastava et al. 2014),
 * SpatialDropout2D (whole channels, Tompson et al. 2015), GaussianNoise, GaussianDropout. The random numbers are recomputed in
 * the backward pass, never stored.
 */

import { number } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import { dataFormat, makeLayer } from './definition.ts'
import type { LowerContext } from './layer.ts'
import { type LayerOptions, readOptions } from './options.ts'
import { alike } from './sight.ts'
import type { CallableLayer } from './tensor.ts'

const rateField = number({ least: 0, below: 1 })

export interface DropoutOptions extends LayerOptions {
  /** Share of elements set to 0, from 0 to less than 1. Required. */
  readonly rate: number
}

/** In training each element is 0 with probability `rate`, else x / (1 − rate). */
export function dropout(options: DropoutOptions): CallableLayer {
  const config = readOptions('Dropout', options, { rate: rateField })
  return makeLayer(options, {
    type: 'Dropout',
    traits: { family: 'dropout', sight: alike },
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
    traits: { family: 'dropout', sight: alike },
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

export interface GaussianNoiseOptions extends LayerOptions {
  /** Standard deviation of the noise, ≥ 0. Required. */
  readonly stddev: number
}

/** In training adds normal noise of mean 0. */
export function gaussianNoise(options: GaussianNoiseOptions): CallableLayer {
  const config = readOptions('GaussianNoise', options, { stddev: number({ least: 0 }) })
  return makeLayer(options, {
    type: 'GaussianNoise',
    traits: { family: 'noise', sight: alike },
    config,
    outputShape: ([shape]) => shape!,
    lower: (context, [x]) => {
      if (!context.training || config.stddev === 0) return x!
      return context.graph.add(x!, context.graph.mul(randomNormal(context, x!.shape), config.stddev))
    },
  })
}

/** In training multiplies by normal noise of mean 1 and variance rate / (1 − rate). */
export function gaussianDropout(options: DropoutOptions): CallableLayer {
  const config = readOptions('GaussianDropout', options, { rate: rateField })
  return makeLayer(options, {
    type: 'GaussianDropout',
    traits: { family: 'dropout', sight: alike },
    config,
    outputShape: ([shape]) => shape!,
    lower: (context, [x]) => {
      if (!context.training || config.rate === 0) return x!
      const { graph } = context
      const deviation = Math.sqrt(config.rate / (1 - config.rate))
      return graph.mul(x!, graph.add(graph.mul(randomNormal(context, x!.shape), deviation), 1))
    },
  })
}

/** Standard normal numbers (Box and Muller 1958): √(−2 ln(1 − u)) · cos(2π v). */
export function randomNormal({ graph, randomKey }: LowerContext, shape: Shape): Node {
  const u = graph.randomUniform(randomKey, shape, true)
  const v = graph.randomUniform(randomKey, shape, true)
  const radius = graph.unary('sqrt', graph.mul(graph.unary('log', graph.sub(1, u)), -2))
  return graph.mul(radius, graph.unary('cos', graph.mul(v, 2 * Math.PI)))
}
