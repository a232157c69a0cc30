/** BatchNormalization. (Of each example by itself: layer-normalization.ts; fixed z-scores: rescaling.ts.) */
import { boolean, integer, number, optional } from '../base/schema.ts'
import type { Node } from '../graph/node.ts'
import { axisOf, makeLayer, type Weights } from './definition.ts'
import { type Initializer, initializerField } from './initializer-config.ts'
import type { Layer, LowerContext } from './layer.ts'
import { type LayerOptions, readOptions } from './options.ts'
import { type Regularizer, regularizerField } from './regularizers.ts'
import type { CallableLayer } from './tensor.ts'
import { weightSpec } from './weights.ts'

export interface AffineOptions extends LayerOptions {
  /** Added to the variance under the root. Default 0.001. */
  readonly epsilon?: number | undefined
  /** Learn an offset, beta. Default true. */
  readonly center?: boolean | undefined
  /** Learn a factor, gamma. Default true. */
  readonly scale?: boolean | undefined
  /** Default 'zeros'. */
  readonly betaInitializer?: Initializer | undefined
  /** Default 'ones'. */
  readonly gammaInitializer?: Initializer | undefined
  readonly betaRegularizer?: Regularizer | null | undefined
  readonly gammaRegularizer?: Regularizer | null | undefined
}

export const affineFields = {
  epsilon: optional(number({ above: 0 }), 0.001),
  center: optional(boolean, true),
  scale: optional(boolean, true),
  betaInitializer: initializerField('Zeros'),
  gammaInitializer: initializerField('Ones'),
  betaRegularizer: regularizerField,
  gammaRegularizer: regularizerField,
}

export interface BatchNormalizationOptions extends AffineOptions {
  /** The axis of the channels. Default -1. */
  readonly axis?: number | undefined
  /** Weight of the old moving statistics in each step, 0 … 1. Default 0.99. */
  readonly momentum?: number | undefined
  /** Default 'zeros'. */
  readonly movingMeanInitializer?: Initializer | undefined
  /** Default 'ones'. */
  readonly movingVarianceInitializer?: Initializer | undefined
}

/**
 * gamma · (x − mean) / √(variance + epsilon) + beta per channel (Ioffe and Szegedy 2015). Training uses the batch's mean and
 * biased variance and moves the moving ones: moving · momentum + batch · (1 − momentum); inference, and a frozen layer
 * (`trainable: false`), uses the moving ones. Weights gamma, beta, movingMean, movingVariance, each [channels]. The batch's
 * statistics run over its real rows only.
 */
export function batchNormalization(options: BatchNormalizationOptions = {}): CallableLayer {
  const type = 'BatchNormalization'
  const config = readOptions(type, options, {
    axis: optional(integer, -1),
    momentum: optional(number({ least: 0, most: 1 }), 0.99),
    ...affineFields,
    movingMeanInitializer: initializerField('Zeros'),
    movingVarianceInitializer: initializerField('Ones'),
  })
  const normalise = (context: LowerContext, x: Node, weights: Weights, layer: Layer): Node => {
    const { graph, training, update, movingMomentum: fed } = context
    const channels = x.shape.at(-1)!
    const gamma = weights['gamma'] ?? graph.constant(1, [channels])
    const beta = weights['beta'] ?? graph.constant(0, [channels])
    const [mean, variance] = [weights['movingMean']!, weights['movingVariance']!]
    if (!training || !layer.trainable) {
      // Weights alone decide a factor and an offset per channel, which the layer before applies as it writes its result.
      const factor = graph.div(gamma, graph.unary('sqrt', graph.add(variance, config.epsilon)))
      return graph.add(graph.mul(x, factor), graph.sub(beta, graph.mul(mean, factor)))
    }
    const moments = graph.batchMoments(x)
    for (const [index, moving] of [mean, variance].entries()) {
      const current = graph.reshape(graph.slice(moments, [index, 0], [1, channels]), [channels])
      const [stays, comes] = fed ? [fed, graph.sub(1, fed)] : [config.momentum, 1 - config.momentum]
      update(moving, graph.add(graph.mul(moving, stays), graph.mul(current, comes)))
    }
    return graph.batchNorm(x, moments, gamma, beta, config.epsilon)
  }
  return makeLayer(options, {
    type,
    traits: { family: 'normalization', sight: 'alike', batchStatistics: true },
    config,
    weights: ([shape]) => {
      const size = [shape![axisOf(type, options.name, config.axis, shape!.length + 1) - 1]!]
      return [
        ...(config.scale ? [weightSpec('gamma', size, config.gammaInitializer, config.gammaRegularizer)] : []),
        ...(config.center ? [weightSpec('beta', size, config.betaInitializer, config.betaRegularizer)] : []),
        weightSpec('movingMean', size, config.movingMeanInitializer, null, false),
        weightSpec('movingVariance', size, config.movingVarianceInitializer, null, false),
      ]
    },
    outputShape: ([shape]) => {
      axisOf(type, options.name, config.axis, shape!.length + 1)
      return shape!
    },
    lower: (context, [x], weights, layer) => {
      const last = x!.shape.length - 1
      const axis = axisOf(type, options.name, config.axis, last + 1)
      const swap = x!.shape.map((_, index) => (index === axis ? last : index === last ? axis : index))
      const { graph } = context
      return graph.transpose(normalise(context, graph.transpose(x!, swap), weights, layer), swap)
    },
    parameterFormula: ([shape]) => {
      const channels = shape![axisOf(type, options.name, config.axis, shape!.length + 1) - 1]
      return `${2 + (config.scale ? 1 : 0) + (config.center ? 1 : 0)} × ${channels}`
    },
  })
}
