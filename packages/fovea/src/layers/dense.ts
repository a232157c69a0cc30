/**
 * Dense: y = activation(x · kernel + bias), kernel [inputs, units]. Inputs of more than one axis are multiplied along the last
 * (as 1×1 convolutions of a row of pixels).
 */

import { makeLayer } from './definition.ts'
import { positiveInteger, readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'
import { biasSpecs, finish, type KernelOptions, kernelFields, weightSpec } from './weights.ts'

export interface DenseOptions extends KernelOptions {
  /** Outputs, a positive whole number. Required. */
  readonly units: number
}

/**
 * Every output sees every input. Input (…, features) → (…, units); weights kernel [features, units], bias [units].
 * Throws UserError for bad options.
 */
export function dense(options: DenseOptions): CallableLayer {
  const config = readOptions('Dense', options, { units: positiveInteger, ...kernelFields })
  const { units } = config
  return makeLayer(options, {
    type: 'Dense',
    traits: { family: 'dense', sight: 'lastAxis' },
    config,
    ranks: [1, 2, 3, 4],
    weights: ([shape]) => [
      weightSpec('kernel', [shape!.at(-1)!, units], config.kernelInitializer, config.kernelRegularizer),
      ...biasSpecs(config, units),
    ],
    outputShape: ([shape]) => [...shape!.slice(0, -1), units],
    lower: (context, [x], weights) => {
      const { graph } = context
      const features = x!.shape.at(-1)!
      const kernel = weights['kernel']!
      if (x!.shape.length === 2) return finish(context, config, graph.matmul(x!, kernel), weights['bias'])
      const places = x!.shape.slice(1, -1).reduce((product, extent) => product * extent, 1)
      const product = graph.conv2d(
        graph.reshape(x!, [x!.shape[0]!, 1, places, features]),
        graph.reshape(kernel, [1, 1, features, units]),
        { strides: [1, 1], padding: { top: 0, bottom: 0, left: 0, right: 0 }, dilation: [1, 1], groups: 1 },
      )
      return finish(context, config, graph.reshape(product, [...x!.shape.slice(0, -1), units]), weights['bias'])
    },
    parameterFormula: ([shape]) => `${shape!.at(-1)} × ${units}${config.useBias ? ` + ${units}` : ''}`,
  })
}
