/**
 * Convolutions over pictures (cross-correlations, as in Keras): Conv2D, DepthwiseConv2D and SeparableConv2D. Each lowers to
 * conv2d → add bias → activation. Kernels are [height, width, channels in per group, filters]; depthwise ones
 * [height, width, channels, multiplier], output channel c · multiplier + m.
 */

import { optional } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import { type AxisView, through, wholeView } from './axis-views.ts'
import { dataFormat, makeLayer, misfit } from './definition.ts'
import { type Initializer, initializerField } from './initializer-config.ts'
import { choice, pair, positiveInteger, readOptions } from './options.ts'
import { type Regularizer, regularizerField } from './regularizers.ts'
import { windows } from './sight.ts'
import type { CallableLayer } from './tensor.ts'
import {
  biasSpecs,
  finish,
  type KernelOptions,
  kernelFields,
  type OutputOptions,
  outputFields,
  weightSpec,
} from './weights.ts'
import { noPadding, outputExtents, paddingOf, type WindowGeometry } from './window.ts'

interface WindowOptions {
  /** Height and width of the kernel; one number stands for both. Required. */
  readonly kernelSize: number | readonly [number, number]
  /** Default 1. */
  readonly strides?: number | readonly [number, number] | undefined
  /** 'valid': no padding; 'same': zeros so that stride 1 keeps the size. Default 'valid'. */
  readonly padding?: 'valid' | 'same' | undefined
  /** Distance between kernel elements. Default 1. */
  readonly dilationRate?: number | readonly [number, number] | undefined
  /** Order of the axes. Default 'channelsLast'. */
  readonly dataFormat?: 'channelsLast' | 'channelsFirst' | undefined
}

export interface Conv2dOptions extends KernelOptions, WindowOptions {
  /** Output channels. Required. */
  readonly filters: number
  /** Channels and filters fall into this many independent groups. Default 1. */
  readonly groups?: number | undefined
}

const windowFields = {
  kernelSize: pair,
  strides: optional(pair, [1, 1]),
  padding: optional(choice('valid', 'same'), 'valid'),
  dilationRate: optional(pair, [1, 1]),
  dataFormat,
}

interface WindowConfig {
  readonly kernelSize: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly padding: 'valid' | 'same'
  readonly dilationRate: readonly [number, number]
}

const geometryOf = (config: WindowConfig): WindowGeometry => ({
  size: config.kernelSize,
  strides: config.strides,
  dilation: config.dilationRate,
  padding: config.padding,
})

const attributesOf = (config: WindowConfig, [, height, width]: Shape, groups: number) => ({
  strides: config.strides,
  padding: paddingOf(geometryOf(config), height!, width!),
  dilation: config.dilationRate,
  groups,
})

/**
 * Convolution over pictures (height, width, channels) → (rows, columns, filters); weights kernel
 * [kernel height, kernel width, channels / groups, filters], bias [filters]. Throws UserError for bad options.
 */
export function conv2d(options: Conv2dOptions): CallableLayer {
  const fields = { filters: positiveInteger, ...windowFields, groups: optional(positiveInteger, 1), ...kernelFields }
  const config = readOptions('Conv2D', options, fields)
  const { filters, kernelSize, groups } = config
  const type = 'Conv2D'
  if (filters % groups !== 0) {
    throw misfit(type, options.name, 'filters must be a multiple of groups.', `a multiple of ${groups}`, `${filters}`)
  }
  const kernelShape = (shape: Shape): Shape => {
    const channels = shape[2]!
    if (channels % groups === 0) return [...kernelSize, channels / groups, filters]
    throw misfit(type, options.name, 'channels must be a multiple of groups.', `a multiple of ${groups}`, `${channels}`)
  }
  return makeLayer(options, {
    type,
    traits: {
      family: 'convolution',
      sight: windows((seen, { inputs: [shape] }) => groupOf(seen, shape![2]!, filters, groups)),
      ...(config.dataFormat === 'channelsLast' && { writtenOut: true }),
    },
    config,
    ranks: [3],
    weights: ([shape]) => [
      weightSpec('kernel', kernelShape(shape!), config.kernelInitializer, config.kernelRegularizer),
      ...biasSpecs(config, filters),
    ],
    outputShape: ([shape]) => {
      kernelShape(shape!)
      return [...outputExtents(type, options.name, geometryOf(config), shape!), filters]
    },
    lower: (context, [x], weights) => {
      const convolved = context.graph.conv2d(x!, weights['kernel']!, attributesOf(config, x!.shape, groups))
      return finish(context, config, convolved, weights['bias'])
    },
    parameterFormula: ([shape]) =>
      `${filters} × (${kernelSize.join(' × ')} × ${kernelShape(shape!)[2]})${config.useBias ? ` + ${filters}` : ''}`,
  })
}

/** Of `channels`, those that the filters of a group see. */
function groupOf(seen: AxisView, channels: number, filters: number, groups: number): AxisView {
  if (groups === 1) return wholeView(channels)
  const [own, made] = [channels / groups, filters / groups]
  return through(seen, channels, 0, filter =>
    Array.from({ length: own }, (_, index) => Math.floor(filter / made) * own + index),
  )
}

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
      sight: windows((seen, { inputs: [shape] }) =>
        through(seen, shape![2]!, 0, channel => [Math.floor(channel / depthMultiplier)]),
      ),
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
      ...outputExtents('DepthwiseConv2D', options.name, geometryOf(config), shape!),
      shape![2]! * depthMultiplier,
    ],
    lower: (context, [x], weights) => {
      const { graph } = context
      const channels = x!.shape[3]!
      const filter = graph.reshape(weights['kernel']!, [...kernelSize, 1, channels * depthMultiplier])
      const convolved = graph.conv2d(x!, filter, attributesOf(config, x!.shape, channels))
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
    traits: { family: 'convolution', sight: windows((_, { inputs: [shape] }) => wholeView(shape![2]!)) },
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
    outputShape: ([shape]) => [...outputExtents('SeparableConv2D', options.name, geometryOf(config), shape!), filters],
    lower: (context, [x], weights) => {
      const { graph } = context
      const channels = x!.shape[3]!
      const depthwise = graph.reshape(weights['depthwiseKernel']!, [...kernelSize, 1, channels * depthMultiplier])
      const spread = graph.conv2d(x!, depthwise, attributesOf(config, x!.shape, channels))
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
