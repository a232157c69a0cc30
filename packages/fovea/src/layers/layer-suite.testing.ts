/** The layer suite: one line for each layer: the layer, its inputs' shapes, what it must keep. */
import type { Shape } from '../base/shape.ts'
import { activation, elu, leakyReLU, prelu, reLU, softmax } from './activation-layers.ts'
import { randomFlip, randomRotation, randomTranslation, randomZoom } from './augmentation.ts'
import type { LayerCheck } from './check-layer.testing.ts'
import { conv2d } from './conv.ts'
import { conv2dTranspose } from './conv-transpose.ts'
import { dense } from './dense.ts'
import { depthwiseConv2d, separableConv2d } from './depthwise.ts'
import { gaussianDropout, gaussianNoise } from './gaussian-noise.ts'
import { groupNormalization } from './group-normalization.ts'
import type { Layer } from './layer.ts'
import { layerNormalization, localResponseNormalization } from './layer-normalization.ts'
import { rmsNormalization, unitNormalization } from './length-normalization.ts'
import { add, average, concatenate, maximum, minimum, multiply, subtract } from './merging.ts'
import { dropout } from './noise.ts'
import { batchNormalization } from './normalization.ts'
import { averagePooling2d, globalAveragePooling2d, globalMaxPooling2d, maxPooling2d } from './pooling.ts'
import { randomAffine } from './random-affine.ts'
import { randomBrightness, randomContrast } from './random-colour.ts'
import { randomErasing } from './random-erasing.ts'
import { cropping2d, permute, reshape, zeroPadding2d } from './rearranging.ts'
import { normalization, rescaling } from './rescaling.ts'
import { centerCrop, randomCrop, resizing, upSampling2d } from './resizing.ts'
import { flatten } from './shaping.ts'
import { spatialDropout2d } from './spatial-dropout.ts'

const picture: Shape = [5, 4, 2]
const vector: Shape = [6]
const none: LayerCheck = { parameters: 0 }
const resampled: LayerCheck = { parameters: 0, differentiable: false }

