/**
 * Normalisations of each example by itself: LayerNormalization, LocalResponseNormalization. (By groups of channels:
 * group-normalization.ts; by length alone: length-normalization.ts.)
 */
import { boolean, number, optional } from '../base/schema.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { makeLayer } from './definition.ts'
import { type AffineOptions, affineFields } from './normalization.ts'
import { aligned, axisField, chosenAxes, keptShape } from './normalized-axes.ts'
import { type LayerOptions, positiveInteger, readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'
import { weightSpec } from './weights.ts'

export interface LayerNormalizationOptions extends AffineOptions {
  /** The axis or axes to normalise over; negative from the end, 1 is the first after the batch. Default -1. */
  readonly axis?: number | readonly number[] | undefined
  /** Divide by the deviation only, without subtracting the mean or adding beta. Default false. */
  readonly rmsScaling?: boolean | undefined
}

/**
 * gamma · (x − mean) / √(variance + epsilon) + beta, mean and (biased) variance over the given axes of each example (Ba, Kiros and
 * Hinton 2016). Weights gamma, beta of the axes' shape.
 */
export function layerNormalization(options: LayerNormalizationOptions = {}): CallableLayer {
  const type = 'LayerNormalization'
  const config = readOptions(type, options, {
    axis: axisField,
    ...affineFields,
    rmsScaling: optional(boolean, false),
  })
  const { axesOf, sizeFor } = chosenAxes(type, options.name, config.axis)
  const centred = config.center && !config.rmsScaling
  return makeLayer(options, {
    type,
    traits: { family: 'normalization', sight: 'configuredAxes' },
    config,
    weights: ([shape]) => [
      ...(config.scale ? [weightSpec('gamma', sizeFor(shape!), config.gammaInitializer, config.gammaRegularizer)] : []),
      ...(centred ? [weightSpec('beta', sizeFor(shape!), config.betaInitializer, config.betaRegularizer)] : []),
    ],
    outputShape: ([shape]) => {
      sizeFor(shape!)
      return shape!
    },
    lower: ({ graph }, [x], weights) => {
      const axes = axesOf(x!.shape.length)
      const mean = (of: Node): Node => graph.reshape(graph.mean(of, axes), keptShape(x!, axes))
      const difference = graph.sub(x!, mean(x!))
      const deviation = graph.unary('sqrt', graph.add(mean(graph.unary('square', difference)), config.epsilon))
      const scaled = graph.div(config.rmsScaling ? x! : difference, deviation)
      const weight = (name: string, otherwise: number) => aligned(graph, weights[name], x!, axes) ?? otherwise
      return graph.add(graph.mul(scaled, weight('gamma', 1)), weight('beta', 0))
    },
    parameterFormula: ([shape]) => `${(config.scale ? 1 : 0) + (centred ? 1 : 0)} × ${sizeFor(shape!).join(' × ')}`,
  })
}

export interface LocalResponseNormalizationOptions extends LayerOptions {
  /** Neighbours on each side along the channels. Default 5. */
  readonly depthRadius?: number | undefined
  /** Default 1. */
  readonly bias?: number | undefined
  /** Default 1. */
  readonly alpha?: number | undefined
  /** Default 0.5. */
  readonly beta?: number | undefined
}

/**
 * x / (bias + alpha · Σ x²)^beta, the sum over the 2 · depthRadius + 1 nearest channels. Names and defaults of
 * `tf.nn.local_response_normalization` (Keras has none); AlexNet (Krizhevsky et al. 2012) uses radius 2, bias 2, alpha 1e-4,
 * beta 0.75.
 */
export function localResponseNormalization(options: LocalResponseNormalizationOptions = {}): CallableLayer {
  const config = readOptions('LocalResponseNormalization', options, {
    depthRadius: optional(positiveInteger, 5),
    bias: optional(number({ above: 0 }), 1),
    alpha: optional(number({ least: 0 }), 1),
    beta: optional(number({ least: 0 }), 0.5),
  })
  return makeLayer(options, {
    type: 'LocalResponseNormalization',
    traits: { family: 'normalization', sight: 'lastAxis' },
    config,
    ranks: [3],
    outputShape: ([shape]) => shape!,
    lower: ({ graph }, [x]) => {
      const sums = graph.conv2d(graph.unary('square', x!), neighbours(graph, x!.shape[3]!, config.depthRadius), {
        strides: [1, 1],
        padding: { top: 0, bottom: 0, left: 0, right: 0 },
        dilation: [1, 1],
        groups: 1,
      })
      const base = graph.add(graph.mul(sums, config.alpha), config.bias)
      return graph.div(x!, graph.binary('pow', base, graph.constant(config.beta)))
    },
  })
}

/** The band matrix [1, 1, C, C] that is 1 where |i − j| ≤ radius: a 1×1 convolution with it sums over neighbouring channels. */
function neighbours(graph: Graph, channels: number, radius: number): Node {
  const shape = [1, 1, channels, channels]
  const distance = graph.unary('abs', graph.sub(graph.iota(shape, 2), graph.iota(shape, 3)))
  return graph.binary('lessEqual', distance, graph.constant(radius))
}
