/** Models that are written as ONNX in tests: every layer alone, every activation, networks of the zoo, a network with branches. */
import {
  activation,
  add,
  averagePooling2d,
  batchNormalization,
  chain,
  concatenate,
  conv2d,
  conv2dTranspose,
  dense,
  depthwiseConv2d,
  flatten,
  globalAveragePooling2d,
  input,
  layerNormalization,
  maxPooling2d,
  multiply,
  permute,
  prelu,
  rescaling,
  reshape,
  separableConv2d,
  softmax,
} from 'fovea'
import type { JsonRecord } from 'fovea/internal/base/json'
import { fold, keyOf, uniform } from 'fovea/internal/base/random'
import type { Shape } from 'fovea/internal/base/shape'
import { activationTable } from 'fovea/internal/layers/activations'
import type { Layer } from 'fovea/internal/layers/layer'
import { layerSuite } from 'fovea/internal/layers/layer-suite.testing'
import { modelFromConfig, modelToConfig } from 'fovea/internal/network/config'
import { model } from 'fovea/internal/network/functional'
import type { Model } from 'fovea/internal/network/model'
import { initialWeights } from 'fovea/internal/network/weights'
import { smallResnet } from 'fovea/internal/network/zoo/resnet'
import { smallCnn } from 'fovea/internal/network/zoo/small-cnn'
import { type ZooName, zoo } from 'fovea/internal/network/zoo/zoo'
import type { ModelFile } from 'fovea/internal/store/model-file'

export interface Trial {
  readonly name: string
  readonly file: ModelFile
  readonly model: Model
}

/** First weights, moved a little, so that none is special. */
export function trialOf(name: string, network: Model, moved = 0.1): Trial {
  const first = initialWeights(network, 3)
  const weights = network.weights.map((weight, at) => {
    const key = fold(keyOf(7), at)
    const data = first[weight.name]!.map((value, index) => value + moved * (1.5 * uniform(key, index) - 0.5))
    return { name: weight.name, shape: weight.shape, data }
  })
  return { name, model: network, file: { weights, model: modelToConfig(network) as unknown as JsonRecord } }
}

const calledOn = (layer: Layer, shapes: readonly Shape[]): Model =>
  modelFromConfig({
    format: 'fovea-model',
    version: 1,
    name: 'alone',
    kind: 'functional',
    inputs: shapes.map((shape, index) => ({ name: `x${index}`, shape })),
    layers: [{ type: layer.type, name: 'only', trainable: true, config: layer.config }],
    calls: [{ layer: 0, inputs: shapes.map((_, index) => index) }],
    outputs: [shapes.length],
  })

export const layersAlone = (): Trial[] =>
  layerSuite.map(([layer, shapes], index) => trialOf(`${index} ${layer.type}`, calledOn(layer, shapes)))

/** With numbers of their own, where they have some: some take another way through ONNX then. */
const withNumbers = [
  { type: 'relu', maxValue: 1.5 },
  { type: 'relu', negativeSlope: 0.2 },
  { type: 'relu', threshold: 0.3 },
  { type: 'relu', negativeSlope: 0.2, threshold: 0.3, maxValue: 0.9 },
  { type: 'elu', alpha: 0.4 },
  { type: 'celu', alpha: 0.6 },
  { type: 'gelu', approximate: true },
  { type: 'hardSigmoid', alpha: 0.2, beta: 0.4 },
  { type: 'softShrink', threshold: -0.25 },
  { type: 'hardShrink', threshold: -0.25 },
  { type: 'threshold', threshold: 0.2, value: -2 },
  { type: 'squareplus', b: 1 },
] as const

/** Each behind a convolution, on pictures that lie channels first; softmax runs over the last axis there as well. */
export const activations = (): Trial[] =>
  [...Object.keys(activationTable), ...withNumbers].map(given => {
    const x = input({ shape: [4, 3, 2] })
    const y = chain(x, conv2d({ filters: 3, kernelSize: 2, activation: given as 'relu' }))
    return trialOf(`activation ${JSON.stringify(given)}`, model({ inputs: x, outputs: y }))
  })

