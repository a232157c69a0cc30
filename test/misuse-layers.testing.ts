/** All options of every layer, with values that it takes: what the misuse suite tries on layers. */
import type { layerFactories } from '../packages/fovea/src/layers/registry.ts'

type Options = Readonly<Record<string, unknown>>

export const common = { name: 'a', trainable: true }
const named = { name: ['any text', ''], axis: [] }
const window = { kernelSize: 3, strides: 1, padding: 'same', dilationRate: 1, dataFormat: 'channelsLast' }
const output = { activation: 'relu', useBias: true, biasInitializer: 'zeros', biasRegularizer: 'l2' }
const kernel = { ...output, kernelInitializer: 'zeros', kernelRegularizer: 'l2' }
const affine = {
  epsilon: 0.1,
  center: true,
  scale: true,
  betaInitializer: 'zeros',
  gammaInitializer: 'ones',
  betaRegularizer: null,
  gammaRegularizer: null,
}
const sampling = { fillMode: 'reflect', fillValue: 0, interpolation: 'bilinear', dataFormat: 'channelsLast' }
const size = { height: 4, width: 4 }

export const layers: Readonly<Record<keyof typeof layerFactories, Options>> = {
  Activation: { activation: 'relu' },
  Add: {},
  Average: {},
  AveragePooling2D: { poolSize: 2, strides: 2, padding: 'same', dataFormat: 'channelsLast' },
  BatchNormalization: {
    axis: -1,
    momentum: 0.9,
    ...affine,
    movingMeanInitializer: 'zeros',
    movingVarianceInitializer: 'ones',
  },
  CenterCrop: { ...size, dataFormat: 'channelsLast' },
  Concatenate: { axis: -1 },
  Conv2D: { filters: 2, ...window, groups: 1, ...kernel },
  Conv2DTranspose: { filters: 2, ...window, outputPadding: null, ...kernel },
  Cropping2D: { cropping: 1, dataFormat: 'channelsLast' },
  Dense: { units: 2, ...kernel },
  DepthwiseConv2D: {
    ...window,
    depthMultiplier: 1,
    ...output,
    depthwiseInitializer: 'zeros',
    depthwiseRegularizer: 'l2',
  },
  Dropout: { rate: 0.5 },
  ELU: { alpha: 1 },
  Flatten: { dataFormat: 'channelsLast' },
  GaussianDropout: { rate: 0.5 },
  GaussianNoise: { stddev: 0.5 },
  GlobalAveragePooling2D: { keepdims: true, dataFormat: 'channelsLast' },
  GlobalMaxPooling2D: { keepdims: true, dataFormat: 'channelsLast' },
  GroupNormalization: { groups: 1, axis: -1, ...affine },
  LayerNormalization: { axis: -1, ...affine, rmsScaling: true },
  LeakyReLU: { negativeSlope: 0.1 },
  LocalResponseNormalization: { depthRadius: 1, bias: 1, alpha: 1, beta: 0.5 },
  MaxPooling2D: { poolSize: 2, strides: 2, padding: 'same', dataFormat: 'channelsLast' },
  Maximum: {},
  Minimum: {},
  Multiply: {},
  Normalization: { mean: 0, variance: 1, invert: true, epsilon: 0 },
  PReLU: { alphaInitializer: 'zeros', alphaRegularizer: 'l2', sharedAxes: [1] },
  Permute: { dims: [1] },
  RMSNormalization: { axis: -1, epsilon: 0.1 },
  RandomAffine: {},
  RandomBrightness: { factor: 0.2, valueRange: [0, 255] },
  RandomContrast: { factor: 0.2, valueRange: [0, 255] },
  RandomCrop: { ...size, padding: 1, fillMode: 'reflect', fillValue: 0, dataFormat: 'channelsLast' },
  RandomErasing: { factor: 1, scale: 0.5, fillValue: 0, valueRange: [0, 255], dataFormat: 'channelsLast' },
  RandomFlip: { mode: 'horizontal', alternating: true, dataFormat: 'channelsLast' },
  RandomRotation: { factor: 0.1, ...sampling },
  RandomTranslation: { heightFactor: 0.1, widthFactor: 0.1, ...sampling },
  RandomZoom: { heightFactor: 0.1, widthFactor: 0.1, ...sampling },
  ReLU: { maxValue: 6, negativeSlope: 0.1, threshold: 0 },
  Rescaling: { scale: 2, offset: 1 },
  Reshape: { targetShape: [1] },
  Resizing: { ...size, interpolation: 'bilinear', dataFormat: 'channelsLast' },
  SeparableConv2D: {
    filters: 2,
    ...window,
    depthMultiplier: 1,
    ...output,
    depthwiseInitializer: 'zeros',
    depthwiseRegularizer: 'l2',
    pointwiseInitializer: 'zeros',
    pointwiseRegularizer: 'l2',
  },
  Softmax: { axis: -1 },
  SpatialDropout2D: { rate: 0.5, dataFormat: 'channelsLast' },
  Subtract: {},
  UnitNormalization: { axis: -1 },
  UpSampling2D: { size: 2, interpolation: 'nearest', dataFormat: 'channelsLast' },
  ZeroPadding2D: { padding: 1, dataFormat: 'channelsLast' },
}
/** Options of layers that may be null, and lists that may be empty. */
export const layerTakes: Readonly<Record<string, readonly unknown[]>> = {
  ...named,
  ...Object.fromEntries(
    'biasRegularizer kernelRegularizer depthwiseRegularizer pointwiseRegularizer alphaRegularizer betaRegularizer gammaRegularizer activation fillValue maxValue widthFactor heightFactor'
      .split(' ')
      .map(name => [name, [null]]),
  ),
  strides: [null],
  outputPadding: [null],
  sharedAxes: [null, 'empty list'],
  axis: ['empty list'],
  dims: ['empty list'],
  targetShape: ['empty list'],
}
