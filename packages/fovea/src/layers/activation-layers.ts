/** Activations as layers of their own: Activation, ReLU, LeakyReLU, ELU, Softmax, PReLU. */

import { custom, integer, number, optional, orNull, type Schema } from '../base/schema.ts'
import { type ActivationConfig, activationConfig, activationFormula as applyActivation } from './activations.ts'
import { axisOf, makeLayer } from './definition.ts'
import { type Initializer, initializerField } from './initializer-config.ts'
import { integers, type LayerOptions, readOptions } from './options.ts'
import { type Regularizer, regularizerField } from './regularizers.ts'
import type { CallableLayer } from './tensor.ts'
import { weightSpec } from './weights.ts'

const required: Schema<ActivationConfig> = custom('an activation', activationConfig)
const notNegative = number({ least: 0 })

function elementwise(type: string, options: LayerOptions, config: object, activation: ActivationConfig): CallableLayer {
  return makeLayer(options, {
    type,
    traits: { family: 'activation', sight: isSoftmax(activation) ? 'lastAxis' : 'alike', activation },
    config,
    outputShape: ([shape]) => shape!,
    lower: ({ graph }, [x]) => applyActivation(graph, activation, x!),
  })
}

export interface ActivationOptions extends LayerOptions {
  /** A name or {type, …}. Required. */
  readonly activation: ActivationConfig
}

/** Any activation by its name: `activation({activation: 'tanh'})`. Throws UserError for an unknown name. */
export function activation(options: ActivationOptions): CallableLayer {
  const config = readOptions('Activation', options, { activation: required })
  return elementwise('Activation', options, config, config.activation)
}

export interface ReluOptions extends LayerOptions {
  /** Upper limit; null: none. Default null. */
  readonly maxValue?: number | null | undefined
  /** Slope below the threshold. Default 0. */
  readonly negativeSlope?: number | undefined
  /** Default 0. */
  readonly threshold?: number | undefined
}

/** x above the threshold (at most maxValue), negativeSlope · (x − threshold) otherwise. */
export function reLU(options: ReluOptions = {}): CallableLayer {
  const config = readOptions('ReLU', options, {
    maxValue: orNull(notNegative),
    negativeSlope: optional(notNegative, 0),
    threshold: optional(notNegative, 0),
  })
  return elementwise('ReLU', options, config, { type: 'relu', ...config })
}

export interface LeakyReluOptions extends LayerOptions {
  /** Slope for negative values. Default 0.3. */
  readonly negativeSlope?: number | undefined
}

/** x for x > 0, negativeSlope · x otherwise. */
export function leakyReLU(options: LeakyReluOptions = {}): CallableLayer {
  const config = readOptions('LeakyReLU', options, { negativeSlope: optional(number(), 0.3) })
  return elementwise('LeakyReLU', options, config, { type: 'leakyRelu', ...config })
}

export interface EluOptions extends LayerOptions {
  /** Default 1. */
  readonly alpha?: number | undefined
}

/** x for x > 0, alpha · (eˣ − 1) otherwise. */
export function elu(options: EluOptions = {}): CallableLayer {
  const config = readOptions('ELU', options, { alpha: optional(number(), 1) })
  return elementwise('ELU', options, config, { type: 'elu', ...config })
}

/** Over a row: each value depends on all of it. */
const isSoftmax = (activation: ActivationConfig): boolean =>
  /(soft|sparse)max$/i.test(typeof activation === 'string' ? activation : activation.type)

export interface SoftmaxOptions extends LayerOptions {
  /** The axis that sums to 1; negative from the end, 1 is the first after the batch. Default -1. */
  readonly axis?: number | undefined
}

/** e^x / Σ e^x along one axis. Throws UserError when the input has no such axis. */
export function softmax(options: SoftmaxOptions = {}): CallableLayer {
  const config = readOptions('Softmax', options, { axis: optional(integer, -1) })
  return makeLayer(options, {
    type: 'Softmax',
    traits: { family: 'activation', sight: 'configuredAxes', activation: 'softmax' },
    config,
    outputShape: ([shape]) => {
      axisOf('Softmax', options.name, config.axis, shape!.length + 1)
      return shape!
    },
    lower: ({ graph }, [x]) => {
      const last = x!.shape.length - 1
      const axis = axisOf('Softmax', options.name, config.axis, last + 1)
      const swap = x!.shape.map((_, index) => (index === axis ? last : index === last ? axis : index))
      return graph.transpose(graph.softmax(graph.transpose(x!, swap)), swap)
    },
  })
}

export interface PReluOptions extends LayerOptions {
  /** Default 'zeros'. */
  readonly alphaInitializer?: Initializer | undefined
  /** Default none. */
  readonly alphaRegularizer?: Regularizer | null | undefined
  /** Axes (from 1) along which one slope is shared: [1, 2] gives one per channel. Default none. */
  readonly sharedAxes?: readonly number[] | null | undefined
}

/** x for x > 0, alpha · x otherwise; alpha [input shape] is learned. */
export function prelu(options: PReluOptions = {}): CallableLayer {
  const config = readOptions('PReLU', options, {
    alphaInitializer: initializerField('Zeros'),
    alphaRegularizer: regularizerField,
    sharedAxes: orNull(integers),
  })
  return makeLayer(options, {
    type: 'PReLU',
    traits: { family: 'activation', sight: 'alike' },
    config,
    weights: ([shape]) => {
      const own = shape!.map((extent, axis) => (config.sharedAxes?.includes(axis + 1) ? 1 : extent))
      return [weightSpec('alpha', own, config.alphaInitializer, config.alphaRegularizer)]
    },
    outputShape: ([shape]) => shape!,
    lower: ({ graph }, [x], weights) =>
      graph.select(graph.binary('less', graph.constant(0), x!), x!, graph.mul(x!, weights['alpha']!)),
  })
}
