/**
 * Metrics on the host, over any number of batches of predictions: `update` adds a batch, `result` tells. By Keras class name
 * and configuration. Means of per-sample values use the formulas of the step's graph, evaluated in double precision.
 */
import type { Json } from '../base/json.ts'
import { jsonRecord, parse, record } from '../base/schema.ts'
import { createGraph } from '../graph/builder.ts'
import { evaluate } from '../graph/evaluate.ts'
import { areaMetrics } from './area-metrics.ts'
import { camelConfig, lookUp } from './choices.ts'
import { confusionMetrics } from './confusion-metrics.ts'
import { fScoreMetrics } from './f-score.ts'
import { lossRules } from './loss-formulas.ts'
import {
  broadcastTo,
  type MetricState,
  type MetricStateRule,
  matchRanks,
  meanFrom,
  type Values,
  type ValuesState,
} from './metric-values.ts'

export type { MetricState, Values, ValuesState } from './metric-values.ts'

import { makeMetric, meanMetricTypes } from './metrics.ts'

type Formula = (target: Values, prediction: Values) => Values

/** Evaluates the values of an in-step metric. */
function graphFormula(type: string, config: Readonly<Record<string, Json>>): Formula {
  const metric = makeMetric(type, config)
  return (target, prediction) => {
    const graph = createGraph(1)
    const [y, p] = [graph.input('target', target.shape), graph.input('prediction', prediction.shape)]
    const node = metric.values(graph, y, p)
    const step = { batch: 1, inputs: [y, p], states: [], updates: [], outputs: [{ name: 'values', node }] }
    const inputs = { target: target.data, prediction: prediction.data }
    return { shape: node.shape, data: evaluate(step, { inputs, states: {} }).outputs['values']! }
  }
}

/** Σ w v and Σ w over everything seen, with Keras's way of broadcasting weights. */
export function weightedMean(total: 'mean' | 'sum' = 'mean'): ValuesState {
  let sum = 0
  let weights = 0
  return {
    update(given, sampleWeight) {
      let values = given
      let counted: Values | undefined
      if (sampleWeight !== undefined) {
        const [matched, weight] = matchRanks(given, sampleWeight)
        const rank = weight.shape.length
        const reduced = matched.shape.length > rank ? meanFrom(matched, rank) : matched
        const spread = broadcastTo(weight, reduced.shape)
        values = { shape: reduced.shape, data: spread.map((w, index) => w * reduced.data[index]!) }
        counted = meanFrom({ shape: reduced.shape, data: spread }, 1)
      }
      const perSample = total === 'sum' ? values : meanFrom(values, 1)
      for (let index = 0; index < perSample.data.length; index++) sum += perSample.data[index]!
      weights += counted === undefined ? perSample.data.length : Array.from(counted.data).reduce((a, b) => a + b, 0)
    },
    result: () => (total === 'sum' ? sum : weights === 0 ? 0 : sum / weights),
    reset() {
      sum = 0
      weights = 0
    },
  }
}

interface MeanOptions {
  readonly finish?: (mean: number) => number
  /** Samples of this class have no weight, where weights are given (as in Keras; without them they count as 0). */
  readonly ignoreClass?: number | null
}

function meanOf(formula: Formula, { finish = mean => mean, ignoreClass = null }: MeanOptions = {}): MetricState {
  const state = weightedMean()
  return {
    update(target, prediction, sampleWeight) {
      const weights = sampleWeight && ignoreClass !== null ? without(ignoreClass, target, sampleWeight) : sampleWeight
      state.update(formula(target, prediction), weights)
    },
    result: () => finish(state.result()),
    reset: state.reset,
  }
}

function without(ignoreClass: number, target: Values, sampleWeight: Values): Values {
  const weights = broadcastTo(sampleWeight, target.shape)
  return {
    shape: target.shape,
    data: weights.map((weight, index) => (target.data[index] === ignoreClass ? 0 : weight)),
  }
}

const equalElements: Formula = (target, prediction) => {
  const [y, p] = matchRanks(target, prediction)
  return { shape: y.shape, data: Float64Array.from(y.data, (value, index) => (value === p.data[index] ? 1 : 0)) }
}

const squaredErrors: Formula = (target, prediction) => {
  const [y, p] = matchRanks(target, prediction)
  return { shape: p.shape, data: Float64Array.from(p.data, (value, index) => (value - y.data[index]!) ** 2) }
}

/** Targets [N] of binary predictions [N, 1], and the like. */
const withEqualRanks =
  (formula: Formula): Formula =>
  (target, prediction) => {
    const [y, p] = matchRanks(target, prediction)
    return formula(y, p)
  }

const rules: Readonly<Record<string, MetricStateRule>> = {
  ...confusionMetrics,
  ...areaMetrics,
  ...fScoreMetrics,
  /** Keras's class of this name compares elements; the word 'accuracy' in `compile` chooses among the others. */
  Accuracy: { options: {}, make: () => meanOf(equalElements) },
  RootMeanSquaredError: { options: {}, make: () => meanOf(squaredErrors, { finish: Math.sqrt }) },
}

const aliases = { logcosherror: 'LogCosh' }

/** A metric by its class name in any spelling and a snake-case or camel-case configuration. Throws UserError for unknown ones. */
export function metricFromConfig(className: string, config: Readonly<Record<string, Json>> = {}): MetricState {
  const types = [...new Set([...Object.keys(rules), ...meanMetricTypes])]
  const type = lookUp('metric', className, types, aliases)
  const { name: _, dtype: __, ...given } = camelConfig(parse(jsonRecord, config, `Metric ${className}`))
  const rule = Object.hasOwn(rules, type) ? rules[type] : undefined
  if (rule) return rule.make(parse(record(rule.options), given, `Metric ${type}`) as Readonly<Record<string, Json>>)
  if (given['axis'] === -1) delete given['axis']
  const formula = graphFormula(type, given)
  const dense = type in lossRules && lossRules[type as keyof typeof lossRules].target === 'dense'
  const ignoreClass = (given['ignoreClass'] ?? null) as number | null
  return meanOf(dense || type === 'BinaryAccuracy' ? withEqualRanks(formula) : formula, { ignoreClass })
}
