/** Every layer by its Keras class name: makes a layer again of what a model file says. */
import { nearest, UserError } from '../base/errors.ts'
import { activation, elu, leakyReLU, prelu, reLU, softmax } from './activation-layers.ts'
import { randomAffine, randomFlip, randomRotation, randomTranslation, randomZoom } from './augmentation.ts'
import { conv2d, depthwiseConv2d, separableConv2d } from './conv.ts'
import { dense } from './dense.ts'
import type { Layer, LayerConfig } from './layer.ts'
import { add, average, concatenate, maximum, minimum, multiply, subtract } from './merging.ts'
import { dropout, gaussianDropout, gaussianNoise, spatialDropout2d } from './noise.ts'
import { batchNormalization, layerNormalization, localResponseNormalization } from './normalization.ts'
import { averagePooling2d, globalAveragePooling2d, globalMaxPooling2d, maxPooling2d } from './pooling.ts'
import { randomErasing } from './random-erasing.ts'
import { normalization, rescaling } from './rescaling.ts'
import { centerCrop, randomCrop, resizing, upSampling2d } from './resizing.ts'
import { cropping2d, flatten, permute, reshape, zeroPadding2d } from './shaping.ts'

/** Class name → factory. */
export const layerFactories = {
  Activation: activation,
  Add: add,
  Average: average,
  AveragePooling2D: averagePooling2d,
  BatchNormalization: batchNormalization,
  CenterCrop: centerCrop,
  Concatenate: concatenate,
  Conv2D: conv2d,
  Cropping2D: cropping2d,
  Dense: dense,
  DepthwiseConv2D: depthwiseConv2d,
  Dropout: dropout,
  ELU: elu,
  Flatten: flatten,
  GaussianDropout: gaussianDropout,
  GaussianNoise: gaussianNoise,
  GlobalAveragePooling2D: globalAveragePooling2d,
  GlobalMaxPooling2D: globalMaxPooling2d,
  LayerNormalization: layerNormalization,
  LeakyReLU: leakyReLU,
  LocalResponseNormalization: localResponseNormalization,
  MaxPooling2D: maxPooling2d,
  Maximum: maximum,
  Minimum: minimum,
  Multiply: multiply,
  Normalization: normalization,
  PReLU: prelu,
  Permute: permute,
  RandomAffine: randomAffine,
  RandomCrop: randomCrop,
  RandomErasing: randomErasing,
  RandomFlip: randomFlip,
  RandomRotation: randomRotation,
  RandomTranslation: randomTranslation,
  RandomZoom: randomZoom,
  ReLU: reLU,
  Rescaling: rescaling,
  Reshape: reshape,
  Resizing: resizing,
  SeparableConv2D: separableConv2d,
  Softmax: softmax,
  SpatialDropout2D: spatialDropout2d,
  Subtract: subtract,
  UpSampling2D: upSampling2d,
  ZeroPadding2D: zeroPadding2d,
}

export type LayerType = keyof typeof layerFactories

/** What a model file keeps of a layer. */
export interface LayerRecord {
  readonly type: string
  readonly name?: string
  readonly trainable?: boolean
  readonly config: LayerConfig
}

/** The layer again. Throws UserError for an unknown type or a configuration that does not suit it. */
export function layerFromConfig({ type, name, trainable, config }: LayerRecord): Layer {
  if (!Object.hasOwn(layerFactories, type)) {
    const suggestion = nearest(type, Object.keys(layerFactories))
    throw new UserError({
      what: `Unknown layer type "${type}".`,
      expected: Object.keys(layerFactories).join(', '),
      fix:
        suggestion === undefined
          ? 'the formula of a layer of your own is not in the file: build the model in code, then loadWeights(path)'
          : `did you mean "${suggestion}"?`,
    })
  }
  const factory = layerFactories[type as LayerType] as (options: object) => Layer
  return factory({
    ...config,
    ...(name === undefined ? {} : { name }),
    ...(trainable === undefined ? {} : { trainable }),
  })
}
