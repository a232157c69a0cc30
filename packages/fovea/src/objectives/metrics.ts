/**
 * The metrics there are, and how they are chosen: by name, by Keras's class and configuration, by factory. One interface for all:
 * `update` adds a batch of labels and predictions, `result` tells, `reset` begins anew. What is a mean of one value per sample is
 * computed inside the step when a model is compiled with it; everything else is computed from the predictions of the steps.
 */

import { camelCase, camelConfig, lookUp, namedType } from '../base/choice-by-name.ts'
import { UserError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import { type Fields, isPlainRecord, jsonRecord, optional, parse, record, text } from '../base/schema.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import { show } from '../base/show.ts'
import { areaMetrics } from './area-metrics.ts'
import { classMetrics } from './class-metrics.ts'
import { confusionMetrics } from './confusion-metrics.ts'
import { fScoreMetrics } from './f-score.ts'
import { type LossType, lossRules } from './loss-formulas.ts'
import { lossAliases, lossType } from './losses.ts'
import { evaluated, type MeanMetric, meanMetric, meanOf, meanRules, meanTypes, otherMeans } from './mean-metrics.ts'
import type { MetricFormula, MetricResult, MetricRule, MetricValues } from './metric-values.ts'

type Options = Readonly<Record<string, Json>>

/** A metric with its options. */
export interface Metric {
  /** Keras's class name. */
  readonly type: string
  /** Under which it is reported: `accuracy`. */
  readonly name: string
  readonly config: Options
  readonly formula: MetricFormula
  /** Of a mean that is computed inside the step: one value per sample, [N]. */
  readonly perSample?: MeanMetric['perSample'] | undefined
  /** Adds a batch, samples first. Labels may be class numbers; weights broadcast to the predictions. */
  update(target: MetricValues, prediction: MetricValues, sampleWeight?: MetricValues): void
  /** One number, one for each threshold or class, or a matrix. */
  result(): MetricResult
  reset(): void
}

/** Computed from predictions. */
const predictionRules = { ...confusionMetrics, ...areaMetrics, ...fScoreMetrics, ...classMetrics, ...otherMeans }

const allRules = { ...meanRules, ...predictionRules }

export type MetricType = keyof typeof meanRules | LossType | keyof typeof predictionRules
/** A metric by its name, such as `'accuracy'`. */
export type MetricName =
  | Uncapitalize<Exclude<MetricType, 'AUC'>>
  | ('auc' | 'acc' | 'mse' | 'mae' | 'rmse' | 'f1' | 'crossentropy' | 'ce')
/** A class with its configuration, as a recipe holds it. */
export interface MetricClass {
  readonly type: string
  readonly config?: Options | undefined
}
export type MetricChoice = MetricName | Metric | MetricClass

const types: readonly string[] = [...new Set([...meanTypes, ...Object.keys(predictionRules)])]
const aliases: Readonly<Record<string, MetricType>> = {
  acc: 'Accuracy',
  topk: 'TopKCategoricalAccuracy',
  rmse: 'RootMeanSquaredError',
  f1: 'F1Score',
  fbeta: 'FBetaScore',
  ece: 'CalibrationError',
}
const classAliases: Readonly<Record<string, string>> = { ...lossAliases, ...aliases, logcosherror: 'LogCosh' }

/**
 * The metric of this name, reported under the name as it was asked for (Keras's rule: `acc` gives `acc`), of this class, or the given
 * one. `units`: of the output's last axis. Throws UserError with the nearest name.
 */
export function metric(choice: MetricChoice | (string & {}), units?: number): Metric {
  if (typeof choice === 'string') return ofName(choice, units)
  if (isPlainRecord(choice)) {
    const given: { readonly [K in keyof Metric]?: Metric[K] | undefined } = choice
    if (given.formula !== undefined) return choice as Metric
    // A formula of one's own for the step.
    if (typeof given.perSample === 'function' && typeof given.name === 'string') {
      const { name, perSample } = given
      return stateful({ type: given.type ?? name, name, config: {}, perSample, formula: meanOf(evaluated(perSample)) })
    }
    if (typeof given.type === 'string') return metricFromConfig(given.type, given.config)
  }
  throw new UserError({
    what: 'This metric cannot be used.',
    expected: "a name like 'accuracy', a metric like precision({thresholds: 0.4}), or {type: 'Precision', config: {…}}",
    received: show(choice),
  })
}

function ofName(name: string, units: number | undefined): Metric {
  const type = lossType('metric', name, types, units, classAliases)
  return meanTypes.includes(type) ? ofMean(type, {}, name) : ofRule(type, {}, name)
}

/** A metric by its class name in any spelling and a snake-case or camel-case configuration. Throws UserError for unknown ones. */
export function metricFromConfig(className: string, config: Options = {}): Metric {
  const type = lookUp('metric', className, types, classAliases)
  const owner = `Metric ${className}`
  const { name, dtype: _, ...given } = camelConfig(owner, parse(jsonRecord, config, owner))
  const reported = name == null ? camelCase(type) : parse(text, name, `The name of metric ${type}`)
  if (Object.hasOwn(predictionRules, type)) return ofRule(type, given, reported)
  if (given['axis'] === -1) delete given['axis']
  return ofMean(type, given, reported)
}

function ofMean(type: string, given: Options, name: string): Metric {
  return stateful({ type, name, ...meanMetric(type, given) })
}

function ofRule(type: string, given: Options, name: string): Metric {
  const rule: MetricRule = predictionRules[type as keyof typeof predictionRules]
  const config = parse(record(rule.options), given, `Metric ${type}`) as Options
  return stateful({ type, name, config, formula: rule.make(config) })
}

/** A metric with sums of its own, for calls without a model; training keeps its sums itself. */
function stateful<M extends Omit<Metric, 'update' | 'result' | 'reset'>>(metric: M): M & Metric {
  const { formula } = metric
  let sums: Float64Array | undefined
  return {
    ...metric,
    update(target, prediction, sampleWeight) {
      checkValues('labels', target)
      checkValues('predictions', prediction)
      if (sampleWeight) checkValues('sample weights', sampleWeight)
      formula.check?.(prediction.shape)
      sums ??= new Float64Array(formula.size(prediction.shape))
      formula.add(sums, target, prediction, sampleWeight)
    },
    result: () => formula.result(sums ?? new Float64Array(formula.size([0, 1]))),
    reset() {
      sums = undefined
    },
  }
}

function checkValues(what: string, given: MetricValues): void {
  const { shape, data }: Partial<MetricValues> = Object(given)
  if (Array.isArray(shape) && data !== undefined && data.length === sizeOf(shape as Shape)) return
  throw new UserError({
    what: `The ${what} of a metric cannot be used.`,
    expected: '{shape, data}, samples first, with as many values as the shape says',
    received: show(given),
  })
}

/** Whether two names mean one metric: `acc` and `accuracy`, `mse` and `mean_squared_error`. */
export function sameMetric(one: string, other: string): boolean {
  const [a, b] = [one, other].map(name => namedType(name, types, classAliases))
  return a !== undefined && a === b
}

/** Which values of a metric are better; undefined for a formula of one's own, which only its name could tell. */
export function directionOf({ type }: Metric): 'min' | 'max' | undefined {
  if (!types.includes(type)) return undefined
  if (type === 'CosineSimilarity') return 'max'
  return Object.hasOwn(lossRules, type) || smallerIsBetter.includes(type) ? 'min' : 'max'
}

const smallerIsBetter: readonly string[] = [
  'FalsePositives',
  'FalseNegatives',
  'CalibrationError',
  'RootMeanSquaredError',
] satisfies readonly MetricType[]

/**
 * What a result is logged as: a number under the metric's name; of a list each value (`name_0` …) and their mean under the name, as Keras
 * prints it; of a matrix each value (`name_0_1`: row 0, column 1).
 */
export function metricLogs(name: string, result: MetricResult): Record<string, number> {
  if (typeof result === 'number') return { [name]: result }
  const rows = result.map(row => (typeof row === 'number' ? [row] : row))
  const isMatrix = result.some(row => typeof row !== 'number')
  const values = rows.flatMap((row, at) =>
    row.map((value, column) => [`${name}_${at}${isMatrix ? `_${column}` : ''}`, value] as const),
  )
  const mean = values.reduce((sum, [, value]) => sum + value, 0) / values.length
  return { ...(!isMatrix && { [name]: mean }), ...Object.fromEntries(values) }
}

/** The logs without the values of lists and matrices: what a person reads at a glance. */
export function mainLogs(names: readonly string[]): string[] {
  const isThere = new Set(names)
  return names.filter(name => {
    const list = /^(.+)_\d+$/.exec(name)?.[1]
    const matrix = /^(.+)_\d+_\d+$/.exec(name)?.[1]
    const isListed = list !== undefined && isThere.has(list) && isThere.has(`${list}_0`)
    return !isListed && !(matrix !== undefined && isThere.has(`${matrix}_0_0`))
  })
}

/** What a factory makes: the metric of a class with options and, if wanted, a name of its own. Throws UserError for options that it does not have. */
export function namedMetric(type: MetricType, options: { readonly name?: string | undefined }): Metric {
  const fields: Fields = (allRules as Readonly<Record<string, { readonly options: Fields }>>)[type]!.options
  const { name, ...given } = parse(record({ ...fields, name: optional(text) }), options, `Metric ${type}`)
  const reported = (name as string | undefined) ?? camelCase(type)
  return Object.hasOwn(predictionRules, type)
    ? ofRule(type, given as Options, reported)
    : ofMean(type, given as Options, reported)
}
