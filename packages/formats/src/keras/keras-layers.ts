/**
 * Every layer of Keras that Fovea has: its options in Fovea's words, one row each. In: a layer's class and configuration, of any dialect.
 * Out: the same layer as Fovea's model files keep it, notes on what is left out without changing what the network computes, and problems,
 * each of which names the layer and the option.
 */
import { UserError } from 'fovea/internal/base/errors'
import type { Json, JsonRecord } from 'fovea/internal/base/json'
import { show } from 'fovea/internal/base/show'
import { initializerConfig } from 'fovea/internal/layers/initializer-config'
import { toCamel } from 'fovea/internal/layers/options'
import { layerFromConfig } from 'fovea/internal/layers/registry'
import { regularizerConfig } from 'fovea/internal/layers/regularizers'
import { member } from '../containers/json-text.ts'
import type { KerasLayer } from './keras-tree.ts'
import { optionValue } from './keras-values.ts'

/** Of Keras 2 and older some formulas are others. */
export type KerasEra = 'keras2' | 'keras3'

export interface FoveaLayer {
  readonly type: string
  readonly config: JsonRecord
}

export interface ReadLayer {
  /** Undefined where the network computes the same without it. */
  readonly layer?: FoveaLayer | undefined
  readonly notes: readonly string[]
  readonly problems: readonly string[]
}

interface Row {
  /** Fovea's name of it, where that is another. */
  readonly type?: string
  /** In Keras's words, those that Fovea has; `old=new` where it calls one otherwise. */
  readonly options: string
  /** Options that Fovea does not have, at the values that mean "not used". */
  readonly unused?: Readonly<Record<string, readonly Json[]>>
}

const output = 'activation use_bias bias_initializer bias_regularizer'
const window = 'kernel_size strides padding dilation_rate data_format'
const kernel = 'kernel_initializer kernel_regularizer'
const depthwise = `${window} depth_multiplier depthwise_initializer depthwise_regularizer ${output}`
const affine = 'epsilon center scale beta_initializer gamma_initializer beta_regularizer gamma_regularizer'
const sampled = 'fill_mode fill_value interpolation data_format'
const pooling: Row = { options: 'pool_size strides padding data_format' }
const wholePooling: Row = { options: 'data_format keepdims' }
const plain: Row = { options: '' }
/** Written by some versions for a convolution that has no such option. */
const noGroups = { groups: [1], filters: [null], kernel_initializer: [], kernel_regularizer: [] }

const rows: Readonly<Record<string, Row>> = {
  Activation: { options: 'activation' },
  Add: plain,
  Average: plain,
  AveragePooling2D: pooling,
  BatchNormalization: { options: `axis momentum ${affine} moving_mean_initializer moving_variance_initializer` },
  CenterCrop: { options: 'height width data_format' },
  Concatenate: { options: 'axis' },
  Conv2D: { options: `filters ${window} groups ${kernel} ${output}` },
  Conv2DTranspose: { options: `filters ${window} output_padding ${kernel} ${output}`, unused: { groups: [1] } },
  Cropping2D: { options: 'cropping data_format' },
  Dense: { options: `units ${kernel} ${output}` },
  DepthwiseConv2D: { options: depthwise, unused: noGroups },
  Dropout: { options: 'rate' },
  ELU: { options: 'alpha' },
  Flatten: { options: 'data_format' },
  GaussianDropout: { options: 'rate' },
  GaussianNoise: { options: 'stddev' },
  GlobalAveragePooling2D: wholePooling,
  GlobalMaxPooling2D: wholePooling,
  GroupNormalization: { options: `groups axis ${affine}` },
  LayerNormalization: { options: `axis ${affine} rms_scaling` },
  LeakyReLU: { options: 'negative_slope alpha=negative_slope' },
  MaxPooling2D: pooling,
  Maximum: plain,
  Minimum: plain,
  Multiply: plain,
  Normalization: { options: 'mean variance invert', unused: { axis: [null, -1, 3] } },
  PReLU: { options: 'alpha_initializer alpha_regularizer shared_axes' },
  Permute: { options: 'dims' },
  RMSNormalization: { options: 'axis epsilon' },
  RandomBrightness: { options: 'factor value_range' },
  RandomContrast: { options: 'factor value_range' },
  RandomCrop: { options: 'height width data_format' },
  RandomErasing: { options: 'factor scale fill_value value_range data_format' },
  RandomFlip: { options: 'mode data_format' },
  RandomRotation: { options: `factor ${sampled}` },
  RandomTranslation: { options: `height_factor width_factor ${sampled}` },
  RandomZoom: { options: `height_factor width_factor ${sampled}` },
  ReLU: { options: 'max_value negative_slope threshold' },
  Rescaling: { options: 'scale offset' },
  Reshape: { options: 'target_shape' },
  Resizing: {
    options: 'height width interpolation crop_to_aspect_ratio data_format',
    unused: { pad_to_aspect_ratio: [false], antialias: [false] },
  },
  SeparableConv2D: {
    options: `filters ${depthwise} pointwise_initializer pointwise_regularizer`,
    unused: { groups: [1], kernel_initializer: [], kernel_regularizer: [] },
  },
  Softmax: { options: 'axis' },
  SpatialDropout2D: { options: 'rate data_format' },
  Subtract: plain,
  UnitNormalization: { options: 'axis' },
  UpSampling2D: { options: 'size interpolation data_format' },
  ZeroPadding2D: { options: 'padding data_format' },
}

