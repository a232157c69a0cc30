/**
 * How a model was trained, as Keras 3 writes it: the compile configuration (optimizer, a loss and metrics for each output) and the
 * optimizer's variables. What Keras does not have is left out with a note: the model's answers do not need it.
 */
import { UserError } from 'fovea/internal/base/errors'
import type { Json, JsonRecord } from 'fovea/internal/base/json'
import { snakeCase } from 'fovea/internal/network/naming'
import type { OutputTraining, TrainingClass, TrainingState } from 'fovea/internal/store/model-file'
import { kerasOptimizer } from './keras-optimizer.ts'
import type { SaidNetwork } from './said-network.ts'
import type { OptimizerVariables } from './weight-groups.ts'
import { cannotSay, kerasObject, snake, snakeKeys } from './words.ts'

export interface KerasTraining {
  /** Missing where the model was not trained, or by what Keras does not have. */
  readonly compileConfig?: JsonRecord | undefined
  readonly optimizer?: OptimizerVariables | undefined
  readonly notes: readonly string[]
}

export function kerasTraining(training: TrainingState | undefined, network: SaidNetwork): KerasTraining {
  if (!training) return { notes: [] }
  try {
    const { config, variables } = kerasOptimizer(training, network)
    const losses = training.objectives.map(({ loss }) => lossOf(loss))
    const metrics = metricsOf(training.objectives)
    const compileConfig = {
      optimizer: config,
      loss: oneOrAll(losses),
      loss_weights: losses.length === 1 ? null : training.objectives.map(({ weight }) => weight),
      metrics: oneOrAll(metrics.plain),
      weighted_metrics: oneOrAll(metrics.weighted),
      run_eagerly: false,
      steps_per_execution: 1,
      jit_compile: false,
    }
    return {
      compileConfig,
      optimizer: { name: training.optimizer.type.toLowerCase(), variables },
      notes: metrics.notes,
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const reasons = error.problems.map(({ what }) => what).join(' ')
    return { notes: [`How the model was trained is not in the file, nor what its optimizer remembers: ${reasons}`] }
  }
}

const oneOrAll = (values: readonly Json[]): Json => (values.length === 1 ? values[0]! : values)

/** With the options that Keras has. */
const losses: Readonly<Record<string, readonly string[]>> = {
  BinaryCrossentropy: ['fromLogits', 'labelSmoothing'],
  BinaryFocalCrossentropy: ['fromLogits', 'labelSmoothing', 'applyClassBalancing', 'alpha', 'gamma'],
  CategoricalCrossentropy: ['fromLogits', 'labelSmoothing'],
  CategoricalFocalCrossentropy: ['fromLogits', 'labelSmoothing', 'alpha', 'gamma'],
  CategoricalGeneralizedCrossEntropy: ['q'],
  CategoricalHinge: [],
  CosineSimilarity: [],
  Dice: ['axis'],
  Hinge: [],
  Huber: ['delta'],
  KLDivergence: [],
  LogCosh: [],
  MeanAbsoluteError: [],
  MeanAbsolutePercentageError: [],
  MeanSquaredError: [],
  MeanSquaredLogarithmicError: [],
  Poisson: [],
  SparseCategoricalCrossentropy: ['fromLogits', 'ignoreClass'],
  SquaredHinge: [],
  Tversky: ['alpha', 'beta', 'axis'],
}

/** Throws UserError for a loss that Keras does not have. */
function lossOf({ type, config, reduction }: OutputTraining['loss']): Json {
  const options = optionsThere(losses, 'loss', { type, config })
  const reduced = reduction === 'mean' ? 'mean_with_sample_weight' : snake(reduction)
  return kerasObject('losses', type, { name: snakeCase(type), reduction: reduced, ...options })
}

const threshold = ['thresholds']
const metrics: Readonly<Record<string, readonly string[]>> = {
  accuracy: [],
  Accuracy: [],
  AUC: [
    'numThresholds',
    'curve',
    'summationMethod',
    'thresholds',
    'multiLabel',
    'numLabels',
    'labelWeights',
    'fromLogits',
  ],
  BinaryAccuracy: ['threshold'],
  BinaryCrossentropy: ['fromLogits', 'labelSmoothing'],
  CategoricalAccuracy: [],
  CategoricalCrossentropy: ['fromLogits', 'labelSmoothing'],
  CategoricalHinge: [],
  CosineSimilarity: [],
  F1Score: ['average', 'threshold'],
  FBetaScore: ['average', 'beta', 'threshold'],
  FalseNegatives: threshold,
  FalsePositives: threshold,
  Hinge: [],
  KLDivergence: [],
  MeanAbsoluteError: [],
  MeanAbsolutePercentageError: [],
  MeanSquaredError: [],
  MeanSquaredLogarithmicError: [],
  Poisson: [],
  Precision: ['thresholds', 'topK', 'classId'],
  PrecisionAtRecall: ['recall', 'numThresholds', 'classId'],
  Recall: ['thresholds', 'topK', 'classId'],
  RecallAtPrecision: ['precision', 'numThresholds', 'classId'],
  RootMeanSquaredError: [],
  SensitivityAtSpecificity: ['specificity', 'numThresholds', 'classId'],
  SparseCategoricalAccuracy: [],
  SparseCategoricalCrossentropy: ['fromLogits', 'ignoreClass'],
  SparseTopKCategoricalAccuracy: ['k', 'fromSortedIds'],
  SpecificityAtSensitivity: ['sensitivity', 'numThresholds', 'classId'],
  SquaredHinge: [],
  TopKCategoricalAccuracy: ['k'],
  TrueNegatives: threshold,
  TruePositives: threshold,
}

/** Of each output: those that do not count sample weights, and those that do. */
function metricsOf(objectives: readonly OutputTraining[]) {
  const notes: string[] = []
  const chosen = (weighted: boolean): Json[] =>
    objectives.map(({ loss, metrics: all }) =>
      all
        .filter(metric => metric.weighted === weighted)
        .flatMap(metric => {
          try {
            return [metricOf(metric, loss)]
          } catch (error) {
            if (!(error instanceof UserError)) throw error
            notes.push(`The metric ${metric.name} is left out: ${error.problems.map(({ what }) => what).join(' ')}`)
            return []
          }
        }),
    )
  return { plain: chosen(false), weighted: chosen(true), notes }
}

/** Labels are class numbers for these, and of these metrics alone Keras takes such. */
const ofClassNumbers = {
  losses: ['SparseCategoricalCrossentropy', 'CategoricalGeneralizedCrossEntropy'],
  metrics: ['accuracy', 'SparseCategoricalAccuracy', 'SparseCategoricalCrossentropy', 'SparseTopKCategoricalAccuracy'],
}

function metricOf({ type, config, name }: OutputTraining['metrics'][number], loss: TrainingClass): Json {
  if (ofClassNumbers.losses.includes(loss.type) && !ofClassNumbers.metrics.includes(type))
    throw cannotSay(
      `Keras measures ${type} of one-hot labels, and ${loss.type} has class numbers.`,
      'Use another loss.',
    )
  const options = optionsThere(metrics, 'metric', { type, config })
  return type === 'accuracy' ? type : kerasObject('metrics', type, { name: snake(name), dtype: 'float32', ...options })
}

/** Throws UserError for a class that is not there, and for an option that changes something and is not there. */
function optionsThere(
  classes: Readonly<Record<string, readonly string[]>>,
  kind: string,
  { type, config }: TrainingClass,
): JsonRecord {
  if (!Object.hasOwn(classes, type)) throw cannotSay(`Keras has no ${kind} called ${type}.`, 'Use another one.')
  const there = classes[type]!
  for (const [option, value] of Object.entries(config)) {
    if (there.includes(option) || value === null || value === 0 || value === false) continue
    throw cannotSay(`Keras's ${type} has no option ${option}.`, 'Leave it out.')
  }
  return snakeKeys(Object.fromEntries(Object.entries(config).filter(([option]) => there.includes(option))))
}
