/**
 * Convolutions that take each channel by itself: DepthwiseConv2D and SeparableConv2D, which then mixes the channels. Depthwise kernels are
 * [height, width, channels, multiplier], output channel c · multiplier + m.
 */
import { optional } from '../base/schema.ts'
import { convolutionOf, type WindowOptions, windowFields, windowGeometry } from './conv.ts'
import { makeLayer } from './definition.ts'
import { type Initializer, initializerField } from './initializer-config.ts'
import { positiveInteger, readOptions } from './options.ts'
import { type Regularizer, regularizerField } from './regularizers.ts'
import type { CallableLayer } from './tensor.ts'
import { biasSpecs, finish, type OutputOptions, outputFields, weightSpec } from './weights.ts'
import { noPadding, outputExtents } from './window.ts'

export interface DepthwiseConv2dOptions extends OutputOptions, WindowOptions {
  /** Filters of each input channel. Default 1. */
  readonly depthMultiplier?: number | undefined
  /** Default 'glorotUniform'. */
  readonly depthwiseInitializer?: Initializer | undefined
  /** Default none. */
  readonly depthwiseRegularizer?: Regularizer | null | undefined
}

const depthwiseFields = {
  ...windowFields,
  depthMultiplier: optional(positiveInteger, 1),
  ...outputFields,
  depthwiseInitializer: initializerField('GlorotUniform'),
  depthwiseRegularizer: regularizerField,
}

/**
 * Each channel is convolved by itself: (height, width, channels) → (rows, columns, channels · depthMultiplier); weights kernel
 * [kernel height, kernel width, channels, depthMultiplier], bias. Throws UserError for bad options.
 */
export function depthwiseConv2d(options: DepthwiseConv2dOptions): CallableLayer {
  const config = readOptions('DepthwiseConv2D', options, depthwiseFields)
  const { kernelSize, depthMultiplier } = config
  return makeLayer(options, {
    type: 'DepthwiseConv2D',
    traits: {
      family: 'convolution',
      sight: 'channelwise',
    },
    config,
    ranks: [3],
    weights: ([shape]) => [
      weightSpec(
        'kernel',
        [...kernelSize, shape![2]!, depthMultiplier],
        config.depthwiseInitializer,
        config.depthwiseRegularizer,
      ),
      ...biasSpecs(config, shape![2]! * depthMultiplier),
    ],
    outputShape: ([shape]) => [
      ...outputExtents('DepthwiseConv2D', options.name, windowGeometry(config), shape!),
      shape![2]! * depthMultiplier,
    ],
    lower: (context, [x], weights) => {
      const { graph } = context
      const channels = x!.shape[3]!
      const filter = graph.reshape(weights['kernel']!, [...kernelSize, 1, channels * depthMultiplier])
      const convolved = graph.conv2d(x!, filter, convolutionOf(config, x!.shape, channels))
      return finish(context, config, convolved, weights['bias'])
    },
    parameterFormula: ([shape]) => {
      const outputs = shape![2]! * depthMultiplier
      return `${outputs} × (${kernelSize.join(' × ')})${config.useBias ? ` + ${outputs}` : ''}`
    },
  })
}

export interface SeparableConv2dOptions extends DepthwiseConv2dOptions {
  /** Output channels. Required. */
  readonly filters: number
  /** Default 'glorotUniform'. */
  readonly pointwiseInitializer?: Initializer | undefined
  /** Default none. */
  readonly pointwiseRegularizer?: Regularizer | null | undefined
}

/**
 * A depthwise convolution, then a 1×1 convolution that mixes the channels: (height, width, channels) → (rows, columns, filters);
 * weights depthwiseKernel, pointwiseKernel [1, 1, channels · depthMultiplier, filters], bias. Throws UserError for bad options.
 */
export function separableConv2d(options: SeparableConv2dOptions): CallableLayer {
  const config = readOptions('SeparableConv2D', options, {
    filters: positiveInteger,
    ...depthwiseFields,
    pointwiseInitializer: initializerField('GlorotUniform'),
    pointwiseRegularizer: regularizerField,
  })
  const { filters, kernelSize, depthMultiplier } = config
  return makeLayer(options, {
    type: 'SeparableConv2D',
    traits: { family: 'convolution', sight: 'convolved' },
    config,
    ranks: [3],
    weights: ([shape]) => [
      weightSpec(
        'depthwiseKernel',
        [...kernelSize, shape![2]!, depthMultiplier],
        config.depthwiseInitializer,
        config.depthwiseRegularizer,
      ),
      weightSpec(
        'pointwiseKernel',
        [1, 1, shape![2]! * depthMultiplier, filters],
        config.pointwiseInitializer,
        config.pointwiseRegularizer,
      ),
      ...biasSpecs(config, filters),
    ],
    outputShape: ([shape]) => [
      ...outputExtents('SeparableConv2D', options.name, windowGeometry(config), shape!),
      filters,
    ],
    lower: (context, [x], weights) => {
      const { graph } = context
      const channels = x!.shape[3]!
      const depthwise = graph.reshape(weights['depthwiseKernel']!, [...kernelSize, 1, channels * depthMultiplier])
      const spread = graph.conv2d(x!, depthwise, convolutionOf(config, x!.shape, channels))
      const mixed = graph.conv2d(spread, weights['pointwiseKernel']!, {
        strides: [1, 1],
        padding: noPadding,
        dilation: [1, 1],
        groups: 1,
      })
      return finish(context, config, mixed, weights['bias'])
    },
    parameterFormula: ([shape]) => {
      const middle = shape![2]! * depthMultiplier
      return `${middle} × (${kernelSize.join(' × ')}) + ${middle} × ${filters}${config.useBias ? ` + ${filters}` : ''}`
    },
  })
}
