/**
 * Fixed affine maps at the head of a model, without weights: Rescaling (x · scale + offset) and Normalization (a z-score whose
 * mean and variance are part of the configuration). Both take bytes or floats.
 */

import { boolean, number, optional } from '../base/schema.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { makeLayer, misfit } from './definition.ts'
import { type LayerOptions, oneOrMoreNumbers, readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'

export interface RescalingOptions extends LayerOptions {
  /** Required: 1 / 255 maps bytes to 0 … 1. */
  readonly scale: number
  /** Default 0. */
  readonly offset?: number | undefined
}

/** x · scale + offset. */
export function rescaling(options: RescalingOptions): CallableLayer {
  const config = readOptions('Rescaling', options, { scale: number(), offset: optional(number(), 0) })
  return makeLayer(options, {
    type: 'Rescaling',
    traits: { family: 'scaling', sight: 'alike' },
    config,
    outputShape: ([shape]) => shape!,
    lower: ({ graph }, [x]) => graph.add(graph.mul(x!, config.scale), config.offset),
  })
}

export interface NormalizationOptions extends LayerOptions {
  /** One number, or one for each channel (last axis). Required. */
  readonly mean: number | readonly number[]
  /** The square of the standard deviation; one number or one for each channel. Required. */
  readonly variance: number | readonly number[]
  /** Undo it instead: x · √variance + mean. Default false. */
  readonly invert?: boolean | undefined
  /** Added to the standard deviation (the recipes of the tutorials divide by deviation + 1e-7). Default 0. */
  readonly epsilon?: number | undefined
}

/**
 * (x − mean) / max(√variance, 1e-7), as in Keras; with `epsilon`, (x − mean) / (√variance + epsilon). Throws UserError when a list
 * has not one number for each channel.
 */
export function normalization(options: NormalizationOptions): CallableLayer {
  const config = readOptions('Normalization', options, {
    mean: oneOrMoreNumbers(),
    variance: oneOrMoreNumbers(number({ least: 0 })),
    invert: optional(boolean, false),
    epsilon: optional(number({ least: 0 }), 0),
  })
  const { mean, variance, epsilon } = config
  const deviation = (value: number): number => Math.max(Math.sqrt(value) + epsilon, 1e-7)
  return makeLayer(options, {
    type: 'Normalization',
    traits: { family: 'scaling', sight: 'alike' },
    config,
    outputShape: ([shape]) => {
      for (const [name, values] of Object.entries({ mean, variance })) {
        if (typeof values === 'number' || values.length === 1 || values.length === shape!.at(-1)) continue
        const expected = `1 or ${shape!.at(-1)}`
        throw misfit(
          'Normalization',
          options.name,
          `${name} needs one number for each channel.`,
          expected,
          `${values.length}`,
        )
      }
      return shape!
    },
    lower: ({ graph }, [x]) => {
      const centre = perChannel(graph, mean, value => value)
      const spread = perChannel(graph, variance, deviation)
      return config.invert ? graph.add(graph.mul(x!, spread), centre) : graph.div(graph.sub(x!, centre), spread)
    },
  })
}

/** A constant for all channels, or a vector [C] put together of constants. */
function perChannel(graph: Graph, values: number | readonly number[], map: (value: number) => number): Node {
  if (typeof values === 'number') return graph.constant(map(values))
  const parts = values.map(value => graph.constant(map(value), [1]))
  return parts.length === 1 ? graph.constant(map(values[0]!)) : graph.concat(parts, 0)
}
