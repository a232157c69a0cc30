/**
 * Fixed affine maps at the head of a model, without weights: Rescaling (x · scale + offset) and Normalization (a z-score whose
 * mean and variance are part of the configuration). Both take bytes or floats.
 */

import { boolean, number, optional } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { makeLayer, misfit } from './definition.ts'
import { type LayerOptions, oneOrMoreNumbers, readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'

export interface RescalingOptions extends LayerOptions {
  /** Required: 1 / 255 maps bytes to 0 … 1. One number, or one for each channel (last axis). */
  readonly scale: number | readonly number[]
  /** One number, or one for each channel. Default 0. */
  readonly offset?: number | readonly number[] | undefined
}

/** x · scale + offset. Throws UserError when a list has not one number for each channel. */
export function rescaling(options: RescalingOptions): CallableLayer {
  const type = 'Rescaling'
  const config = readOptions(type, options, {
    scale: oneOrMoreNumbers(),
    offset: optional(oneOrMoreNumbers(), 0),
  })
  return makeLayer(options, {
    type,
    traits: { family: 'scaling', sight: 'alike' },
    config,
    outputShape: ([shape]) => {
      checkChannels(type, options.name, config, shape!)
      return shape!
    },
    lower: ({ graph }, [x]) =>
      graph.add(graph.mul(x!, perChannel(graph, config.scale)), perChannel(graph, config.offset)),
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
      checkChannels('Normalization', options.name, { mean, variance }, shape!)
      return shape!
    },
    lower: ({ graph }, [x]) => {
      const centre = perChannel(graph, mean)
      const spread = perChannel(graph, variance, deviation)
      return config.invert ? graph.add(graph.mul(x!, spread), centre) : graph.div(graph.sub(x!, centre), spread)
    },
  })
}

function checkChannels(
  type: string,
  name: string | undefined,
  lists: Readonly<Record<string, number | readonly number[]>>,
  shape: Shape,
): void {
  const channels = shape.at(-1)!
  for (const [option, values] of Object.entries(lists)) {
    if (typeof values === 'number' || values.length === 1 || values.length === channels) continue
    const what = `${option} needs one number for each channel.`
    throw misfit(type, name, what, channels === 1 ? '1' : `1 or ${channels}`, `${values.length}`)
  }
}

/** A constant for all channels, or a vector [C] put together of constants. */
function perChannel(
  graph: Graph,
  values: number | readonly number[],
  map: (value: number) => number = value => value,
): Node {
  if (typeof values === 'number') return graph.constant(map(values))
  const parts = values.map(value => graph.constant(map(value), [1]))
  return parts.length === 1 ? graph.constant(map(values[0]!)) : graph.concat(parts, 0)
}
