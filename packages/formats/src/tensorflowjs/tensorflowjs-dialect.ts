/** How TensorFlow.js (4.22) says each layer: Keras 2's words, of fewer layers and options. First values of weights are left to its defaults. */
import { isJsonRecord, type JsonRecord } from 'fovea/internal/base/json'
import type { Shape } from 'fovea/internal/base/shape'
import type { LayerType } from 'fovea/internal/layers/registry'
import { activationParts, withNumbers } from '../keras/writing/activation-words.ts'
import type { ActivationWord, Dialect, LayerRow, SaidLayer } from '../keras/writing/said-layer.ts'
import { cannotSay, inKerasWords } from '../keras/writing/words.ts'

/** In its words; a file with trained weights needs no initializers, and it has not all of them. */
function inWords(options: JsonRecord): JsonRecord {
  const kept = Object.entries(options).filter(([name]) => !name.endsWith('Initializer'))
  return Object.fromEntries(
    Object.entries(inKerasWords(Object.fromEntries(kept))).map(([name, value]) => {
      return [name, name.endsWith('_regularizer') && isJsonRecord(value) ? factors(value) : value]
    }),
  )
}

/** One class for all. */
function factors(regularizer: JsonRecord): JsonRecord {
  const { l1 = 0, l2 = 0 } = regularizer['config'] as JsonRecord
  return { class_name: 'L1L2', config: { l1, l2 } }
}

const same =
  (className: LayerType): LayerRow =>
  options => ({ className, config: inWords(options) })

/** Options that it does not have must be at the value that does nothing. */
const without =
  (className: LayerType, idle: JsonRecord): LayerRow =>
  options => {
    const used = Object.keys(idle).find(name => JSON.stringify(options[name]) !== JSON.stringify(idle[name]))
    if (used !== undefined) throw cannotSay(`TensorFlow.js has no ${used} there.`, `Leave ${used} out.`)
    const kept = Object.entries(options).filter(([name]) => !Object.hasOwn(idle, name))
    return { className, config: inWords(Object.fromEntries(kept)) }
  }

/** Along other axes its kernels compute something else (batch normalization) or nothing (softmax). */
const lastAxis =
  (className: LayerType): LayerRow =>
  (options, [shape]) => {
    const [axis, last] = [Number(options['axis']), shape!.length]
    if (axis === -1 || axis === last) return { className, config: inWords({ ...options, axis: -1 }) }
    throw cannotSay(`TensorFlow.js computes ${className} along the last axis only.`, 'Use axis: -1.')
  }

/** The middle of a picture is cut out at the same place as by Fovea; smaller pictures would have to grow. */
const centerCrop: LayerRow = ({ height, width, dataFormat }, [shape]) => {
  const [rows, columns] = (dataFormat === 'channelsFirst' ? shape!.slice(1) : shape!) as [number, number]
  const [over, aside] = [rows - Number(height), columns - Number(width)]
  if (over < 0 || aside < 0) throw cannotSay('TensorFlow.js enlarges pictures otherwise.', 'Use larger pictures.')
  const cropping = [over, aside].map(extra => [Math.floor(extra / 2), extra - Math.floor(extra / 2)])
  return { className: 'Cropping2D', config: inWords({ cropping, dataFormat: dataFormat! }) }
}

/** It has no such layer: where pictures pass outside of training, as they do at the window's size, it is left out. */
const randomCrop: LayerRow = ({ height, width, dataFormat }, [shape]) => {
  const [rows, columns] = dataFormat === 'channelsFirst' ? shape!.slice(1) : shape!
  if (rows === height && columns === width) return []
  throw cannotSay('TensorFlow.js has no such layer.', 'Save the model as .safetensors, or without this layer.')
}

/** Height and width are kept by a Reshape after it. */
const globalPooling =
  (className: LayerType): LayerRow =>
  ({ keepdims, dataFormat }, [shape]) => {
    const pooled = { className, config: inWords({ dataFormat: dataFormat! }) }
    if (!keepdims) return pooled
    const kept: Shape = dataFormat === 'channelsFirst' ? [shape![0]!, 1, 1] : [1, 1, shape![2]!]
    return [pooled, { className: 'Reshape', config: { target_shape: kept } }]
  }

/** One affine map per channel: it has no Normalization, and its Rescaling takes lists as well as numbers. */
const normalization: LayerRow = ({ mean, variance, epsilon, invert }) => {
  const centres = [mean as number | readonly number[]].flat()
  const spreads = [variance as number | readonly number[]].flat()
  const channels = Math.max(centres.length, spreads.length)
  const maps = Array.from({ length: channels }, (_, channel) => {
    const centre = centres[channel % centres.length]!
    const spread = Math.max(Math.sqrt(spreads[channel % spreads.length]!) + Number(epsilon), 1e-7)
    return invert ? { scale: spread, offset: centre } : { scale: 1 / spread, offset: -centre / spread }
  })
  return { className: 'Rescaling', config: { scale: maps.map(map => map.scale), offset: maps.map(map => map.offset) } }
}

