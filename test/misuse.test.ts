/**
 * Misuse of every option, generated: each option of each factory and method, given a value of every kind that it is not. Such a value
 * must be refused with a UserError that names the option; a crash inside, or a training with it, is a fault. A factory is one line:
 * all its options with values that it takes.
 */
import { describe, expect, test } from 'vitest'
import { place, tiny } from '../src/classifier/tiny-classifier.testing.ts'
import * as vocabulary from '../src/classifier/vocabulary.ts'
import { generateShapes } from '../src/data/shapes.ts'
import { splitValidation } from '../src/data/split.ts'
import { occlusion } from '../src/explain/occlusion.ts'
import { pictureGrid } from '../src/explain/picture-grid.ts'
import * as explain from '../src/explain/vocabulary.ts'
import { layerFactories } from '../src/layers/registry.ts'
import { modelFromConfig, modelToConfig } from '../src/model/config.ts'
import { lossRules } from '../src/model/loss-formulas.ts'
import { lossFromConfig } from '../src/model/losses.ts'
import { metricFromConfig } from '../src/model/metric-states.ts'
import { zooModel } from '../src/model/zoo/zoo.ts'
import { optimizerFromConfig } from '../src/optimizer/factories.ts'
import { scheduleFromConfig } from '../src/optimizer/schedules.ts'
import { parseSpec } from '../src/preprocess/spec.ts'
import { callbacksOf } from '../src/train/recipes/recipe-callbacks.ts'
import { recipeFromJson } from '../src/train/recipes/recipe-json.ts'
import { recipe } from '../src/train/recipes/recipes.ts'
import { classes, points } from '../src/train/tiny.testing.ts'

const words = 'constructor toString __proto__ hasOwnProperty valueOf'.split(' ')
const never: readonly unknown[] = [
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1e308,
  [],
  {},
  [null],
  [Number.NaN],
  [[]],
  { constructor: 1 },
  '',
  ' ',
  '1',
  ...words,
  true,
  5n,
  Symbol('s'),
  () => 0,
  new Date(0),
  new Map(),
  new Float32Array(2),
]

type Options = Readonly<Record<string, unknown>>
interface Subject {
  readonly make: (options: never) => unknown
  readonly options: Options
  /** What an option takes besides values like the given one. */
  readonly takes?: Readonly<Record<string, readonly unknown[]>>
}

const isWord = (value: unknown): boolean => typeof value === 'string'

/** Whether a value is of the kind that an option of this value takes, or one that it is known to take too. */
function mayFit(value: unknown, given: unknown, also: readonly unknown[] = []): boolean {
  if (also.includes(value) || (isWord(value) && value !== '' && also.includes('any text'))) return true
  if (also.includes('any list') && Array.isArray(value)) return true
  if (also.includes('any record') && typeof value === 'object' && value !== null) return true
  if (also.includes('empty list') && Array.isArray(value) && value.length === 0) return true
  if (also.includes('empty record') && Object.keys(Object(value)).length === 0 && String(value) === '[object Object]')
    return true
  if (typeof given === 'boolean') return typeof value === 'boolean'
  return typeof given === 'function' && typeof value === 'function'
}

const common = { name: 'a', trainable: true }
const named: Subject['takes'] = { name: ['any text', ''], axis: [] }
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

const layers: Readonly<Record<keyof typeof layerFactories, Options>> = {
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
  RandomAffine: {},
  RandomCrop: { ...size, dataFormat: 'channelsLast' },
  RandomErasing: { factor: 1, scale: 0.5, fillValue: 0, valueRange: [0, 255], dataFormat: 'channelsLast' },
  RandomFlip: { mode: 'horizontal', dataFormat: 'channelsLast' },
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
  UpSampling2D: { size: 2, interpolation: 'nearest', dataFormat: 'channelsLast' },
  ZeroPadding2D: { padding: 1, dataFormat: 'channelsLast' },
}
/** Options of layers that may be null, and lists that may be empty. */
const layerTakes: Subject['takes'] = {
  ...named,
  ...Object.fromEntries(
    'biasRegularizer kernelRegularizer depthwiseRegularizer pointwiseRegularizer alphaRegularizer betaRegularizer gammaRegularizer activation fillValue maxValue widthFactor heightFactor'
      .split(' ')
      .map(name => [name, [null]]),
  ),
  strides: [null],
  sharedAxes: [null, 'empty list'],
  axis: ['empty list'],
  dims: ['empty list'],
  targetShape: ['empty list'],
}