export const layerSuite: readonly (readonly [Layer, readonly Shape[], LayerCheck])[] = [
  [dense({ units: 3, activation: 'tanh' }), [vector], { parameters: 21 }],
  [
    dense({ units: 3, useBias: false, kernelInitializer: 'heNormal', kernelRegularizer: 'l2' }),
    [[4, 3, 2]],
    { parameters: 6 },
  ],
  [flatten(), [picture], none],
  [reshape({ targetShape: [2, -1] }), [picture], none],
  [permute({ dims: [3, 1, 2] }), [picture], none],
  [activation({ activation: { type: 'leakyRelu', negativeSlope: 0.4 } }), [picture], none],
  [reLU({ maxValue: 0.5, negativeSlope: 0.1, threshold: 0.2 }), [picture], none],
  [leakyReLU(), [picture], none],
  [elu({ alpha: 0.7 }), [vector], none],
  [softmax({ axis: 1 }), [picture], none],
  [prelu({ sharedAxes: [1, 2], alphaInitializer: { type: 'Constant', value: 0.2 } }), [picture], { parameters: 2 }],
  [conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'elu' }), [picture], { parameters: 57 }],
  [conv2d({ filters: 4, kernelSize: [2, 3], strides: 2, groups: 2, useBias: false }), [picture], { parameters: 24 }],
  [conv2d({ filters: 3, kernelSize: 2, dataFormat: 'channelsFirst' }), [[2, 5, 4]], { parameters: 27 }],
  [conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }), [[3, 4, 2]], { parameters: 57 }],
  [
    conv2dTranspose({ filters: 2, kernelSize: [2, 3], strides: [3, 1], activation: 'tanh' }),
    [picture],
    { parameters: 26 },
  ],
  [
    conv2dTranspose({ filters: 3, kernelSize: 4, strides: 2, outputPadding: [0, 1], useBias: false }),
    [[3, 2, 2]],
    { parameters: 96 },
  ],
  [
    conv2dTranspose({ filters: 2, kernelSize: 2, dilationRate: 2, padding: 'same', dataFormat: 'channelsFirst' }),
    [[2, 5, 4]],
    { parameters: 18 },
  ],
  [depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }), [picture], { parameters: 40 }],
  [separableConv2d({ filters: 3, kernelSize: 2, depthMultiplier: 2, padding: 'same' }), [picture], { parameters: 31 }],
  [maxPooling2d({ padding: 'same' }), [picture], none],
  [averagePooling2d({ poolSize: 3, strides: 1, padding: 'same' }), [picture], none],
  [globalAveragePooling2d({ keepdims: true }), [picture], none],
  [globalMaxPooling2d(), [picture], none],
  [dropout({ rate: 0.4 }), [picture], none],
  [spatialDropout2d({ rate: 0.5 }), [[3, 3, 4]], none],
  [gaussianNoise({ stddev: 0.3 }), [vector], none],
  [gaussianDropout({ rate: 0.3 }), [vector], none],
  [batchNormalization(), [picture], { parameters: 8 }],
  [batchNormalization({ scale: false, axis: 1 }), [picture], { parameters: 15 }],
  [layerNormalization(), [picture], { parameters: 4 }],
  [layerNormalization({ axis: [1, 3], rmsScaling: true }), [picture], { parameters: 10 }],
  [groupNormalization({ groups: 2 }), [[3, 2, 6]], { parameters: 12 }],
  [groupNormalization({ groups: -1, axis: 1, scale: false }), [picture], { parameters: 5 }],
  [groupNormalization({ groups: 3, center: false }), [vector], { parameters: 6 }],
  [rmsNormalization(), [picture], { parameters: 2 }],
  [rmsNormalization({ axis: [1, 2], epsilon: 0.01 }), [picture], { parameters: 20 }],
  [unitNormalization(), [vector], none],
  [unitNormalization({ axis: [1, 2] }), [picture], none],
  [localResponseNormalization({ depthRadius: 1, bias: 2, alpha: 0.1, beta: 0.75 }), [[3, 2, 5]], none],
  [add(), [picture, picture, picture], none],
  [subtract(), [vector, vector], none],
  [multiply(), [picture, [1, 1, 2]], none],
  [average(), [vector, vector], none],
  [maximum(), [vector, vector], none],
  [minimum(), [vector, vector], none],
  [concatenate({ axis: 1 }), [picture, [2, 4, 2]], none],
  [rescaling({ scale: 1 / 255, offset: -0.5 }), [picture], none],
  [rescaling({ scale: [1 / 255, 2], offset: [-1, 0.5] }), [picture], none],
  [normalization({ mean: [1, 2], variance: [4, 0.5] }), [picture], none],
  [
    zeroPadding2d({
      padding: [
        [1, 0],
        [2, 1],
      ],
    }),
    [picture],
    none,
  ],
  [cropping2d({ cropping: [1, 0] }), [picture], none],
  [upSampling2d({ size: [2, 3] }), [picture], none],
  [upSampling2d({ interpolation: 'bilinear' }), [picture], none],
  [resizing({ height: 3, width: 7, cropToAspectRatio: true }), [picture], none],
  [centerCrop({ height: 2, width: 3 }), [picture], none],
  [randomCrop({ height: 4, width: 3 }), [picture], resampled],
  [randomCrop({ height: 4, width: 3, padding: 2, fillMode: 'reflect' }), [picture], resampled],
  [randomFlip(), [picture], resampled],
  [randomRotation({ factor: 0.1 }), [picture], resampled],
  [randomTranslation({ heightFactor: 0.2, widthFactor: [-0.1, 0.3] }), [picture], resampled],
  [randomZoom({ heightFactor: 0.2, fillMode: 'wrap' }), [picture], resampled],
  [randomAffine({ rotation: 15, heightShift: 0.15, widthShift: 0.15, horizontalFlip: true }), [picture], resampled],
  [randomBrightness({ factor: 0.2, valueRange: [-3, 3] }), [picture], none],
  [randomContrast({ factor: [0.2, 0.5], valueRange: [-3, 3] }), [picture], none],
  [randomErasing({ fillValue: 128 }), [picture], none],
  [randomErasing(), [[6, 6, 1]], none],
]