const upSampling: LayerRow = options => {
  if (options['interpolation'] === 'nearest') return same('UpSampling2D')(options, [])
  throw cannotSay('TensorFlow.js interpolates from corner to corner.', "Use interpolation: 'nearest'.")
}

const layerNormalization: LayerRow = ({ rmsScaling, ...options }) => {
  if (rmsScaling) throw cannotSay('TensorFlow.js has no rmsScaling.', 'Leave it out.')
  return { className: 'LayerNormalization', config: inWords(options) }
}

const leakyReLU: LayerRow = ({ negativeSlope }) => ({ className: 'LeakyReLU', config: { alpha: negativeSlope! } })

const rows = {
  Activation: same('Activation'),
  Add: same('Add'),
  Average: same('Average'),
  AveragePooling2D: same('AveragePooling2D'),
  BatchNormalization: lastAxis('BatchNormalization'),
  CenterCrop: centerCrop,
  Concatenate: same('Concatenate'),
  Conv2D: without('Conv2D', { groups: 1 }),
  Conv2DTranspose: without('Conv2DTranspose', { outputPadding: null, dilationRate: [1, 1] }),
  Cropping2D: same('Cropping2D'),
  Dense: same('Dense'),
  DepthwiseConv2D: same('DepthwiseConv2D'),
  Dropout: same('Dropout'),
  ELU: without('ELU', { alpha: 1 }),
  Flatten: same('Flatten'),
  GaussianDropout: same('GaussianDropout'),
  GaussianNoise: same('GaussianNoise'),
  GlobalAveragePooling2D: globalPooling('GlobalAveragePooling2D'),
  GlobalMaxPooling2D: globalPooling('GlobalMaxPooling2D'),
  GroupNormalization: undefined,
  LayerNormalization: layerNormalization,
  LeakyReLU: leakyReLU,
  LocalResponseNormalization: undefined,
  MaxPooling2D: same('MaxPooling2D'),
  Maximum: same('Maximum'),
  Minimum: same('Minimum'),
  Multiply: same('Multiply'),
  Normalization: normalization,
  PReLU: same('PReLU'),
  Permute: same('Permute'),
  RMSNormalization: undefined,
  RandomAffine: undefined,
  RandomBrightness: undefined,
  RandomContrast: undefined,
  RandomCrop: randomCrop,
  RandomErasing: undefined,
  RandomFlip: undefined,
  RandomRotation: undefined,
  RandomTranslation: undefined,
  RandomZoom: undefined,
  ReLU: without('ReLU', { negativeSlope: 0, threshold: 0 }),
  Rescaling: same('Rescaling'),
  Reshape: same('Reshape'),
  Resizing: undefined,
  SeparableConv2D: same('SeparableConv2D'),
  Softmax: lastAxis('Softmax'),
  SpatialDropout2D: undefined,
  Subtract: undefined,
  UnitNormalization: undefined,
  UpSampling2D: upSampling,
  ZeroPadding2D: same('ZeroPadding2D'),
} satisfies Record<LayerType, LayerRow | undefined>

/** Those that it computes as Fovea does, by its name. */
const activations: Readonly<Record<string, string>> = {
  elu: 'elu',
  gelu: 'gelu',
  linear: 'linear',
  logSoftmax: 'log_softmax',
  mish: 'mish',
  relu: 'relu',
  relu6: 'relu6',
  selu: 'selu',
  sigmoid: 'sigmoid',
  silu: 'swish',
  softmax: 'softmax',
  softplus: 'softplus',
  softsign: 'softsign',
  tanh: 'tanh',
}

const activation: ActivationWord = given => {
  const { name, numbers } = activationParts(given)
  const own = Object.keys(numbers)
  if (own.length === 0 && Object.hasOwn(activations, name)) return activations[name]!
  // A slope and a limit are said by layers of their own.
  if (name === 'leakyRelu') return { className: 'LeakyReLU', config: { alpha: numbers['negativeSlope'] ?? 0.2 } }
  const isLimit = name === 'relu' && own.every(key => key === 'maxValue')
  if (isLimit) return { className: 'ReLU', config: { max_value: numbers['maxValue']! } } satisfies SaidLayer
  // Keras 2's slope is its only one.
  if (name === 'hardSigmoid' && numbers['alpha'] === 0.2 && own.length === 1) return 'hard_sigmoid'
  if (own.length > 0) throw withNumbers(name, numbers)
  throw cannotSay(`TensorFlow.js has no activation ${name}.`, 'Use another one.')
}

export const tensorflowjsDialect: Dialect = { program: 'TensorFlow.js', rows, activation }
