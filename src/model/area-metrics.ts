/**
 * The area under a curve drawn by moving the threshold: ROC (recall over false positive rate), PR (precision over recall) and
 * PR-gain. Riemann sums with trapezoids, lower or upper heights; PR interpolates the counts instead (Davis, Goadrich 2006), as
 * in Keras 3.
 */
import { exp, log } from '../base/math.ts'
import { boolean, list, number, oneOf, optional, orNull, whole } from '../base/schema.ts'
import { type Counts, count, emptyCounts, precisionAt, recallAt } from './confusion-metrics.ts'
import { broadcastTo, type MetricStateRule, ratio, type Values } from './metric-values.ts'

type Curve = 'ROC' | 'PR' | 'PRGAIN'
type Summation = 'interpolation' | 'minoring' | 'majoring'

const auc: MetricStateRule = {
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
  make(config) {
    const thresholds = thresholdsOf(config['thresholds'] as readonly number[] | null, config['numThresholds'] as number)
    const curve = config['curve'] as Curve
    const summation = config['summationMethod'] as Summation
    const labelWeights = config['labelWeights'] as readonly number[] | null
    /** One set of counts, or with multiLabel one per label. */
    let counts: Counts[] = []
    return {
      update(target, prediction, sampleWeight) {
        const labels = config['multiLabel'] === true ? prediction.shape.at(-1)! : 1
        while (counts.length < labels) counts.push(emptyCounts(thresholds.length))
        const scores = config['fromLogits'] === true ? sigmoid(prediction) : prediction
        const weights = labels === 1 && labelWeights ? labelled(prediction, labelWeights, sampleWeight) : sampleWeight
        for (const [label, cell] of counts.entries()) {
          const classId = config['multiLabel'] === true ? label : null
          count(cell, { thresholds, classId }, target, scores, weights)
        }
      },
      result() {
        const areas = counts.map(cell => areaUnder(cell, thresholds.length, curve, summation))
        if (areas.length === 0) return 0
        const weights = config['multiLabel'] === true && labelWeights ? labelWeights : areas.map(() => 1)
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        return ratio(
          areas.reduce((sum, area, label) => sum + area * weights[label]!, 0),
          total,
        )
      },
      reset() {
        counts = []
      },
    }
  },
}

export const areaMetrics: Readonly<Record<string, MetricStateRule>> = { AUC: auc }

/** From just below 0 to just above 1, so that the first one takes all and the last none. */
function thresholdsOf(given: readonly number[] | null, count: number): number[] {
  const inner =
    given === null
      ? Array.from({ length: count - 2 }, (_, index) => (index + 1) / (count - 1))
      : given.toSorted((a, b) => a - b)
  return [-1e-7, ...inner, 1 + 1e-7]
}

function sigmoid(x: Values): Values {
  return { shape: x.shape, data: Float64Array.from(x.data, value => 1 / (1 + exp(-value))) }
}

/** Sample weights times label weights, for every element. */
function labelled(prediction: Values, labels: readonly number[], sampleWeight?: Values): Values {
  const rows = sampleWeight ?? { shape: [1], data: [1] }
  const column = rows.shape.length < prediction.shape.length ? { shape: [...rows.shape, 1], data: rows.data } : rows
  const weights = broadcastTo(column, prediction.shape)
  return { shape: prediction.shape, data: weights.map((weight, index) => weight * labels[index % labels.length]!) }
}

function areaUnder(counts: Counts, thresholds: number, curve: Curve, summation: Summation): number {
  if (curve === 'PR' && summation === 'interpolation') return interpolatedPrecisionRecall(counts, thresholds)
  const points = Array.from({ length: thresholds }, (_, place) => pointAt(counts, place, curve))
  let area = 0
  for (let place = 0; place + 1 < points.length; place++) {
    const [x, y] = points[place]!
    const [nextX, nextY] = points[place + 1]!
    const heights = { interpolation: (y + nextY) / 2, minoring: Math.min(y, nextY), majoring: Math.max(y, nextY) }
    area += (x - nextX) * heights[summation]
  }
  return area
}

function pointAt(counts: Counts, place: number, curve: Curve): readonly [x: number, y: number] {
  const [tp, fp] = [counts.truePositives[place]!, counts.falsePositives[place]!]
  const [tn, fn] = [counts.trueNegatives[place]!, counts.falseNegatives[place]!]
  if (curve === 'ROC') return [ratio(fp, fp + tn), recallAt(counts, place)]
  if (curve === 'PR') return [recallAt(counts, place), precisionAt(counts, place)]
  // Gains are 1 − P/N · wrong / right (Flach, Kull 2015); nothing right: recall gain 0, precision gain 1.
  if (tp === 0) return [0, 1]
  const scale = ratio(tp + fn, tn + fp)
  return [Math.max(0, 1 - (scale * fn) / tp), 1 - (scale * fp) / tp]
}

/** Between two thresholds, true positives grow linearly with all positives. */
function interpolatedPrecisionRecall(counts: Counts, thresholds: number): number {
  const { truePositives, falsePositives, falseNegatives } = counts
  const positives = (place: number) => truePositives[place]! + falsePositives[place]!
  let area = 0
  for (let place = 0; place + 1 < thresholds; place++) {
    const next = place + 1
    const gained = truePositives[place]! - truePositives[next]!
    const slope = ratio(gained, Math.max(positives(place) - positives(next), 0))
    const intercept = truePositives[next]! - slope * positives(next)
    const both = positives(place) > 0 && positives(next) > 0
    const safe = both ? positives(place) / positives(next) : 1
    const actual = Math.max(truePositives[next]! + falseNegatives[next]!, 0)
    area += ratio(slope * (gained + intercept * log(safe)), actual)
  }
  return area
}