/** Other names of the same layers. */
const otherNames: Readonly<Record<string, string>> = {
  AvgPool2D: 'AveragePooling2D',
  BatchNormalizationV1: 'BatchNormalization',
  BatchNormalizationV2: 'BatchNormalization',
  Convolution2D: 'Conv2D',
  Convolution2DTranspose: 'Conv2DTranspose',
  GlobalAvgPool2D: 'GlobalAveragePooling2D',
  GlobalMaxPool2D: 'GlobalMaxPooling2D',
  MaxPool2D: 'MaxPooling2D',
  SeparableConvolution2D: 'SeparableConv2D',
  TrueDivide: 'Divide',
}

/** Layers that let their input pass but in training: the network computes the same without them. */
const passing = new Set(
  [
    'ActivityRegularization AlphaDropout Identity',
    'AugMix CutMix MixUp RandAugment RandomColorDegeneration RandomColorJitter RandomElasticTransform RandomGaussianBlur',
    'RandomGrayscale RandomHeight RandomHue RandomInvert RandomPerspective RandomPosterization RandomSaturation RandomSharpness',
    'RandomShear RandomWidth',
  ].flatMap(names => names.split(' ')),
)

/** Options without any effect on numbers: names, types, seeds, how the layer was stored. */
const idle =
  /^(name|trainable|dtype|seed|batch_input_shape|batch_shape|batch_size|input_shape|input_dtype|sparse|ragged|autocast|synchronized|renorm_clipping|renorm_momentum|quantization_config|implementation|fused|virtual_batch_size|adjustment|data_format|fill_mode|fill_value|value_range)$/
/** Options that change training alone, and Fovea does not have. */
const trainingAlone = /^(.*_constraint|activity_regularizer|noise_shape|renorm|lora_rank|lora_alpha)$/

/** The class as it is called here; undefined where Fovea has no such layer. */
export function knownClass(className: string): string | undefined {
  const name = Object.hasOwn(otherNames, className) ? otherNames[className]! : className
  return Object.hasOwn(rows, name) || passing.has(name) ? name : undefined
}

/** `title` is what messages call the layer: `Conv2D "stem"`. The class must be a known one. */
export function readLayer(layer: KerasLayer, title: string, era: KerasEra): ReadLayer {
  const type = knownClass(layer.className)!
  if (passing.has(type)) return { notes: passedOver(type, title), problems: [] }
  const notes: string[] = []
  const problems: string[] = []
  const config = optionsOf(layer.config, rows[type]!, title, { notes, problems }, era)
  const read = { type, config: adjusted(type, config) }
  if (problems.length > 0) return { notes, problems }
  const refused = refusalOf(read)
  if (refused.length === 0) return { layer: read, notes, problems }
  // What augments lets pictures pass: Keras has more kinds of it.
  if (type.startsWith('Random') && type !== 'RandomCrop') return { notes: passedOver(type, title), problems: [] }
  return { notes, problems: refused.map(each => `${title}: ${each}`) }
}

const passedOver = (type: string, title: string): readonly string[] =>
  type === 'Identity' ? [] : [`${title} is left out: it works in training alone, and Fovea does not have it.`]

