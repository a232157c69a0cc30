/** Normalisations by length alone, without subtracting a mean: RMSNormalization, UnitNormalization. */
import { number, optional } from '../base/schema.ts'
import { makeLayer } from './definition.ts'
import { aligned, axisField, chosenAxes, keptShape } from './normalized-axes.ts'
import { type LayerOptions, readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'
import { weightSpec } from './weights.ts'

export interface UnitNormalizationOptions extends LayerOptions {
  /** The axis or axes to normalise over; negative from the end, 1 is the first after the batch. Default -1. */
  readonly axis?: number | readonly number[] | undefined
}

export interface RmsNormalizationOptions extends UnitNormalizationOptions {
  /** Added to the mean square under the root. Default 0.000001. */
  readonly epsilon?: number | undefined
}

/** scale · x / √(mean x² + epsilon), the mean over the given axes of each example (Zhang and Sennrich 2019). Weight scale of the axes' shape. */
export function rmsNormalization(options: RmsNormalizationOptions = {}): CallableLayer {
  const type = 'RMSNormalization'
  const config = readOptions(type, options, { axis: axisField, epsilon: optional(number({ above: 0 }), 1e-6) })
  const { axesOf, sizeFor } = chosenAxes(type, options.name, config.axis)
  return makeLayer(options, {
    type,
    traits: { family: 'normalization', sight: 'configuredAxes' },
    config,
    weights: ([shape]) => [weightSpec('scale', sizeFor(shape!), { type: 'Ones' })],
    outputShape: ([shape]) => {
      sizeFor(shape!)
      return shape!
    },
    lower: ({ graph }, [x], weights) => {
      const axes = axesOf(x!.shape.length)
      const meanSquare = graph.reshape(graph.mean(graph.unary('square', x!), axes), keptShape(x!, axes))
      const length = graph.unary('sqrt', graph.add(meanSquare, config.epsilon))
      return graph.mul(graph.div(x!, length), aligned(graph, weights['scale']!, x!, axes))
    },
    parameterFormula: ([shape]) => sizeFor(shape!).join(' × '),
  })
}

/** x / √(Σ x²), the sum over the given axes of each example: vectors of length 1; zeros stay zeros. */
export function unitNormalization(options: UnitNormalizationOptions = {}): CallableLayer {
  const type = 'UnitNormalization'
  const config = readOptions(type, options, { axis: axisField })
  const { axesOf, sizeFor } = chosenAxes(type, options.name, config.axis)
  return makeLayer(options, {
    type,
    traits: { family: 'normalization', sight: 'configuredAxes' },
    config,
    outputShape: ([shape]) => {
      sizeFor(shape!)
      return shape!
    },
    lower: ({ graph }, [x]) => {
      const axes = axesOf(x!.shape.length)
      const sum = graph.reshape(graph.sum(graph.unary('square', x!), axes), keptShape(x!, axes))
      // Keras's least length is 1e-12; held under the root, so that the gradient at zeros is finite.
      return graph.div(x!, graph.unary('sqrt', graph.max(sum, 1e-24)))
    },
  })
}
