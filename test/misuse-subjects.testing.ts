/**
 * What the misuse suite tries: a factory or method is one line, with all its options and values that it takes.
 */
import { place, tiny } from '../packages/fovea/src/api/tiny-classifier.testing.ts'
import * as vocabulary from '../packages/fovea/src/api/vocabulary.ts'
import { parseSpec } from '../packages/fovea/src/base/preprocess-spec.ts'
import { generatedSource } from '../packages/fovea/src/data/generated-source.ts'
import { memorySource } from '../packages/fovea/src/data/memory-source.ts'
import { generateShapes } from '../packages/fovea/src/data/shapes.ts'
import { splitValidation } from '../packages/fovea/src/data/split.ts'
import { occlusion } from '../packages/fovea/src/explain/occlusion.ts'
import { pictureGrid } from '../packages/fovea/src/explain/picture-grid.ts'
import * as explain from '../packages/fovea/src/explain/vocabulary.ts'
import { layerFactories } from '../packages/fovea/src/layers/registry.ts'
import { modelFromConfig, modelToConfig } from '../packages/fovea/src/network/config.ts'
import { zooModel } from '../packages/fovea/src/network/zoo/zoo.ts'
import { lossRules } from '../packages/fovea/src/objectives/loss-formulas.ts'
import { lossFromConfig } from '../packages/fovea/src/objectives/losses.ts'
import { metricFromConfig } from '../packages/fovea/src/objectives/metrics.ts'
import { recipeFromJson } from '../packages/fovea/src/recipes/recipe-json.ts'
import { recipe } from '../packages/fovea/src/recipes/recipes.ts'
import { callbacksOf } from '../packages/fovea/src/runner/recipe-callbacks.ts'
import { classes, points } from '../packages/fovea/src/train/tiny.testing.ts'
import { common, layers, layerTakes } from './misuse-layers.testing.ts'

type Options = Readonly<Record<string, unknown>>
export interface Subject {
  readonly make: (options: never) => unknown
  readonly options: Options
  /** What an option takes besides values like the given one. */
  readonly takes?: Readonly<Record<string, readonly unknown[]>>
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
  rateFactors: { bias: 2 },
  lookaheadRate: 0.5,
}
const optional = Object.fromEntries(
  'weightDecay clipnorm clipvalue globalClipnorm emaOverwriteFrequency gradientAccumulationSteps lossScaleFactor rmsRate lookaheadSteps'
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
  oneCycle: {
    maxLearningRate: 0.1,
    totalSteps: 10,
    warmupFraction: 0.3,
    divFactor: 25,
    finalDivFactor: 100,
    anneal: 'linear',
  },
  polynomialRamp: { initialLearningRate: 0.1, endLearningRate: 0.2, rampSteps: 10, power: 3 },
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
  CalibrationError: { bins: 5 },
}
const { Precision: atThresholds, AUC: auc, FBetaScore: fBetaScore } = metrics
const best = { numThresholds: 10, classId: 0 }
const metricFactories: Readonly<Record<string, Options>> = {
  ...Object.fromEntries(
    'precision recall truePositives falsePositives trueNegatives falseNegatives'
      .split(' ')
      .map(name => [name, atThresholds!]),
  ),
  sensitivityAtSpecificity: { ...best, specificity: 0.5 },
  specificityAtSensitivity: { ...best, sensitivity: 0.5 },
  precisionAtRecall: { ...best, recall: 0.5 },
  recallAtPrecision: { ...best, precision: 0.5 },
  auc: auc!,
  f1Score: { average: 'micro', threshold: 0.5 },
  fBetaScore: fBetaScore!,
  topKCategoricalAccuracy: { k: 2 },
  sparseTopKCategoricalAccuracy: { k: 2, fromSortedIds: true },
  binaryAccuracy: { threshold: 0.5 },
}
/** Options of metrics that may be null, and lists of thresholds that may be empty. */
const metricTakes = (isArea: boolean) =>
  Object.fromEntries(
    'thresholds topK classId numLabels labelWeights average threshold'
      .split(' ')
      .map(name => [name, [null, ...(isArea && name === 'thresholds' ? ['empty list'] : [])]]),
  )

const watching = { monitor: 'loss', mode: 'min', verbose: 1 }
const takesWatching = { monitor: ['any text'], verbose: [true], baseline: [null], initialValueThreshold: [null] }
const stopping = { ...watching, minDelta: 0.1, patience: 3, baseline: 0.1, restoreBestWeights: true, startFromEpoch: 1 }
const plateau = { ...watching, factor: 0.5, patience: 3, minDelta: 0.1, cooldown: 1, minLr: 0.1 }
const anyOf = vocabulary as unknown as Readonly<Record<string, (options: never) => unknown>>

