/**
 * Metrics that are means of one value per sample, computed inside the step: accuracy in its forms, top-k, and every loss.
 * What needs all predictions at once (precision, AUC …) is in host-metrics.ts.
 */
import { UserError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { camelCase, checkOptions, lookUp } from './choices.ts'
import { type LossType, lossRules, oneHot } from './loss-formulas.ts'
import { type Loss, makeLoss } from './losses.ts'

type Options = Readonly<Record<string, Json>>

export interface Metric {
  /** Keras's class name. */
  readonly type: string
  /** Under which it is reported: `accuracy`. */
  readonly name: string
  readonly config: Options
  /** One value per sample, [N], from target and prediction nodes. `loss` says how the target is given. */
  perSample(graph: Graph, target: Node, prediction: Node, loss: Pick<Loss, 'target'>): Node
}

interface MetricRule {
  readonly defaults: Options
  readonly values: (graph: Graph, target: Node, prediction: Node, options: Options, loss: Pick<Loss, 'target'>) => Node
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

const categorical: MetricRule['values'] = (graph, target, prediction) =>
  graph.binary('equal', classOf(graph, target, prediction), graph.argmax(prediction))

const binary = (graph: Graph, target: Node, prediction: Node, threshold: number): Node => {
  const labels =
    target.shape.length < prediction.shape.length
      ? graph.reshape(graph.cast(target), prediction.shape)
      : graph.cast(target)
  const decided = graph.binary('less', graph.constant(threshold), prediction)
  return graph.mean(graph.binary('equal', labels, decided), [prediction.shape.length - 1])
}

const metricRules = {
  /** Keras's 'accuracy': binary for one output unit, else the class with the highest value. */
  Accuracy: {
    defaults: {},
    values: (graph, target, prediction, options, loss) =>
      prediction.shape.at(-1) === 1
        ? binary(graph, target, prediction, 0.5)
        : categorical(graph, target, prediction, options, loss),
  },
  CategoricalAccuracy: { defaults: {}, values: categorical },
  SparseCategoricalAccuracy: { defaults: {}, values: categorical },
  BinaryAccuracy: {
    defaults: { threshold: 0.5 },
    values: (graph, target, prediction, options) => binary(graph, target, prediction, number(options, 'threshold')),
  },
  TopKCategoricalAccuracy: {
    defaults: { k: 5 },
    values: (graph, target, prediction, options) =>
      inTopK(graph, classOf(graph, target, prediction), prediction, number(options, 'k')),
  },
  SparseTopKCategoricalAccuracy: {
    defaults: { k: 5 },
    values: (graph, target, prediction, options) =>
      inTopK(graph, classOf(graph, target, prediction), prediction, number(options, 'k')),
  },
} as const satisfies Readonly<Record<string, MetricRule>>

export type MetricType = keyof typeof metricRules | LossType
export type MetricName = Uncapitalize<MetricType> | 'acc' | 'mse' | 'mae'
export type MetricChoice = MetricName | Metric

const aliases: Readonly<Record<string, MetricType>> = {
  acc: 'Accuracy',
  mse: 'MeanSquaredError',
  mae: 'MeanAbsoluteError',
  topk: 'TopKCategoricalAccuracy',
}

/** The metric of this name, or the given one. Throws UserError with the nearest name. */
export function metric(choice: MetricChoice | (string & {})): Metric {
  if (typeof choice !== 'string') return choice
  return makeMetric(lookUp('metric', choice, [...Object.keys(metricRules), ...Object.keys(lossRules)], aliases), {})
}

/** The mean metric of a Keras class, or undefined when it has none (see host-metrics.ts for the others). */
export function makeMetric(type: string, given: Options, name?: string): Metric {
  const rule: MetricRule | undefined = (metricRules as Readonly<Record<string, MetricRule>>)[type]
  const reported = name ?? camelCase(type)
  if (rule === undefined) {
    const measured = makeLoss(type as LossType, given)
    // Keras's metric is the similarity itself, its loss the negative.
    const sign = type === 'CosineSimilarity' ? -1 : 1
    return {
      type,
      name: reported,
      config: measured.config,
      perSample: (graph, target, prediction) => graph.mul(measured.perSample(graph, target, prediction), sign),
    }
  }
  const config = checkOptions(`Metric ${type}`, rule.defaults, given)
  return {
    type,
    name: reported,
    config,
    perSample: (graph, target, prediction, loss) => {
      const values = rule.values(graph, target, prediction, config, loss)
      return graph.mean(values, values.shape.map((_, axis) => axis).slice(1))
    },
  }
}

/** Whether a Keras metric class is a mean of per-sample values. */
export function isMeanMetric(type: string): boolean {
  return type in metricRules || type in lossRules
}

/** How often the true class is among the k highest predictions. Default k 5; reported as `topKCategoricalAccuracy`. */
export const topKCategoricalAccuracy = (options: { readonly k?: number; readonly name?: string } = {}): Metric =>
  makeMetric('TopKCategoricalAccuracy', options.k === undefined ? {} : { k: options.k }, options.name)

/** How often prediction > threshold agrees with the 0-1 target. Default threshold 0.5. */
export const binaryAccuracy = (options: { readonly threshold?: number; readonly name?: string } = {}): Metric =>
  makeMetric('BinaryAccuracy', options.threshold === undefined ? {} : { threshold: options.threshold }, options.name)

/** Throws UserError when a loss or metric cannot work on an output of this shape (without the batch axis). */
export function checkOutput(outputName: string, shape: Shape, loss: Loss): void {
  if (shape.length > 0) return
  throw new UserError({
    what: `Output '${outputName}' cannot be trained with ${loss.name}.`,
    expected: 'at least one axis beside the batch',
    received: formatShape([-1, ...shape]),
    fix: 'End the model with a dense layer.',
  })
}
