/**
 * Makes a `Layer` of a definition: adds what all layers share. Inputs are counted and their rank is checked before any shape is
 * computed, bytes become floats, and a layer with `dataFormat: 'channelsFirst'` is computed in channels-last between two
 * transposes (kernels keep Keras's layout, which does not depend on it).
 */

import { UserError } from '../base/errors.ts'
import { optional } from '../base/schema.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import type { ActivationConfig } from './activations.ts'
import type { Layer, LayerConfig, LayerTraits, LowerContext, WeightSpec } from './layer.ts'
import { choice, type LayerOptions } from './options.ts'
import { type CallableLayer, callable } from './tensor.ts'

export type Weights = Readonly<Record<string, Node>>

export interface Definition {
  readonly type: string
  /** `activation` is taken from the configuration where that has one. */
  readonly traits: LayerTraits
  /** JSON only. */
  readonly config: object
  /** Accepted ranks of each input, without the batch axis; any when absent. */
  readonly ranks?: readonly number[] | undefined
  /** Merging layers take two or more inputs; all others one. */
  readonly merges?: boolean | undefined
  readonly weights?: ((inputs: readonly Shape[]) => readonly WeightSpec[]) | undefined
  readonly outputShape: (inputs: readonly Shape[]) => Shape
  /** `layer` is the layer itself: its `trainable` may have been changed by copying it. */
  readonly lower: (context: LowerContext, inputs: readonly Node[], weights: Weights, layer: Layer) => Node
  readonly parameterFormula?: ((inputs: readonly Shape[]) => string) | undefined
}

export const dataFormat = optional(choice('channelsLast', 'channelsFirst'), 'channelsLast')

export function makeLayer(options: LayerOptions, definition: Definition): CallableLayer {
  const { type, traits, config, parameterFormula } = definition
  const { activation } = config as { activation?: ActivationConfig }
  const transposed = (config as { dataFormat?: string }).dataFormat === 'channelsFirst'
  const inner = (shapes: readonly Shape[]): readonly Shape[] => {
    checkInputs(definition, options.name, shapes)
    return transposed ? shapes.map(toChannelsLast) : shapes
  }
  return callable({
    type,
    name: options.name ?? '',
    trainable: options.trainable ?? true,
    config: config as LayerConfig,
    traits: activation === undefined ? traits : { activation, ...traits },
    ...(options.inputShape === undefined ? {} : { inputShape: options.inputShape }),
    weights: shapes => definition.weights?.(inner(shapes)) ?? [],
    outputShape: shapes => {
      const shape = definition.outputShape(inner(shapes))
      return transposed && shape.length === 3 ? [shape[2]!, shape[0]!, shape[1]!] : shape
    },
    lower(this: Layer, context, nodes, weights) {
      const { graph } = context
      const floats = nodes.map(node => graph.cast(node))
      if (!transposed) return definition.lower(context, floats, weights, this)
      const result = definition.lower(
        context,
        floats.map(node => graph.transpose(node, [0, 2, 3, 1])),
        weights,
        this,
      )
      return result.shape.length === 4 ? graph.transpose(result, [0, 3, 1, 2]) : result
    },
    ...(parameterFormula === undefined
      ? {}
      : { parameterFormula: (shapes: readonly Shape[]) => parameterFormula(inner(shapes)) }),
  })
}

const toChannelsLast = (shape: Shape): Shape => [shape[1]!, shape[2]!, shape[0]!]

function checkInputs(
  { type, ranks, merges, config }: Definition,
  name: string | undefined,
  shapes: readonly Shape[],
): void {
  const who = name ? `${type} "${name}"` : type
  if (merges ? shapes.length < 2 : shapes.length !== 1) {
    throw new UserError({
      what: `${who} has the wrong number of inputs.`,
      expected: merges ? 'two or more' : 'one',
      received: `${shapes.length}`,
    })
  }
  for (const shape of shapes) {
    if (ranks === undefined || ranks.includes(shape.length)) continue
    throw new UserError({
      what: `${who} cannot take inputs of shape ${formatShape([-1, ...shape])}.`,
      expected: ranks.map(rank => rankInWords(rank, config)).join(' or '),
      received: `${shape.length} axes without the batch: ${formatShape(shape)}`,
      fix: rankFix(ranks, shape),
    })
  }
}

function rankInWords(rank: number, config: object): string {
  const pictures =
    (config as { dataFormat?: string }).dataFormat === 'channelsFirst'
      ? '(channels, height, width)'
      : '(height, width, channels)'
  return rank === 3 ? `pictures, 3 axes: ${pictures}` : rank === 1 ? 'vectors, 1 axis: (features,)' : `${rank} axes`
}

function rankFix(ranks: readonly number[], shape: Shape): string {
  if (ranks.includes(3) && shape.length === 2) return `put reshape({targetShape: [${shape.join(', ')}, 1]}) before it.`
  if (ranks.includes(3)) return 'put it before flatten, or reshape its input to pictures.'
  return 'put flatten() or globalAveragePooling2d() before it.'
}

/** A UserError about a layer's input that has the right rank but does not fit. */
export function misfit(
  type: string,
  name: string | undefined,
  what: string,
  expected: string,
  received: string,
): UserError {
  return new UserError({ what: `${name ? `${type} "${name}"` : type}: ${what}`, expected, received })
}

/** A possibly negative axis of a batched tensor as a positive one; the batch (0) is refused. */
export function axisOf(type: string, name: string | undefined, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis
  if (positive >= 1 && positive < rank) return positive
  throw misfit(type, name, 'there is no such axis.', `1 … ${rank - 1}, or -1 … -${rank - 1}`, `${axis}`)
}
