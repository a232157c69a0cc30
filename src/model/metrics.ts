/**
 * Metrics that are means of one value per sample, computed inside the step: accuracy in its forms, top-k, and every loss.
 * What needs all predictions at once (precision, AUC …) is in metric-states.ts.
 */
import { UserError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import { boolean, type Fields, number as numberField, optional, parse, record, text, whole } from '../base/schema.ts'
import { show } from '../base/show.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { camelCase, namedType } from './choices.ts'
import { type LossType, lossRules, oneHot } from './loss-formulas.ts'
import { lossAliases, lossType, makeLoss } from './losses.ts'

type Options = Readonly<Record<string, Json>>

export interface Metric {
  /** Keras's class name. */
  readonly type: string
  /** Under which it is reported: `accuracy`. */
  readonly name: string
  readonly config: Options
  /** One value per position (the prediction's shape without its last axis), or for binary decisions one per element. */
  values(graph: Graph, target: Node, prediction: Node): Node
  /** One value per sample, [N]: the mean of `values` over all other axes. */
  perSample(graph: Graph, target: Node, prediction: Node): Node
}

interface MetricRule {
  readonly options: Fields
  readonly values: (graph: Graph, target: Node, prediction: Node, options: Options) => Node
}

const number = (options: Options, key: string): number => options[key] as number

/** The class of each position, whether the target holds class numbers or one-hot rows. */
function classOf(graph: Graph, target: Node, prediction: Node): Node {
  if (target.shape.length === prediction.shape.length) {
    return target.shape.at(-1) === 1
      ? graph.reshape(graph.cast(target), target.shape.slice(0, -1))
      : graph.argmax(graph.cast(target))
  }
  return graph.cast(target)
}

/** 1 where fewer than k classes have a higher value than the true one. */
function inTopK(graph: Graph, classes: Node, prediction: Node, k: number): Node {
  const count = prediction.shape.at(-1)!
  const last = prediction.shape.length - 1
  const own = graph.sum(graph.mul(oneHot(graph, classes, count), prediction), [last])
  const higher = graph.binary('less', graph.reshape(own, [...own.shape, 1]), prediction)
  return graph.binary('less', graph.sum(higher, [last]), graph.constant(k))
}

/** 1 where the true class is one of the first k numbers. */
function amongFirst(graph: Graph, classes: Node, ranking: Node, k: number): Node {
  const last = ranking.shape.length - 1
  const first = graph.slice(
    ranking,
    ranking.shape.map(() => 0),
    [...ranking.shape.slice(0, -1), k],
  )
  const column = graph.reshape(graph.cast(classes), [...classes.shape, 1])
  return graph.reduceMax(graph.binary('equal', column, first), [last])
}

const categorical: MetricRule['values'] = (graph, target, prediction) =>
  graph.binary('equal', classOf(graph, target, prediction), graph.argmax(prediction))

/** One value per element of the prediction: class numbers become one-hot rows. */
function denseLabels(graph: Graph, target: Node, prediction: Node): Node {
  if (target.shape.length === prediction.shape.length) return graph.cast(target)
  const units = prediction.shape.at(-1)!
  return units === 1 ? graph.reshape(graph.cast(target), prediction.shape) : oneHot(graph, target, units)
}

const binary = (graph: Graph, target: Node, prediction: Node, threshold: number): Node => {
  const decided = graph.binary('less', graph.constant(threshold), prediction)
  return graph.binary('equal', denseLabels(graph, target, prediction), decided)
}

const metricRules = {
  /** Keras's 'accuracy': binary for one output unit, else the class with the highest value. */
  Accuracy: {
    options: {},
    values: (graph, target, prediction, options) =>
      prediction.shape.at(-1) === 1
        ? binary(graph, target, prediction, 0.5)
        : categorical(graph, target, prediction, options),
  },
  CategoricalAccuracy: { options: {}, values: categorical },
  SparseCategoricalAccuracy: { options: {}, values: categorical },
  BinaryAccuracy: {
    options: { threshold: optional(numberField({ least: 0, most: 1 }), 0.5) },
    values: (graph, target, prediction, options) => binary(graph, target, prediction, number(options, 'threshold')),
  },
  TopKCategoricalAccuracy: {
    options: { k: optional(whole(1), 5) },
    values: (graph, target, prediction, options) =>
      inTopK(graph, classOf(graph, target, prediction), prediction, number(options, 'k')),
  },
  SparseTopKCategoricalAccuracy: {
    // `fromSortedIds`: predictions are class numbers, best first.
    options: { k: optional(whole(1), 5), fromSortedIds: optional(boolean, false) },
    values: (graph, target, prediction, options) =>
      options['fromSortedIds'] === true
        ? amongFirst(graph, target, prediction, number(options, 'k'))
        : inTopK(graph, classOf(graph, target, prediction), prediction, number(options, 'k')),
  },
} as const satisfies Readonly<Record<string, MetricRule>>

export type MetricType = keyof typeof metricRules | LossType
export type MetricName = Uncapitalize<MetricType> | 'acc' | 'mse' | 'mae' | 'crossentropy' | 'ce'
export type MetricChoice = MetricName | Metric

const aliases: Readonly<Record<string, MetricType>> = { acc: 'Accuracy', topk: 'TopKCategoricalAccuracy' }

/**
 * The metric of this name, reported under the name as it was asked for (Keras's rule: `acc` gives `acc`), or the given one. `units`: of the
 * output's last axis. Throws UserError with the nearest name.
 */
export function metric(choice: MetricChoice | (string & {}), units?: number): Metric {
  if (typeof choice === 'string') {
    checkMean(choice)
    return makeMetric(lossType('metric', choice, meanMetricTypes, units, aliases), {}, choice)
  }
  if (typeof Object(choice).perSample === 'function') return choice
  throw new UserError({
    what: 'A metric is nothing that can be used.',
    expected: "a name like 'accuracy', or a metric like topKCategoricalAccuracy({k: 3})",
    received: show(choice),
  })
}

/** Whether two names mean one metric: `acc` and `accuracy`, `mse` and `mean_squared_error`. */
export function sameMetric(one: string, other: string): boolean {
  const [a, b] = [one, other].map(name => namedType(name, meanMetricTypes, { ...lossAliases, ...aliases }))
  return a !== undefined && a === b
}

/** Keras computes these in `fit` too; here they are taken from all predictions at once. */
const ofAllPredictions: Readonly<Record<string, string>> = {
  precision: 'classScores(confusionMatrix(…))',
  recall: 'classScores(confusionMatrix(…))',
  f1: 'classScores(confusionMatrix(…))',
  f1score: 'classScores(confusionMatrix(…))',
  confusionmatrix: 'confusionMatrix(…)',
  calibrationerror: 'calibrationError(…)',
}

function checkMean(name: string): void {
  const word = name.replace(/[_\s-]/g, '').toLowerCase()
  if (!Object.hasOwn(ofAllPredictions, word)) return
  throw new UserError({
    what: `'${name}' is no mean over samples, so it is not computed while training.`,
    expected: "'accuracy' and other means in compile",
    fix: `After training, take it from all predictions: ${ofAllPredictions[word]}.`,
  })
}

/** The classes whose metric is a mean of per-sample values. */
export const meanMetricTypes: readonly string[] = [...Object.keys(metricRules), ...Object.keys(lossRules)]

/** The mean metric of a Keras class. `name` is how it is reported. */
export function makeMetric(type: string, given: Options, name?: string): Metric {
  const rule: MetricRule | undefined = (metricRules as Readonly<Record<string, MetricRule>>)[type]
  const found = rule === undefined ? lossMetric(type as LossType, given) : ruleMetric(type, rule, given)
  return {
    type,
    name: name ?? camelCase(type),
    ...found,
    perSample: (graph, target, prediction) => {
      const values = found.values(graph, target, prediction)
      return graph.mean(values, values.shape.map((_, axis) => axis).slice(1))
    },
  }
}

function ruleMetric(type: string, rule: MetricRule, given: Options): Pick<Metric, 'config' | 'values'> {
  const config = parse(record(rule.options), given, `Metric ${type}`) as Options
  return { config, values: (graph, target, prediction) => rule.values(graph, target, prediction, config) }
}

/** Keras's metric of cosine similarity is the similarity itself, its loss the negative. */
function lossMetric(type: LossType, given: Options): Pick<Metric, 'config' | 'values'> {
  const { config, values, target: form } = makeLoss(type, given)
  const sign = type === 'CosineSimilarity' ? -1 : 1
  const labels = form === 'sparse' ? classOf : denseLabels
  return {
    config,
    values: (graph, target, prediction) =>
      graph.mul(values(graph, labels(graph, target, prediction), prediction), sign),
  }
}

function namedMetric(type: keyof typeof metricRules, options: { readonly name?: string }): Metric {
  const fields = { ...metricRules[type].options, name: optional(text) }
  const { name, ...given } = parse(record(fields), options, `Metric ${type}`)
  return makeMetric(type, given as Options, name)
}

/** How often the true class is among the k highest predictions. Default k 5; reported as `topKCategoricalAccuracy`. */
export const topKCategoricalAccuracy = (options: { readonly k?: number; readonly name?: string } = {}): Metric =>
  namedMetric('TopKCategoricalAccuracy', options)

/** How often prediction > threshold agrees with the 0-1 target. Default threshold 0.5. */
export const binaryAccuracy = (options: { readonly threshold?: number; readonly name?: string } = {}): Metric =>
  namedMetric('BinaryAccuracy', options)