interface Findings {
  readonly notes: string[]
  readonly problems: string[]
}

function optionsOf(given: JsonRecord, row: Row, title: string, found: Findings, era: KerasEra): JsonRecord {
  const names = namesOf(row)
  const options: Record<string, Json> = {}
  for (const [option, json] of Object.entries(given)) {
    const isOurs = names.has(option)
    const value = optionValue(json)
    if (isOurs) {
      const own = toCamel(names.get(option) ?? option)
      const kept = keptValue(option, value, title, found, era)
      if (kept !== undefined) options[own] = kept
    } else if (row.unused && Object.hasOwn(row.unused, option)) {
      const unused = row.unused[option]!
      if (unused.length > 0 && !unused.includes(single(value)))
        found.problems.push(`${title} has ${option} = ${show(value)}, which Fovea does not have`)
    } else if (trainingAlone.test(option)) {
      if (value !== null && value !== false)
        found.notes.push(`${title} was trained with ${option} = ${show(value)}, which Fovea does not have.`)
    } else if (!idle.test(option)) {
      if (value === null || value === false) found.notes.push(`${title} says ${option} = ${value}, which is left out.`)
      else found.problems.push(`${title} has ${option} = ${show(value)}, which Fovea does not have`)
    }
  }
  noteType(given, title, found)
  return options
}

/** Keras's name of an option → Fovea's, in Keras's words. */
const namesOf = ({ options }: Row): ReadonlyMap<string, string> =>
  new Map(
    options.split(' ').map(option => {
      const [theirs = '', ours = theirs] = option.split('=')
      return [theirs, ours]
    }),
  )

/** A list of one is what is in it, a list of nothing is nothing. */
const single = (value: Json): Json => (Array.isArray(value) && value.length < 2 ? (value[0] ?? null) : value)

/** What starts or penalises weights changes no output of a trained network. */
function keptValue(option: string, value: Json, title: string, found: Findings, era: KerasEra): Json | undefined {
  const check = option.endsWith('_initializer')
    ? initializerConfig
    : option.endsWith('_regularizer') && value !== null
      ? regularizerConfig
      : undefined
  if (check) {
    try {
      return check(value) as unknown as Json
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      found.notes.push(`${title} has ${option} = ${show(value)}, which Fovea does not have and leaves out.`)
      return undefined
    }
  }
  if (option !== 'activation') return value
  if (era === 'keras2' && /^hard_?sigmoid$/i.test(String(value))) return { type: 'hardSigmoid', alpha: 0.2, beta: 0.5 }
  return value ?? 'linear'
}

const noteType = (given: JsonRecord, title: string, { notes }: Findings): void => {
  const dtype = member(given, 'dtype')
  const named = member(member(dtype, 'config'), 'name')
  const policy = typeof dtype === 'string' ? dtype : typeof named === 'string' ? named : 'float32'
  if (/float16|bfloat16|float64/.test(policy)) notes.push(`${title} computed in ${policy}; Fovea computes in float32.`)
}

/** What Keras keeps in another form. */
function adjusted(type: string, config: JsonRecord): JsonRecord {
  const { axis } = config
  // One axis may stand in a list.
  if (Array.isArray(axis) && axis.length === 1 && type !== 'LayerNormalization') return { ...config, axis: axis[0]! }
  if (type !== 'Normalization') return config
  // Numbers learned by `adapt` are in the weights, and come to the place that is held here.
  return { ...config, mean: flat(config['mean'], 0), variance: flat(config['variance'], 1) }
}

/** Numbers in lists of lists, one for each channel. */
function flat(json: Json | undefined, otherwise: number): Json {
  if (typeof json === 'number') return json
  return Array.isArray(json) ? json.flat(8) : otherwise
}

/** What Fovea's own layer says of these options. */
function refusalOf({ type, config }: FoveaLayer): readonly string[] {
  try {
    layerFromConfig({ type, config })
    return []
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return error.problems.map(({ what, expected, received }) =>
      [what.replace(/\.$/, ''), expected && `expected ${expected}`, received && `received ${received}`]
        .filter(part => part !== undefined && part !== '')
        .join('; '),
    )
  }
}

/** By the version that wrote a file: `2.15.0`, `3.10.0`, `tfjs-layers 4.22.0`. */
export const eraOf = (version: string): KerasEra => (version.startsWith('3') ? 'keras3' : 'keras2')
