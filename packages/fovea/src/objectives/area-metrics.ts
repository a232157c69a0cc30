/**
 * The area under a curve drawn by moving the threshold: ROC (recall over false positive rate), PR (precision over recall) and
 * PR-gain. Riemann sums with trapezoids, lower or upper heights; PR interpolates the counts instead (Davis, Goadrich 2006), as
 * in Keras 3.
 */
import { UserError } from '../base/errors.ts'
import { exp, log } from '../base/math.ts'
import { boolean, list, number, oneOf, optional, orNull, whole } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import {
  countsPerSet,
  type DecisionCounts,
  falseNegativesOf,
  falsePositivesOf,
  precisionOf,
  recallOf,
  setsOf,
  trueNegativesOf,
  truePositivesOf,
} from './decision-counts.ts'
import { broadcastTo, type MetricFormula, type MetricRule, type MetricValues, ratio } from './metric-values.ts'
import { addAtThresholds } from './threshold-counts.ts'

const { max, min } = Math

type Curve = 'ROC' | 'PR' | 'PRGAIN'
type Summation = 'interpolation' | 'minoring' | 'majoring'

interface Config {
  readonly numThresholds: number
  readonly curve: Curve
  readonly summationMethod: Summation
  readonly thresholds: readonly number[] | null
  readonly multiLabel: boolean
  readonly numLabels: number | null
  readonly labelWeights: readonly number[] | null
  readonly fromLogits: boolean
}

export const areaMetrics = {
  AUC: {
    options: {
      numThresholds: optional(whole(2, 1e6), 200),
      curve: optional(oneOf(['ROC', 'PR', 'PRGAIN']), 'ROC'),
      summationMethod: optional(oneOf(['interpolation', 'minoring', 'majoring']), 'interpolation'),
      thresholds: orNull(list(number({ least: 0, most: 1 }), 'thresholds in 0 … 1')),
      multiLabel: optional(boolean, false),
      numLabels: orNull(whole(1)),
      labelWeights: orNull(list(number({ least: 0 }), 'weights of at least 0', { least: 1 })),
      fromLogits: optional(boolean, false),
    },
    make: config => areaUnderCurve(config as unknown as Config),
  },
} as const satisfies Readonly<Record<string, MetricRule>>

/** One set of counts for each threshold; with multiLabel so many for each label. */
function areaUnderCurve(config: Config): MetricFormula {
  const { curve, summationMethod, multiLabel, labelWeights, fromLogits } = config
  const thresholds = thresholdsOf(config.thresholds, config.numThresholds)
  const run = thresholds.length * countsPerSet
  return {
    size: shape => (multiLabel ? (shape.at(-1) ?? 1) : 1) * run,
    check: shape => checkLabels(config, shape),
    add(sums, target, prediction, sampleWeight) {
      const scores = fromLogits ? sigmoid(prediction) : prediction
      const weights = !multiLabel && labelWeights ? labelled(prediction, labelWeights, sampleWeight) : sampleWeight
      for (let label = 0; label * run < sums.length; label++) {
        const counts = sums.subarray(label * run, (label + 1) * run)
        addAtThresholds(counts, { thresholds, classId: multiLabel ? label : null }, target, scores, weights)
      }
    },
    result(sums) {
      const weights = (multiLabel && labelWeights) || Array.from({ length: sums.length / run }, () => 1)
      const areas = weights.map((_, label) =>
        areaUnder(sums.subarray(label * run, (label + 1) * run), curve, summationMethod),
      )
      return ratio(
        areas.reduce((sum, area, label) => sum + area * weights[label]!, 0),
        weights.reduce((sum, weight) => sum + weight, 0),
      )
    },
  }
}

function checkLabels({ multiLabel, numLabels, labelWeights }: Config, shape: Shape): void {
  const labels = shape.at(-1) ?? 1
  const wrong =
    multiLabel && numLabels !== null && numLabels !== labels
      ? `numLabels ${numLabels}`
      : labelWeights !== null && labelWeights.length !== labels
        ? `${labelWeights.length} labelWeights`
        : undefined
  if (wrong === undefined) return
  throw new UserError({
    what: 'Metric AUC does not fit the output.',
    expected: `${labels} labels, as many as the output has units`,
    received: wrong,
  })
}

/** From just below 0 to just above 1, so that the first one takes all and the last none. */
function thresholdsOf(given: readonly number[] | null, count: number): number[] {
  const inner =
    given === null
      ? Array.from({ length: count - 2 }, (_, index) => (index + 1) / (count - 1))
      : given.toSorted((a, b) => a - b)
  return [-1e-7, ...inner, 1 + 1e-7]
}

function sigmoid(x: MetricValues): MetricValues {
  return { shape: x.shape, data: Float64Array.from(x.data, value => 1 / (1 + exp(-value))) }
}

/** Sample weights times label weights, for every element. */
function labelled(prediction: MetricValues, labels: readonly number[], sampleWeight?: MetricValues): MetricValues {
  const rows = sampleWeight ?? { shape: [1], data: [1] }
  const column = rows.shape.length < prediction.shape.length ? { shape: [...rows.shape, 1], data: rows.data } : rows
  const weights = broadcastTo(column, prediction.shape)
  return { shape: prediction.shape, data: weights.map((weight, index) => weight * labels[index % labels.length]!) }
}

function areaUnder(counts: DecisionCounts, curve: Curve, summation: Summation): number {
  if (curve === 'PR' && summation === 'interpolation') return interpolatedPrecisionRecall(counts)
  const points = Array.from({ length: setsOf(counts) }, (_, place) => pointAt(counts, place, curve))
  let area = 0
  for (let place = 0; place + 1 < points.length; place++) {
    const [x, y] = points[place]!
    const [nextX, nextY] = points[place + 1]!
    const heights = { interpolation: (y + nextY) / 2, minoring: min(y, nextY), majoring: max(y, nextY) }
    area += (x - nextX) * heights[summation]
  }
  return area
}

function pointAt(counts: DecisionCounts, place: number, curve: Curve): readonly [x: number, y: number] {
  const [tp, fp] = [truePositivesOf(counts, place), falsePositivesOf(counts, place)]
  const [tn, fn] = [trueNegativesOf(counts, place), falseNegativesOf(counts, place)]
  if (curve === 'ROC') return [ratio(fp, fp + tn), recallOf(counts, place)]
  if (curve === 'PR') return [recallOf(counts, place), precisionOf(counts, place)]
  // Gains are 1 − P/N · wrong / right (Flach, Kull 2015); nothing right: recall gain 0, precision gain 1.
  if (tp === 0) return [0, 1]
  const scale = ratio(tp + fn, tn + fp)
  return [max(0, 1 - (scale * fn) / tp), 1 - (scale * fp) / tp]
}

/** Between two thresholds, true positives grow linearly with all positives. */
function interpolatedPrecisionRecall(counts: DecisionCounts): number {
  const positives = (place: number) => truePositivesOf(counts, place) + falsePositivesOf(counts, place)
  let area = 0
  for (let place = 0; place + 1 < setsOf(counts); place++) {
    const next = place + 1
    const gained = truePositivesOf(counts, place) - truePositivesOf(counts, next)
    const slope = ratio(gained, max(positives(place) - positives(next), 0))
    const intercept = truePositivesOf(counts, next) - slope * positives(next)
    const both = positives(place) > 0 && positives(next) > 0
    const safe = both ? positives(place) / positives(next) : 1
    const actual = max(truePositivesOf(counts, next) + falseNegativesOf(counts, next), 0)
    area += ratio(slope * (gained + intercept * log(safe)), actual)
  }
  return area
}
