/** One number of a convolution layer, written out: what it sees, its kernel, every product, the sum, the bias, the activation. */

import { checkArguments, numbers } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { dictionary, list } from '../base/schema.ts'
import { createGraph } from '../graph/builder.ts'
import { evaluateGraph } from '../graph/oracle/evaluate.ts'
import { type ActivationConfig, activationFormula } from '../layers/activations.ts'
import { paddingOf } from '../layers/window.ts'
import type { LayerCall, Model } from '../network/model.ts'
import { builtModel, layerNamed } from '../network/model.ts'
import { type LayerValue, layerValue } from './open-model.ts'
import { unitNumber } from './units.ts'

/** Cubes are [kernel row][kernel column][channel]. A type alias, so that it is also plain JSON. */
export type ConvolutionByHand = {
  readonly layer: string
  /** Row, column, filter; counted from 0. */
  readonly at: readonly [number, number, number]
  /** Row and column of the input under the kernel's first number; outside of the picture there are zeros. */
  readonly corner: readonly [number, number]
  readonly receptiveField: number[][][]
  readonly kernel: number[][][]
  readonly products: number[][][]
  readonly sum: number
  readonly bias: number
  readonly activation: string
  /** activation(sum + bias), by these numbers in double precision. */
  readonly value: number
  /** What the network itself computed. */
  readonly networkValue: number
}

/**
 * The arithmetic behind the value of a Conv2D layer at [row, column, filter], counted from 0. `weights` by name, `values`: what `look`
 * gave. Throws UserError for other layers and places outside.
 */
export function convolutionByHand(
  model: Model,
  weights: Readonly<Record<string, ArrayLike<number>>>,
  values: readonly LayerValue[],
  layer: string,
  at: readonly [number, number, number],
): ConvolutionByHand {
  checkArguments(
    'convolutionByHand',
    {
      model: builtModel,
      weights: dictionary(numbers, 'numbers by name'),
      values: list(layerValue, 'what `look` gave'),
    },
    { model, weights, values },
  )
  const call = convolutionNamed(model, layer)
  const config = call.layer.config as unknown as ConvolutionConfig
  const [row, column, filter] = at
  const filters = call.outputShape[2]!
  const number = unitNumber(call.outputShape, at, layer)
  const [height, width, channels] = call.inputShapes[0] as readonly [number, number, number]
  const { top, left } = paddingOf(
    { size: config.kernelSize, strides: config.strides, dilation: config.dilationRate, padding: config.padding },
    height,
    width,
  )
  const corner = [row * config.strides[0] - top, column * config.strides[1] - left] as const
  const source = values[call.inputs[0]!]!
  const kernelData = weights[`${layer}/kernel`]!
  const perGroup = channels / config.groups
  const firstChannel = Math.floor(filter / (filters / config.groups)) * perGroup
  const cube = (entry: (r: number, s: number, c: number) => number): number[][][] =>
    Array.from({ length: config.kernelSize[0] }, (_, r) =>
      Array.from({ length: config.kernelSize[1] }, (_, s) =>
        Array.from({ length: perGroup }, (_, c) => entry(r, s, c)),
      ),
    )
  const receptiveField = cube((r, s, c) => {
    const [y, x] = [corner[0] + r * config.dilationRate[0], corner[1] + s * config.dilationRate[1]]
    if (y < 0 || y >= height || x < 0 || x >= width) return 0
    return source.data[(y * width + x) * channels + firstChannel + c]!
  })
  const kernel = cube((r, s, c) => kernelData[((r * config.kernelSize[1] + s) * perGroup + c) * filters + filter]!)
  const products = cube((r, s, c) => receptiveField[r]![s]![c]! * kernel[r]![s]![c]!)
  const sum = products.flat(2).reduce((total, product) => total + product, 0)
  const bias = weights[`${layer}/bias`]?.[filter] ?? 0
  const own = values[1 + model.layers.indexOf(call)]!
  return {
    layer,
    at,
    corner,
    receptiveField,
    kernel,
    products,
    sum,
    bias,
    activation: typeof config.activation === 'string' ? config.activation : config.activation.type,
    value: activated(config.activation, sum + bias),
    networkValue: own.data[number]!,
  }
}

interface ConvolutionConfig {
  readonly kernelSize: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly padding: 'valid' | 'same'
  readonly dilationRate: readonly [number, number]
  readonly groups: number
  readonly activation: ActivationConfig
}

function convolutionNamed(model: Model, name: string): LayerCall {
  layerNamed(model, name)
  const call = model.layers.find(each => each.layer.name === name)!
  const { type, traits } = call.layer
  if (traits.writtenOut) return call
  throw new UserError({
    what: `${name} cannot be written out by hand.`,
    expected:
      model.layers
        .filter(each => each.layer.traits.writtenOut)
        .map(each => each.layer.name)
        .join(', ') || 'a model with convolutions over all channels',
    received: `${type}`,
  })
}

/** The activation of one number; those over a row (softmax) see this number alone. */
function activated(config: ActivationConfig, x: number): number {
  const graph = createGraph(1)
  const node = activationFormula(graph, config, graph.input('x', [1, 1], { batched: true }))
  const inputs = { x: Float64Array.of(x) }
  const step = { batch: 1, inputs: [], states: [], updates: [], outputs: [{ name: 'y', node }] }
  return evaluateGraph(step, { inputs, states: {}, n: 1 }).outputs['y']![0]!
}
