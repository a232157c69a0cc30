/** GaussianNoise and GaussianDropout: layers that add or multiply normal noise in training and pass their input unchanged otherwise. */
import { number } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import { makeLayer } from './definition.ts'
import type { LowerContext } from './layer.ts'
import { type DropoutOptions, rateField } from './noise.ts'
import { type LayerOptions, readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'

export interface GaussianNoiseOptions extends LayerOptions {
  /** Standard deviation of the noise, ≥ 0. Required. */
  readonly stddev: number
}

/** In training adds normal noise of mean 0. */
export function gaussianNoise(options: GaussianNoiseOptions): CallableLayer {
  const config = readOptions('GaussianNoise', options, { stddev: number({ least: 0 }) })
  return makeLayer(options, {
    type: 'GaussianNoise',
    traits: { family: 'noise', sight: 'alike' },
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
    traits: { family: 'dropout', sight: 'alike' },
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