/** Windows of all sorts on pictures of odd and even extents: what 'same' means is a matter of each program's own. */
export const windows = (): Trial[] =>
  [1, 2, 3, 5].flatMap(kernelSize =>
    [1, 2, 3].flatMap(strides =>
      [7, 8].map(extent => {
        const x = input({ shape: [extent, 9, 2] })
        const padding = 'same' as const
        const y = chain(x, conv2d({ filters: 4, kernelSize, strides, padding }))
        const outputs = [
          y,
          chain(x, depthwiseConv2d({ kernelSize, strides, padding, depthMultiplier: 2 })),
          chain(x, maxPooling2d({ poolSize: kernelSize, strides, padding })),
          chain(x, averagePooling2d({ poolSize: kernelSize, strides, padding })),
          chain(x, conv2dTranspose({ filters: 3, kernelSize, strides, padding })),
          chain(x, conv2dTranspose({ filters: 3, kernelSize, strides })),
          ...(strides === 1 ? [chain(x, conv2d({ filters: 2, kernelSize, padding, dilationRate: 2 }))] : []),
        ]
        return trialOf(`windows ${kernelSize}/${strides} on ${extent}`, model({ inputs: x, outputs }))
      }),
    ),
  )

/** Two inputs, several outputs, a shared layer, joins of pictures in either order of axes and of flattened ones. */
export function branches(): Trial {
  const picture = input({ shape: [8, 6, 3], name: 'picture' })
  const numbers = input({ shape: [5], name: 'numbers' })
  const scaled = rescaling({ scale: [1 / 255, 1 / 200, 1 / 100], offset: -0.25 })(picture)
  const shared = conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu', name: 'shared' })
  const residual = add()([scaled, shared(shared(scaled))])
  const separable = separableConv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'silu' })(residual)
  const gate = globalAveragePooling2d({ keepdims: true })(separable)
  const gated = multiply()([separable, dense({ units: 3, activation: 'sigmoid' })(gate)])
  const wide = concatenate()([gated, scaled, residual])
  const small = maxPooling2d()(prelu({ sharedAxes: [1, 2] })(batchNormalization()(wide)))
  // Vectors of two pictures of one size, added as they lie; then one whose parts lie in different orders.
  const two = add()([flatten()(small), flatten()(layerNormalization()(small))])
  const normal = prelu()(layerNormalization()(batchNormalization()(rescaling({ scale: 2, offset: 1 })(two))))
  const both = concatenate()([normal, numbers, flatten()(picture)])
  const turned = reshape({ targetShape: [9, 12] })(permute({ dims: [3, 1, 2] })(small))
  const outputs = [
    dense({ units: 4, activation: 'softmax', name: 'classes' })(normal),
    dense({ units: 1, activation: 'sigmoid', name: 'score' })(both),
    softmax({ axis: 1 })(turned),
    two,
    gated,
  ]
  return trialOf('branches', model({ inputs: [picture, numbers], outputs, name: 'branches' }))
}

/** Pictures that are channels first in the network as well. */
export function firstChannels(): Trial {
  const x = input({ shape: [3, 8, 6] })
  const dataFormat = 'channelsFirst'
  const y = chain(
    x,
    conv2d({ filters: 4, kernelSize: 3, padding: 'same', dataFormat }),
    batchNormalization({ axis: 1 }),
    activation({ activation: 'relu' }),
    maxPooling2d({ dataFormat }),
  )
  const vector = dense({ units: 5 })(flatten({ dataFormat })(y))
  return trialOf('channels first', model({ inputs: x, outputs: [vector, flatten()(y), y] }))
}

/** Networks for own pictures, with all that augments them. */
export const forOwnPictures = (): Trial[] => {
  const options = { classes: 4, inputShape: [32, 40, 3], filters: 8, mirror: true } as const
  return [trialOf('small-cnn', smallCnn(options)), trialOf('small-resnet', smallResnet(options))]
}

/** Networks of the zoo, all or some. The large ones on small pictures and without their softmax, which first weights drive to 0 and 1. */
export const networks = (isWanted: (name: string) => boolean = () => true): Trial[] =>
  (Object.keys(zoo) as ZooName[]).filter(isWanted).map(name => {
    const inputShape = onSmall[name]
    if (inputShape === undefined) return trialOf(name, zoo[name].build(), 0.01)
    const json = JSON.stringify(modelToConfig(zoo[name].build({ inputShape, classes: 10 })))
    return trialOf(name, modelFromConfig(JSON.parse(json.replaceAll('"softmax"', '"linear"'))), 0.01)
  })

const onSmall: Partial<Record<ZooName, readonly [number, number, number]>> = {
  alexnet: [67, 67, 3],
  'alexnet-grouped': [67, 67, 3],
  vgg16: [32, 32, 3],
  googlenet: [64, 64, 3],
  'googlenet-auxiliary': [112, 112, 3],
  resnet18: [64, 64, 3],
  resnet20: [32, 32, 3],
  resnet50: [64, 64, 3],
}
