/** How Keras 3 says each layer: nearly all by Fovea's own type and options in snake case. */
import type { JsonRecord } from 'fovea/internal/base/json'
import type { LayerType } from 'fovea/internal/layers/registry'
import { kerasActivation } from './activation-words.ts'
import type { Dialect, LayerRow, SaidLayer } from './said-layer.ts'
import { cannotSay, inKerasWords, noteOnInitializers } from './words.ts'

/** Options that Keras writes and Fovea does not have, as they are when they are not used. */
const unused = (...names: readonly string[]): JsonRecord => Object.fromEntries(names.map(name => [name, null]))

const same =
  (className: LayerType, others: JsonRecord = {}): LayerRow =>
  options => {
    const note = noteOnInitializers(options)
    return { className, config: { ...inKerasWords(options), ...others }, ...(note !== undefined && { note }) }
  }

const ofKernel = unused('activity_regularizer', 'kernel_constraint', 'bias_constraint')
const ofScale = unused('beta_constraint', 'gamma_constraint')
const random = unused('seed')

/** Standard deviation and epsilon are one number in Keras: √variance' = √variance + epsilon. */
const normalization: LayerRow = ({ mean = 0, variance = 1, invert = false, epsilon = 0 }) => {
  const spread = (value: number): number => (Math.sqrt(value) + Number(epsilon)) ** 2
  const spreads = Array.isArray(variance) ? (variance as readonly number[]).map(spread) : spread(variance as number)
  return {
    className: 'Normalization',
    config: { axis: -1, mean, variance: epsilon === 0 ? variance : spreads, invert },
  }
}

const layerNormalization: LayerRow = ({ rmsScaling, ...options }, inputs) => {
  if (rmsScaling && !options['scale'])
    throw cannotSay('rmsScaling has a factor there, which scale: false leaves out.', 'Use rmsNormalization.')
  const scaling = rmsScaling ? { rms_scaling: true } : {}
  return same('LayerNormalization', { ...ofScale, ...scaling })(options, inputs)
}

/** Keras multiplies by the scale as if its axes were the last ones. */
const rmsNormalization: LayerRow = (options, [shape]) => {
  const rank = shape!.length + 1
  const axes = [options['axis'] as number | readonly number[]].flat().map(axis => (axis + rank) % rank)
  if (axes.toSorted((a, b) => a - b).every((axis, at) => axis === rank - axes.length + at))
    return same('RMSNormalization')(options, [shape!])
  throw cannotSay("Keras's RMSNormalization takes the last axes only.", 'Use layerNormalization, or other axes.')
}

/** Keras's is drawn anew in each step. */
const randomFlip: LayerRow = ({ alternating, ...options }, inputs) => ({
  ...(same('RandomFlip', random)(options, inputs) as SaidLayer),
  ...(alternating === true && { note: 'is written without alternating, which Keras does not have.' }),
})

/** Outside of training Keras's RandomCrop lets pictures pass as they are (3.15), whatever their size. */
const randomCrop: LayerRow = (options, [shape]) => {
  const { height, width, dataFormat, padding } = options
  const said = { height: height!, width: width!, dataFormat: dataFormat! }
  const [rows, columns] = dataFormat === 'channelsFirst' ? shape!.slice(1) : shape!
  if (rows === height && columns === width) {
    const note = { note: 'is written without padding, which Keras does not have.' }
    return { ...(same('RandomCrop', random)(said, [shape!]) as SaidLayer), ...(padding !== 0 && note) }
  }
  return {
    className: 'Resizing',
    config: { ...inKerasWords(said), interpolation: 'bilinear', crop_to_aspect_ratio: true },
    note: 'is written as the Resizing that it is when the model is asked: it crops at random in training only.',
  }
}

const rows = {
  Activation: same('Activation'),
  Add: same('Add'),
  Average: same('Average'),
  AveragePooling2D: same('AveragePooling2D'),
  BatchNormalization: same('BatchNormalization', { ...ofScale, synchronized: false }),
  CenterCrop: same('CenterCrop'),
  Concatenate: same('Concatenate'),
  Conv2D: same('Conv2D', ofKernel),
  Conv2DTranspose: same('Conv2DTranspose', ofKernel),
  Cropping2D: same('Cropping2D'),
  Dense: same('Dense', ofKernel),
  DepthwiseConv2D: same('DepthwiseConv2D', unused('activity_regularizer', 'depthwise_constraint', 'bias_constraint')),
  Dropout: same('Dropout', unused('seed', 'noise_shape')),
  ELU: same('ELU'),
  Flatten: same('Flatten'),
  GaussianDropout: same('GaussianDropout', random),
  GaussianNoise: same('GaussianNoise', random),
  GlobalAveragePooling2D: same('GlobalAveragePooling2D'),
  GlobalMaxPooling2D: same('GlobalMaxPooling2D'),
  GroupNormalization: same('GroupNormalization', ofScale),
  LayerNormalization: layerNormalization,
  LeakyReLU: same('LeakyReLU'),
  LocalResponseNormalization: undefined,
  MaxPooling2D: same('MaxPooling2D'),
  Maximum: same('Maximum'),
  Minimum: same('Minimum'),
  Multiply: same('Multiply'),
  Normalization: normalization,
  PReLU: same('PReLU', unused('alpha_constraint')),
  Permute: same('Permute'),
  RMSNormalization: rmsNormalization,
  RandomAffine: undefined,
  RandomBrightness: same('RandomBrightness', random),
  RandomContrast: same('RandomContrast', random),
  RandomCrop: randomCrop,
  RandomErasing: same('RandomErasing', random),
  RandomFlip: randomFlip,
  RandomRotation: same('RandomRotation', random),
  RandomTranslation: same('RandomTranslation', random),
  RandomZoom: same('RandomZoom', random),
  ReLU: same('ReLU'),
  Rescaling: same('Rescaling'),
  Reshape: same('Reshape'),
  Resizing: same('Resizing'),
  SeparableConv2D: same(
    'SeparableConv2D',
    unused('activity_regularizer', 'depthwise_constraint', 'pointwise_constraint', 'bias_constraint'),
  ),
  Softmax: same('Softmax'),
  SpatialDropout2D: same('SpatialDropout2D', random),
  Subtract: same('Subtract'),
  UnitNormalization: same('UnitNormalization'),
  UpSampling2D: same('UpSampling2D'),
  ZeroPadding2D: same('ZeroPadding2D'),
} satisfies Record<LayerType, LayerRow | undefined>

export const kerasDialect: Dialect = { program: 'Keras', rows, activation: kerasActivation }
