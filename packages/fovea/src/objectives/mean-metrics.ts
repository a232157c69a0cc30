/**
 * Metrics that are means of one value per sample: accuracy in its forms, top-k, and every loss. `compile` computes them inside the step;
 * the same formulas, evaluated in double precision over batches of predictions, serve weighted metrics and calls without a model.
 */
import type { Json } from '../base/json.ts'
import { boolean, type Fields, number as numberField, optional, parse, record, whole } from '../base/schema.ts'
import { createGraph, type Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { evaluateGraph } from '../graph/oracle/evaluate.ts'
import { type LossType, lossRules, oneHot } from './loss-formulas.ts'
import { makeLoss } from './losses.ts'
import {
  broadcastTo,
  labelsLike,
  type MetricFormula,
  type MetricValues,
  matchRanks,
  meanFrom,
} from './metric-values.ts'

type Options = Readonly<Record<string, Json>>
type NodeFormula = (graph: Graph, target: Node, prediction: Node) => Node
type ValuesFormula = (target: MetricValues, prediction: MetricValues) => MetricValues

export interface MeanMetric {
  readonly config: Options
  /** One value per sample, [N]: the mean over all other axes. */
  readonly perSample: NodeFormula
  readonly formula: MetricFormula
}

interface MeanRule {
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

const categorical: MeanRule['values'] = (graph, target, prediction) =>
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

export const meanRules = {
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
} as const satisfies Readonly<Record<string, MeanRule>>

/** Every class whose metric is such a mean. */
export const meanTypes: readonly string[] = [...Object.keys(meanRules), ...Object.keys(lossRules)]

/** The mean metric of a Keras class. Throws UserError for options that it does not have. */
export function meanMetric(type: string, given: Options): MeanMetric {
  const rule: MeanRule | undefined = (meanRules as Readonly<Record<string, MeanRule>>)[type]
  const { config, values } = rule ? ruleMetric(type, rule, given) : lossMetric(type as LossType, given)
  const dense = (!rule && lossRules[type as LossType].target === 'dense') || type === 'BinaryAccuracy'
  const perElement = evaluated(values)
  return {
    config,
    perSample: (graph, target, prediction) => {
      const all = values(graph, target, prediction)
      return graph.mean(all, all.shape.map((_, axis) => axis).slice(1))
    },
    formula: meanOf(dense ? withEqualRanks(perElement) : perElement, {
      ignoreClass: (config['ignoreClass'] ?? null) as number | null,
    }),
  }
}

function ruleMetric(type: string, rule: MeanRule, given: Options) {
  const config = parse(record(rule.options), given, `Metric ${type}`) as Options
  const values: NodeFormula = (graph, target, prediction) => rule.values(graph, target, prediction, config)
  return { config, values }
}

/** Keras's metric of cosine similarity is the similarity itself, its loss the negative. */
function lossMetric(type: LossType, given: Options) {
  const { config, values: loss, target: form } = makeLoss(type, given)
  const sign = type === 'CosineSimilarity' ? -1 : 1
  const labels = form === 'sparse' ? classOf : denseLabels
  const values: NodeFormula = (graph, target, prediction) =>
    graph.mul(loss(graph, labels(graph, target, prediction), prediction), sign)
  return { config, values }
}

/** A formula of the step's graph on values at hand, in double precision. */
export function evaluated(values: NodeFormula): ValuesFormula {
  return (target, prediction) => {
    const graph = createGraph(1)
    const [y, p] = [graph.input('target', target.shape), graph.input('prediction', prediction.shape)]
    const node = values(graph, y, p)
    const step = { batch: 1, inputs: [y, p], states: [], updates: [], outputs: [{ name: 'values', node }] }
    const inputs = { target: target.data, prediction: prediction.data }
    return { shape: node.shape, data: evaluateGraph(step, { inputs, states: {} }).outputs['values']! }
  }
}

/** Targets [N] of binary predictions [N, 1], and the like. */
const withEqualRanks =
  (formula: ValuesFormula): ValuesFormula =>
  (target, prediction) => {
    const [y, p] = matchRanks(target, prediction)
    return formula(y, p)
  }

interface MeanOptions {
  readonly finish?: ((mean: number) => number) | undefined
  /** Samples of this class have no weight, where weights are given (as in Keras; without them they count as 0). */
  readonly ignoreClass?: number | null | undefined
}

/** Kept are Σ w v and Σ w. */
export function meanOf(values: ValuesFormula, { finish, ignoreClass = null }: MeanOptions = {}): MetricFormula {
  return {
    size: () => 2,
    add(sums, target, prediction, sampleWeight) {
      const weights = sampleWeight && ignoreClass !== null ? without(ignoreClass, target, sampleWeight) : sampleWeight
      const [sum, weight] = weightedSums(values(target, prediction), weights)
      sums[0] = sums[0]! + sum
      sums[1] = sums[1]! + weight
    },
    result(sums) {
      const mean = sums[1] === 0 ? 0 : sums[0]! / sums[1]!
      return finish ? finish(mean) : mean
    },
  }
}

/** Σ w v and Σ w over the samples, with Keras's way of broadcasting weights. */
export function weightedSums(given: MetricValues, sampleWeight?: MetricValues): readonly [sum: number, weight: number] {
  if (sampleWeight === undefined) {
    const perSample = meanFrom(given, 1)
    return [total(perSample), perSample.data.length]
  }
  const [values, weight] = matchRanks(given, sampleWeight)
  const rank = weight.shape.length
  const reduced = values.shape.length > rank ? meanFrom(values, rank) : values
  const { shape } = reduced
  const weights = broadcastTo(weight, shape)
  const data = weights.map((w, index) => w * reduced.data[index]!)
  return [total(meanFrom({ shape, data }, 1)), total(meanFrom({ shape, data: weights }, 1))]
}

const total = ({ data }: MetricValues): number => Array.from(data).reduce((sum, value) => sum + value, 0)

function without(ignoreClass: number, target: MetricValues, sampleWeight: MetricValues): MetricValues {
  const weights = broadcastTo(matchRanks(sampleWeight, target)[0], target.shape)
  return {
    shape: target.shape,
    data: weights.map((weight, index) => (target.data[index] === ignoreClass ? 0 : weight)),
  }
}

const perElement = (of: (target: number, prediction: number) => number): ValuesFormula => {
  return (target, prediction) => {
    const { shape, data } = prediction
    const labels = labelsLike(prediction, target).data
    return { shape, data: Float64Array.from(data, (value, index) => of(labels[index]!, value)) }
  }
}

/** Means that are not computed in the step. */
export const otherMeans = {
  /** Keras's class of this name compares elements; the word 'accuracy' in `compile` chooses among the others. */
  Accuracy: { options: {}, make: () => meanOf(perElement((target, value) => (target === value ? 1 : 0))) },
  RootMeanSquaredError: {
    options: {},
    make: () =>
      meanOf(
        perElement((target, value) => (value - target) ** 2),
        { finish: Math.sqrt },
      ),
  },
} as const
