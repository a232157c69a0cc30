/**
 * Transposed convolution over pictures, which makes them larger: Conv2DTranspose is the input gradient of a convolution, taken forwards, and
 * lowers to conv2dInputGrad → add bias → activation. Kernels are [height, width, filters, channels in], as in Keras.
 *
 * Along one axis, of k = dilation · (kernel − 1) + 1 places: input pixel i adds to the outputs i · stride − before … + k − 1.
 * - valid: outputs = (in − 1) · stride + max(k, stride), nothing cut;
 * - same: outputs = in · stride, cut on both sides by half of what is too much, rounded down before;
 * - with outputPadding: outputs = (in − 1) · stride + (k when valid, k mod 2 when same) + outputPadding.
 */
import { custom, orNull } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import type { Convolution } from '../graph/ops.ts'
import { type WindowOptions, windowFields, windowGeometry } from './conv.ts'
import { makeLayer, misfit } from './definition.ts'
import { positiveInteger, readOptions } from './options.ts'
import { spreadOf } from './spread.ts'
import type { CallableLayer } from './tensor.ts'
import { biasSpecs, finish, type KernelOptions, kernelFields, weightSpec } from './weights.ts'
import type { WindowGeometry } from './window.ts'

export interface Conv2dTransposeOptions extends KernelOptions, WindowOptions {
  /** Output channels. Required. */
  readonly filters: number
  /** Rows and columns at the bottom and right, less than the strides; null: as many as the padding gives. Default null. */
  readonly outputPadding?: number | readonly [number, number] | null | undefined
}

const outputPadding = custom<readonly [number, number]>('a whole number, or two: [rows, columns]', value => {
  const both = Array.isArray(value) ? (value as unknown[]) : [value, value]
  const fine = both.length === 2 && both.every(n => Number.isInteger(n) && (n as number) >= 0)
  return fine ? (both as [number, number]) : undefined
})

/**
 * Transposed convolution over pictures (height, width, channels) → (rows, columns, filters); weights kernel
 * [kernel height, kernel width, filters, channels], bias [filters]. Throws UserError for bad options.
 */
export function conv2dTranspose(options: Conv2dTransposeOptions): CallableLayer {
  const type = 'Conv2DTranspose'
  const config = readOptions(type, options, {
    filters: positiveInteger,
    ...windowFields,
    outputPadding: orNull(outputPadding),
    ...kernelFields,
  })
  const { filters, kernelSize, strides } = config
  const extra = config.outputPadding
  if (extra?.some((rows, axis) => rows >= strides[axis]!)) {
    const what = 'outputPadding must be less than the strides.'
    throw misfit(type, options.name, what, `below [${strides.join(', ')}]`, `[${extra.join(', ')}]`)
  }
  const geometry: WindowGeometry = windowGeometry(config)
  const spread = ([height, width]: Shape) => {
    const axes = [spreadOf(geometry, extra, 0, height!), spreadOf(geometry, extra, 1, width!)] as const
    if (axes.every(({ outputs }) => outputs >= 1)) return axes
    throw misfit(type, options.name, 'nothing would be left.', 'a larger outputPadding', `${height} × ${width}`)
  }
  return makeLayer(options, {
    type,
    traits: { family: 'convolution', sight: 'spread' },
    config,
    ranks: [3],
    weights: ([shape]) => [
      weightSpec('kernel', [...kernelSize, filters, shape![2]!], config.kernelInitializer, config.kernelRegularizer),
      ...biasSpecs(config, filters),
    ],
    outputShape: ([shape]) => [...spread(shape!).map(({ outputs }) => outputs), filters],
    lower: (context, [x], weights) => {
      const [rows, columns] = spread(x!.shape.slice(1))
      const convolution: Convolution = {
        strides,
        padding: { top: rows.before, bottom: rows.after, left: columns.before, right: columns.after },
        dilation: config.dilationRate,
        groups: 1,
      }
      const inputShape = [x!.shape[0]!, rows.outputs, columns.outputs, filters]
      const y = context.graph.conv2dInputGrad(x!, weights['kernel']!, { ...convolution, inputShape })
      return finish(context, config, y, weights['bias'])
    },
    parameterFormula: ([shape]) =>
      `${filters} × (${kernelSize.join(' × ')} × ${shape![2]})${config.useBias ? ` + ${filters}` : ''}`,
  })
}
