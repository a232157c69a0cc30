/** Every layer by its Keras class name: makes a layer again of what a model file says. */
import { activation, elu, leakyReLU, prelu, reLU, softmax } from './activation-layers.ts'
import { augmentationLayers } from './augmentation-layers.ts'
import { conv2dTranspose } from './conv-transpose.ts'
import { depthwiseConv2d, separableConv2d } from './depthwise.ts'
import { everydayLayers } from './everyday-layers.ts'
import { gaussianDropout, gaussianNoise } from './gaussian-noise.ts'
import { groupNormalization } from './group-normalization.ts'
import type { Layer } from './layer.ts'
import { layerNormalization, localResponseNormalization } from './layer-normalization.ts'
import { type LayerRecord, layerOf } from './layer-record.ts'
import { rmsNormalization, unitNormalization } from './length-normalization.ts'
import { add, average, concatenate, maximum, minimum, multiply, subtract } from './merging.ts'
import { randomErasing } from './random-erasing.ts'
import { cropping2d, permute, reshape, zeroPadding2d } from './rearranging.ts'
import { centerCrop, randomCrop, resizing, upSampling2d } from './resizing.ts'
import { spatialDropout2d } from './spatial-dropout.ts'

/** Class name → factory. */
export const layerFactories = {
  ...everydayLayers,
  ...augmentationLayers,
  Activation: activation,
  Add: add,
  Average: average,
  CenterCrop: centerCrop,
  Concatenate: concatenate,
  Conv2DTranspose: conv2dTranspose,
  Cropping2D: cropping2d,
  DepthwiseConv2D: depthwiseConv2d,
  ELU: elu,
  GaussianDropout: gaussianDropout,
  GaussianNoise: gaussianNoise,
  GroupNormalization: groupNormalization,
  LayerNormalization: layerNormalization,
  LeakyReLU: leakyReLU,
  LocalResponseNormalization: localResponseNormalization,
  Maximum: maximum,
  Minimum: minimum,
  Multiply: multiply,
  PReLU: prelu,
  Permute: permute,
  RMSNormalization: rmsNormalization,
  RandomCrop: randomCrop,
  RandomErasing: randomErasing,
  ReLU: reLU,
  Reshape: reshape,
  Resizing: resizing,
  SeparableConv2D: separableConv2d,
  Softmax: softmax,
  SpatialDropout2D: spatialDropout2d,
  Subtract: subtract,
  UnitNormalization: unitNormalization,
  UpSampling2D: upSampling2d,
  ZeroPadding2D: zeroPadding2d,
}

export type LayerType = keyof typeof layerFactories

/** The layer again. Throws UserError for an unknown type or a configuration that does not suit it. */
export const layerFromConfig = (record: LayerRecord): Layer => layerOf(record, layerFactories)
