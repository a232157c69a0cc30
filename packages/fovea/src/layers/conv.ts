/**
 * Convolution over pictures (a cross-correlation, as in Keras): Conv2D lowers to conv2d → add bias → activation. Kernels are
 * [height, width, channels in per group, filters]. (By channel: depthwise.ts.)
 */

import { optional } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import { dataFormat, makeLayer, misfit } from './definition.ts'
import { type Initializer, initializerConfig, initializerField, type PatchWhitening } from './initializer-config.ts'
import { choice, pair, positiveInteger, readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'
import { biasSpecs, finish, type KernelOptions, kernelFields, weightSpec } from './weights.ts'
import { outputExtents, paddingOf, type WindowGeometry } from './window.ts'

export interface WindowOptions {
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

export interface Conv2dOptions extends Omit<KernelOptions, 'kernelInitializer'>, WindowOptions {
  /** Output channels. Required. */
  readonly filters: number
  /** 'patchWhitening' is computed from training pictures (`fit` does, or `adapt`). Default 'glorotUniform'. */
  readonly kernelInitializer?: Initializer | PatchWhitening | undefined
  /** Channels and filters fall into this many independent groups. Default 1. */
  readonly groups?: number | undefined
}

export const windowFields = {
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

export const windowGeometry = (config: WindowConfig): WindowGeometry => ({
  size: config.kernelSize,
  strides: config.strides,
  dilation: config.dilationRate,
  padding: config.padding,
})

export const convolutionOf = (config: WindowConfig, [, height, width]: Shape, groups: number) => ({
  strides: config.strides,
  padding: paddingOf(windowGeometry(config), height!, width!),
  dilation: config.dilationRate,
  groups,
})

/**
 * Convolution over pictures (height, width, channels) → (rows, columns, filters); weights kernel
 * [kernel height, kernel width, channels / groups, filters], bias [filters]. Throws UserError for bad options.
 */
export function conv2d(options: Conv2dOptions): CallableLayer {
  const fields = {
    filters: positiveInteger,
    ...windowFields,
    groups: optional(positiveInteger, 1),
    ...kernelFields,
    kernelInitializer: initializerField('GlorotUniform', initializerConfig),
  }
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
      sight: 'convolved',
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
      return [...outputExtents(type, options.name, windowGeometry(config), shape!), filters]
    },
    lower: (context, [x], weights) => {
      const convolved = context.graph.conv2d(x!, weights['kernel']!, convolutionOf(config, x!.shape, groups))
      return finish(context, config, convolved, weights['bias'])
    },
    parameterFormula: ([shape]) =>
      `${filters} × (${kernelSize.join(' × ')} × ${kernelShape(shape!)[2]})${config.useBias ? ` + ${filters}` : ''}`,
  })
}