const everyOptimizer = {
  learningRate: 0.1,
  decay: 0.1,
  weightDecay: 0.1,
  clipnorm: 1,
  useEma: true,
  emaMomentum: 0.9,
  emaOverwriteFrequency: 3,
  gradientAccumulationSteps: 2,
  lossScaleFactor: 2,
}
const optional = Object.fromEntries(
  'weightDecay clipnorm clipvalue globalClipnorm emaOverwriteFrequency gradientAccumulationSteps lossScaleFactor rmsRate'
    .split(' ')
    .map(name => [name, [null]]),
)
const moments = { beta1: 0.9, beta2: 0.9, epsilon: 0.1 }
const optimizers: Readonly<Record<string, Options>> = {
  sgd: { momentum: 0.9, nesterov: true },
  rmsprop: { rho: 0.9, momentum: 0.9, epsilon: 0.1, centered: true },
  adam: { ...moments, amsgrad: true },
  adamw: { ...moments, amsgrad: true },
  adamax: moments,
  nadam: moments,
  adagrad: { initialAccumulatorValue: 0.1, epsilon: 0.1 },
  adadelta: { rho: 0.9, epsilon: 0.1 },
  lion: { beta1: 0.9, beta2: 0.9 },
  muon: {
    momentum: 0.9,
    nesterov: true,
    nsSteps: 5,
    rmsRate: 0.2,
    adamBeta1: 0.9,
    adamBeta2: 0.9,
    adamLrRatio: 1,
    adamWeightDecay: 0.1,
    epsilon: 0.1,
    convolutions: true,
    excludeLayers: ['a'],
  },
}

const decay = { initialLearningRate: 0.1, decaySteps: 10 }
const schedules: Readonly<Record<string, Options>> = {
  exponentialDecay: { ...decay, decayRate: 0.5, staircase: true },
  piecewiseConstantDecay: { boundaries: [3], values: [1, 2] },
  polynomialDecay: { ...decay, endLearningRate: 0.1, power: 2, cycle: true },
  inverseTimeDecay: { ...decay, decayRate: 0.5, staircase: true },
  cosineDecay: { ...decay, alpha: 0.1, warmupTarget: 0.2, warmupSteps: 5 },
  cosineDecayRestarts: { initialLearningRate: 0.1, firstDecaySteps: 10, tMul: 2, mMul: 1, alpha: 0 },
  oneCycle: { maxLearningRate: 0.1, totalSteps: 10, warmupFraction: 0.3, divFactor: 25, finalDivFactor: 100 },
}

const lossOptions: Options = {
  fromLogits: true,
  labelSmoothing: 0.1,
  ignoreClass: 3,
  alpha: 0.5,
  gamma: 2,
  applyClassBalancing: true,
  q: 0.5,
  delta: 1,
  axis: [1],
}
const losses = Object.fromEntries(
  Object.entries(lossRules).map(([type, { options }]) => [
    type,
    Object.fromEntries(Object.keys(options).map(name => [name, lossOptions[name]])),
  ]),
)