export const subjects: Readonly<Record<string, Subject>> = {
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
        takes: { ...optional, excludeLayers: ['empty list'], rateFactors: [null, 'empty record', 'named numbers'] },
      },
    ]),
  ),
  'an optimizer with Lookahead': { make: vocabulary.sgd, options: { lookaheadSteps: 5 }, takes: optional },
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
        takes: metricTakes(type === 'AUC'),
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(metricFactories).map(([name, options]) => {
      const { threshold, ...takes } = metricTakes(name === 'auc')
      return [
        name,
        {
          make: anyOf[name]!,
          options: { ...options, name: 'a' },
          takes: { ...takes, ...(name !== 'binaryAccuracy' && { threshold }), name: ['any text'] },
        },
      ]
    }),
  ),
  earlyStopping: { make: vocabulary.earlyStopping, options: stopping, takes: takesWatching },
  reduceLROnPlateau: { make: vocabulary.reduceLROnPlateau, options: plateau, takes: takesWatching },
  stochasticWeightAveraging: {
    make: vocabulary.stochasticWeightAveraging,
    options: { startEpoch: 1, every: 2, verbose: 1 },
    takes: { verbose: [true] },
  },
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
  mixup: { make: vocabulary.mixup, options: { alpha: 0.2, probability: 0.5 } },
  cutMix: { make: vocabulary.cutMix, options: { alpha: 1, probability: 0.5 } },
  l1: { make: vocabulary.l1, options: { l1: 0.1 } },
  l2: { make: vocabulary.l2, options: { l2: 0.1 } },
  l1l2: { make: vocabulary.l1l2, options: { l1: 0.1, l2: 0.1 } },
  input: { make: vocabulary.input, options: { shape: [2], name: 'a' }, takes: { name: ['any text'] } },
  generateShapes: { make: generateShapes, options: { seed: 1, train: 1, test: 1 } },
  memorySource: {
    make: memorySource,
    options: { images: new Uint8Array(8), labels: new Uint8Array(2), shape: [2, 2, 1], classNames: ['a'], count: 2 },
  },
  generatedSource: {
    make: generatedSource,
    options: { shape: [2, 2, 1], classNames: ['a'], labels: new Uint8Array(2), picture: () => new Uint8Array(4) },
  },
  splitValidation: {
    make: (options: never) =>
      splitValidation({ images: new Uint8Array(9), labels: new Uint8Array(9), count: 9 }, options),
    options: { count: 3, kind: 'seeded', seed: 1 },
  },
  zoo: { make: options => zooModel('mnist-mlp').build(options), options: { classes: 2, inputShape: [4, 4, 1] } },
  'zoo of several widths': {
    make: options => zooModel('mobilenet-v2').build(options),
    options: { classes: 2, inputShape: [32, 32, 3], alpha: 0.1 },
  },
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
    options: {
      ...{ optimizer: 'sgd', loss: 'mse', metrics: ['mae'], weightedMetrics: ['mae'] },
      ...{ lossWeights: [1], threads: 1, numerics: 'fast', mixing: vocabulary.mixup() },
    },
    takes: {
      ...{ metrics: ['empty list', 'empty record'], weightedMetrics: ['empty list', 'empty record'] },
      lossWeights: ['empty record'],
    },
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
    takes: {
      checkpoint: ['any text'],
      callbacks: ['empty list'],
      classWeight: ['empty record', 'empty list', 'map', 'numbers'],
    },
  },
  predict: { make: options => tiny().model.predict(points, options), options: { batchSize: 3 } },
  evaluate: {
    make: options => tiny().model.evaluate(points, classes, options),
    options: { batchSize: 3, sampleWeight: new Float32Array(13) },
  },
  findLearningRate: {
    make: options => tiny().model.findLearningRate(points, classes, options),
    options: {
      ...{ from: 1e-6, to: 1, steps: 10, batchSize: 4, seed: 1 },
      ...{ sampleWeight: new Float32Array(13), classWeight: { 0: 1 }, signal: new AbortController().signal },
    },
    takes: { classWeight: ['empty record', 'empty list', 'map', 'numbers'] },
  },
  trainOnBatch: {
    make: options => tiny().model.trainOnBatch(points, classes, options),
    options: { sampleWeight: new Float32Array(13), classWeight: { 0: 1 } },
    takes: { classWeight: ['empty record', 'empty list', 'map', 'numbers'] },
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
  look: async () => [],
  classes: 2,
  batch: 1,
  model: { inputs: [{ shape: [2, 2, 1] }] },
  predict: async (pictures: readonly unknown[]) => pictures.map(() => Float64Array.of(0.5, 0.5)),
}
