/** The options and specs that kernels and biases of dense and convolutional layers share. */
import { boolean, optional } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import { type ActivationConfig, activationField, activationFormula } from './activations.ts'
import { type Initializer, type InitializerConfig, initializerField } from './initializer-config.ts'
import type { LowerContext, WeightSpec } from './layer.ts'
import type { LayerOptions } from './options.ts'
import { type Regularizer, type RegularizerConfig, regularizerField } from './regularizers.ts'

/** Activation and bias. */
export interface OutputOptions extends LayerOptions {
  /** Applied to the output; a name or {type, …}. Default 'linear'. */
  readonly activation?: ActivationConfig | undefined
  /** Default true. */
  readonly useBias?: boolean | undefined
  /** Default 'zeros'. */
  readonly biasInitializer?: Initializer | undefined
  /** Default none. */
  readonly biasRegularizer?: Regularizer | null | undefined
}

export interface KernelOptions extends OutputOptions {
  /** Default 'glorotUniform'. */
  readonly kernelInitializer?: Initializer | undefined
  /** Default none. */
  readonly kernelRegularizer?: Regularizer | null | undefined
}

export const outputFields = {
  activation: activationField,
  useBias: optional(boolean, true),
  biasInitializer: initializerField('Zeros'),
  biasRegularizer: regularizerField,
}

export const kernelFields = {
  ...outputFields,
  kernelInitializer: initializerField('GlorotUniform'),
  kernelRegularizer: regularizerField,
}

export interface OutputConfig {
  readonly activation: ActivationConfig
  readonly useBias: boolean
  readonly biasInitializer: InitializerConfig
  readonly biasRegularizer: RegularizerConfig | null
}

export function weightSpec(
  name: string,
  shape: Shape,
  initializer: InitializerConfig,
  regularizer: RegularizerConfig | null = null,
  trainable = true,
): WeightSpec {
  return { name, shape, initializer, trainable, ...(regularizer === null ? {} : { regularizer }) }
}

/** The bias spec, or nothing. */
export function biasSpecs(config: OutputConfig, units: number): WeightSpec[] {
  return config.useBias ? [weightSpec('bias', [units], config.biasInitializer, config.biasRegularizer)] : []
}

/** Adds the bias along the last axis and applies the activation. */
export function finish(context: LowerContext, config: OutputConfig, x: Node, bias: Node | undefined): Node {
  const { graph } = context
  return activationFormula(graph, config.activation, bias === undefined ? x : graph.add(x, bias))
}