const metrics: Readonly<Record<string, Options>> = {
  BinaryAccuracy: { threshold: 0.5 },
  TopKCategoricalAccuracy: { k: 3 },
  SparseTopKCategoricalAccuracy: { k: 3, fromSortedIds: true },
  Precision: { thresholds: 0.5, topK: 1, classId: 0 },
  SensitivityAtSpecificity: { specificity: 0.5, numThresholds: 10, classId: 0 },
  AUC: {
    numThresholds: 10,
    curve: 'ROC',
    summationMethod: 'majoring',
    thresholds: [0.5],
    multiLabel: true,
    numLabels: 2,
    labelWeights: [1],
    fromLogits: true,
  },
  FBetaScore: { average: 'micro', beta: 1, threshold: 0.5 },
}

const watching = { monitor: 'loss', mode: 'min', verbose: 1 }
const takesWatching = { monitor: ['any text'], verbose: [true], baseline: [null], initialValueThreshold: [null] }
const stopping = { ...watching, minDelta: 0.1, patience: 3, baseline: 0.1, restoreBestWeights: true, startFromEpoch: 1 }
const plateau = { ...watching, factor: 0.5, patience: 3, minDelta: 0.1, cooldown: 1, minLr: 0.1 }
const anyOf = vocabulary as unknown as Readonly<Record<string, (options: never) => unknown>>

