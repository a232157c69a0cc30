/**
 * Dropout (inverted, Srivastava et al. 2014): some of the input is dropped in training, all of it passes otherwise. The random numbers are
 * recomputed in the backward pass, never stored.
 */
import { number } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import { makeLayer } from './definition.ts'
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
    lower: (context, [x]) => dropped(context, x!, config.rate, x!.shape),
  })
}

/** rate ≤ u keeps: probability 1 − rate. */
export function dropped({ graph, training, randomKey }: LowerContext, x: Node, rate: number, shape: Shape): Node {
  if (!training || rate === 0) return x
  const kept = graph.binary('lessEqual', graph.constant(rate), graph.randomUniform(randomKey, shape, true))
  return graph.select(kept, graph.mul(x, 1 / (1 - rate)), 0)
}
