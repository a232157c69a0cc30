/** GroupNormalization: each example by itself, a few channels at a time. */
import { integer, optional, that } from '../base/schema.ts'
import { sizeOf } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import { axisOf, makeLayer, misfit } from './definition.ts'
import { type AffineOptions, affineFields } from './normalization.ts'
import { readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'
import { weightSpec } from './weights.ts'

export interface GroupNormalizationOptions extends AffineOptions {
  /** The channels fall into this many groups; -1: each channel by itself (instance normalization). Default 32. */
  readonly groups?: number | undefined
  /** The axis of the channels. Default -1. */
  readonly axis?: number | undefined
}

const groupsField = that<number>(
  'a positive whole number, or -1 for a group of each channel',
  value => Number.isInteger(value) && (value === -1 || ((value as number) >= 1 && (value as number) < 2 ** 31)),
)

/**
 * gamma · (x − mean) / √(variance + epsilon) + beta, mean and (biased) variance over all places and the channels of a group of each
 * example (Wu and He 2018). Weights gamma, beta, each [channels]. Throws UserError when the channels are no multiple of the groups.
 */
export function groupNormalization(options: GroupNormalizationOptions = {}): CallableLayer {
  const type = 'GroupNormalization'
  const config = readOptions(type, options, {
    groups: optional(groupsField, 32),
    axis: optional(integer, -1),
    ...affineFields,
  })
  const channelsOf = (shape: readonly number[]): number => {
    const channels = shape[axisOf(type, options.name, config.axis, shape.length + 1) - 1]!
    if (config.groups === -1 || channels % config.groups === 0) return channels
    const what = 'channels must be a multiple of groups.'
    throw misfit(type, options.name, what, `a multiple of ${config.groups}, or groups: -1`, `${channels}`)
  }
  return makeLayer(options, {
    type,
    traits: { family: 'normalization', sight: 'wholly' },
    config,
    weights: ([shape]) => {
      const size = [channelsOf(shape!)]
      return [
        ...(config.scale ? [weightSpec('gamma', size, config.gammaInitializer, config.gammaRegularizer)] : []),
        ...(config.center ? [weightSpec('beta', size, config.betaInitializer, config.betaRegularizer)] : []),
      ]
    },
    outputShape: ([shape]) => {
      channelsOf(shape!)
      return shape!
    },
    lower: ({ graph }, [x], weights) => {
      const last = x!.shape.length - 1
      const axis = axisOf(type, options.name, config.axis, last + 1)
      const swap = x!.shape.map((_, index) => (index === axis ? last : index === last ? axis : index))
      const channelsLast = graph.transpose(x!, swap)
      const [batch, ...rest] = channelsLast.shape as [number, ...number[]]
      const channels = rest.at(-1)!
      const groups = config.groups === -1 ? channels : config.groups
      const grouped = graph.reshape(channelsLast, [batch, sizeOf(rest) / channels, groups, channels / groups])
      const mean = (of: Node): Node => graph.reshape(graph.mean(of, [1, 3]), [batch, 1, groups, 1])
      const difference = graph.sub(grouped, mean(grouped))
      const deviation = graph.unary('sqrt', graph.add(mean(graph.unary('square', difference)), config.epsilon))
      const scaled = graph.reshape(graph.div(difference, deviation), channelsLast.shape)
      const result = graph.add(graph.mul(scaled, weights['gamma'] ?? 1), weights['beta'] ?? 0)
      return graph.transpose(result, swap)
    },
    parameterFormula: ([shape]) => `${(config.scale ? 1 : 0) + (config.center ? 1 : 0)} × ${channelsOf(shape!)}`,
  })
}