const subjects: Readonly<Record<string, Subject>> = {
  ...Object.fromEntries(
    Object.entries(layers).map(([type, options]) => [
      type,
      {
        make: layerFactories[type as keyof typeof layerFactories],
        options: { ...common, ...options },
        takes: layerTakes,
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(optimizers).map(([name, options]) => [
      name,
      {
        make: anyOf[name]!,
        options: { ...everyOptimizer, ...options },
        takes: { ...optional, excludeLayers: ['empty list'] },
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(schedules).map(([name, options]) => [
      name,
      { make: anyOf[name]!, options, takes: { warmupTarget: [null] } },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(losses).map(([type, options]) => [
      `loss ${type}`,
      { make: (given: never) => lossFromConfig(type, given), options, takes: { ignoreClass: [null], axis: [null] } },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(metrics).map(([type, options]) => [
      `metric ${type}`,
      {
        make: (given: never) => metricFromConfig(type, given),
        options,
        takes: Object.fromEntries(
          'thresholds topK classId numLabels labelWeights average threshold'
            .split(' ')
            .map(name => [name, [null, ...(type === 'AUC' && name === 'thresholds' ? ['empty list'] : [])]]),
        ),
      },
    ]),
  ),
  earlyStopping: { make: vocabulary.earlyStopping, options: stopping, takes: takesWatching },
  reduceLROnPlateau: { make: vocabulary.reduceLROnPlateau, options: plateau, takes: takesWatching },
  modelCheckpoint: {
    make: vocabulary.modelCheckpoint,
    options: { filepath: 'a', ...watching, saveBestOnly: true, initialValueThreshold: 1 },
    takes: { ...takesWatching, filepath: ['any text'] },
  },
  tensorBoard: {
    make: vocabulary.tensorBoard,
    options: { logDir: 'a', updateFreq: 'batch', pictures: {} },
    takes: { logDir: ['any text'], pictures: ['empty record'] },
  },
  csvLogger: {
    make: (options: never) => vocabulary.csvLogger('a.csv', options),
    options: { separator: ';', append: true },
    takes: { separator: [' '] },
  },
  learningRateScheduler: {
    make: (options: never) => vocabulary.learningRateScheduler(() => 1, options),
    options: { verbose: 1 },
    takes: { verbose: [true] },
  },
  'EarlyStopping of a recipe': { make: ofRecipe('EarlyStopping'), options: stopping, takes: takesWatching },
  'ReduceLROnPlateau of a recipe': { make: ofRecipe('ReduceLROnPlateau'), options: plateau, takes: takesWatching },
  topKCategoricalAccuracy: {
    make: vocabulary.topKCategoricalAccuracy,
    options: { k: 2, name: 'a' },
    takes: { name: ['any text'] },
  },
  binaryAccuracy: {
    make: vocabulary.binaryAccuracy,
    options: { threshold: 0.5, name: 'a' },
    takes: { name: ['any text'] },
  },
  l1: { make: vocabulary.l1, options: { l1: 0.1 } },
  l2: { make: vocabulary.l2, options: { l2: 0.1 } },
  l1l2: { make: vocabulary.l1l2, options: { l1: 0.1, l2: 0.1 } },
  input: { make: vocabulary.input, options: { shape: [2], name: 'a' }, takes: { name: ['any text'] } },
  generateShapes: { make: generateShapes, options: { seed: 1, train: 1, test: 1 } },
  splitValidation: {
    make: (options: never) =>
      splitValidation({ images: new Uint8Array(9), labels: new Uint8Array(9), count: 9 }, options),
    options: { count: 3, kind: 'seeded', seed: 1 },
  },
  zoo: { make: options => zooModel('mnist-mlp').build(options), options: { classes: 2, inputShape: [4, 4, 1] } },
  pictureGrid: {
    make: options => pictureGrid([{ width: 1, height: 1, channels: 1, data: new Uint8Array(1) }], options),
    options: { columns: 1, scale: 1, most: 4 },
  },
  filterPlane: {
    make: options =>
      explain.filterPlane(
        explain.planeFrom(3, 3, () => 1),
        explain.planeFrom(1, 1, () => 1),
        options,
      ),
    options: { stride: 1, padding: 1 },
  },
  occlusion: {
    make: options => occlusion(opened as never, new Float32Array(4), 0, options),
    options: { patch: 1, stride: 1 },
  },
  sequential: {
    make: options => place().sequential([], options),
    options: { name: 'a', seed: 1 },
    takes: { name: ['any text'] },
  },
  compile: {
    make: options => tiny().model.compile(options),
    options: { optimizer: 'sgd', loss: 'mse', metrics: ['mae'], lossWeights: [1], threads: 1, numerics: 'fast' },
    takes: { metrics: ['empty list', 'empty record'], lossWeights: ['empty record'] },
  },
  fit: {
    make: options => tiny().model.fit(points, classes, options),
    options: {
      batchSize: 4,
      epochs: 1,
      initialEpoch: 0,
      shuffle: true,
      dropRemainder: true,
      seed: 1,
      validationSplit: 0.5,
      classWeight: { 0: 1 },
      sampleWeight: new Float32Array(13),
      callbacks: [],
      onEvent: () => {},
      verbose: 0,
      signal: new AbortController().signal,
      checkpoint: 'a.ckpt',
    },
    takes: { checkpoint: ['any text'], callbacks: ['empty list'], classWeight: ['empty record'] },
  },
  predict: { make: options => tiny().model.predict(points, options), options: { batchSize: 3 } },
  evaluate: {
    make: options => tiny().model.evaluate(points, classes, options),
    options: { batchSize: 3, sampleWeight: new Float32Array(13) },
  },
  trainOnBatch: {
    make: options => tiny().model.trainOnBatch(points, classes, options),
    options: { sampleWeight: new Float32Array(13), classWeight: { 0: 1 } },
    takes: { classWeight: ['empty record'] },
  },
  'a preprocessing specification': {
    make: parseSpec,
    options: { shape: [4, 4, 1], channels: 'grey', resize: 'none', digit: { box: 2 }, pad: 0 },
  },
  'a recipe': {
    make: recipeFromJson,
    options: { ...recipe('cifar10-cnn-optimized') },
    takes: {
      name: ['any text'],
      title: ['any text', ' '],
      dataset: ['any text', ' '],
      model: ['any text', 'any record'],
      loss: ['any text', ' '],
      learningRateByEpoch: ['empty list'],
      callbacks: ['empty list'],
    },
  },
  'a model configuration': {
    make: modelFromConfig,
    options: { ...modelToConfig(zooModel('resnet20').build()) },
    takes: { name: ['any text', ' '] },
  },
}

function ofRecipe(type: string) {
  return (config: never) => callbacksOf({ ...recipe('mnist-cnn'), callbacks: [{ type, config }] })
}

/** A model that finds both classes as probable, whatever the picture. */
const opened = {
  classes: 2,
  batch: 1,
  model: { inputs: [{ shape: [2, 2, 1] }] },
  predict: async (pictures: readonly unknown[]) => pictures.map(() => Float64Array.of(0.5, 0.5)),
}

/** What a call ends with: nothing, or the error. */
async function outcomeOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
    return undefined
  } catch (error) {
    return error
  }
}

describe.each(Object.entries(subjects))('%s', (_, { make, options, takes = {} }) => {
  test('takes all its options', async () => {
    expect(await outcomeOf(() => make(options as never))).toBeUndefined()
  })

  test('refuses what an option cannot be', async () => {
    const faults: string[] = []
    for (const name of Object.keys(options)) {
      for (const value of never) {
        if (mayFit(value, options[name], takes[name])) continue
        const error = await outcomeOf(() => make({ ...options, [name]: value } as never))
        const said = error instanceof Error ? `${error.name}: ${error.message}` : 'taken'
        if (!said.startsWith('UserError'))
          faults.push(`${name} = ${typeof value} ${print(value)}: ${said.slice(0, 120)}`)
      }
    }
    expect(faults).toEqual([])
  })

  test('refuses what is no option, and what is no record', async () => {
    for (const name of [...words, 'Verbose', 'learning-rate']) {
      // An own property, as JSON.parse makes it.
      const given = Object.fromEntries([[name, 1]])
      expect(`${await outcomeOf(() => make({ ...options, ...given } as never))}`, name).toMatch(
        /^UserError: [\s\S]*has no (option|field)/,
      )
    }
    for (const value of [null, 3, 'a', new Map(), () => 0, Symbol('s')]) {
      // A penalty's factor may be given alone.
      if (value === 3 && options['l1'] !== options['l2']) continue
      expect(`${await outcomeOf(() => make(value as never))}`, String(value)).toMatch(/^UserError/)
    }
  })
})

function print(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    return value.constructor?.name === 'Object' || Array.isArray(value) ? JSON.stringify(value) : value.constructor.name
  return String(value)
}

describe('names that every object has', () => {
  const config = modelToConfig(zooModel('lenet5').build())
  test.each(words)(
    '%s is no optimizer, loss, metric, schedule, callback, layer, activation, initializer or network',
    word => {
      const calls = [
        () => tiny().model.compile({ optimizer: word, loss: 'mse' }),
        () => tiny().model.compile({ optimizer: 'sgd', loss: word }),
        () => tiny().model.compile({ optimizer: 'sgd', loss: 'mse', metrics: [word] }),
        () => optimizerFromConfig(word),
        () => optimizerFromConfig('sgd', { learningRate: { type: word } }),
        () => scheduleFromConfig(word, {}),
        () => lossFromConfig(word),
        () => metricFromConfig(word),
        () => zooModel(word),
        () => recipe(word),
        () => callbacksOf({ ...recipe('mnist-cnn'), callbacks: [{ type: word, config: {} }] }),
        () => modelFromConfig({ ...config, layers: [{ ...config.layers[0], type: word }] }),
        () => vocabulary.dense({ units: 2, activation: word as never }),
        () => vocabulary.dense({ units: 2, activation: { type: 'relu', [word]: 1 } as never }),
        () => vocabulary.dense({ units: 2, kernelInitializer: word as never }),
        () => vocabulary.dense({ units: 2, kernelInitializer: { type: 'Constant', [word]: 1 } as never }),
        () => vocabulary.dense({ units: 2, kernelRegularizer: word as never }),
        () => explain.namedKernel(word as never),
      ]
      for (const call of calls) {
        let error: unknown
        try {
          call()
        } catch (thrown) {
          error = thrown
        }
        if (word === '__proto__' && /\[word\]/.test(String(call))) continue
        expect(`${error}`, String(call)).toMatch(/^UserError/)
      }
    },
  )
})
