/**
 * F-β: (1 + β²) · precision · recall / (β² precision + recall), per class or averaged (`micro`: over all decisions, `macro`: the
 * mean of the classes, `weighted`: by how often each occurs). Without a threshold the largest prediction of a row is positive.
 * Keras 3's semantics, its 1e-7 in every divisor included.
 */
import { number, oneOf, optional, orNull } from '../base/schema.ts'
import type { MetricState, MetricStateRule, Values } from './metric-values.ts'

interface Config {
  readonly average: 'micro' | 'macro' | 'weighted' | null
  readonly beta: number
  readonly threshold: number | null
}

const epsilon = 1e-7

const averaging = {
  average: orNull(oneOf(['micro', 'macro', 'weighted'])),
  threshold: orNull(number({ above: 0, most: 1 })),
}

export const fScoreMetrics: Readonly<Record<string, MetricStateRule>> = {
  FBetaScore: {
    options: { ...averaging, beta: optional(number({ above: 0 }), 1) },
    make: config => fScore(config as unknown as Config),
  },
  F1Score: {
    options: averaging,
    make: config => fScore({ ...(config as unknown as Config), beta: 1 }),
  },
}

interface ClassCounts {
  truePositives: number
  falsePositives: number
  falseNegatives: number
}

function fScore(config: Config): MetricState {
  let counts: ClassCounts[] = []
  return {
    update(target, prediction, sampleWeight) {
      const classes = prediction.shape.at(-1)!
      while (counts.length < (config.average === 'micro' ? 1 : classes)) {
        counts.push({ truePositives: 0, falsePositives: 0, falseNegatives: 0 })
      }
      const decided = decisions(prediction, config.threshold)
      for (let index = 0; index < decided.length; index++) {
        const cell = counts[config.average === 'micro' ? 0 : index % classes]!
        const weight = sampleWeight?.data[Math.floor(index / classes)] ?? 1
        const y = target.data[index]!
        const p = decided[index]!
        cell.truePositives += p * y * weight
        cell.falsePositives += p * (1 - y) * weight
        cell.falseNegatives += (1 - p) * y * weight
      }
    },
    result() {
      const scores = counts.map(cell => scoreOf(cell, config.beta))
      if (config.average === null) return scores
      const actual = counts.map(cell => cell.truePositives + cell.falseNegatives)
      const total = actual.reduce((sum, n) => sum + n, 0) + epsilon
      const weights = config.average === 'weighted' ? actual.map(n => n / total) : scores.map(() => 1 / scores.length)
      return scores.reduce((sum, score, index) => sum + score * weights[index]!, 0)
    },
    reset() {
      counts = []
    },
  }
}

/** 1 for positive: above the threshold, or the row's largest (every one of equals, but never 0). */
function decisions(prediction: Values, threshold: number | null): Float64Array {
  const classes = prediction.shape.at(-1)!
  return Float64Array.from(prediction.data, (value, index) => {
    if (threshold !== null) return Math.fround(value) > Math.fround(threshold) ? 1 : 0
    const start = index - (index % classes)
    let largest = Number.NEGATIVE_INFINITY
    for (let place = 0; place < classes; place++) largest = Math.max(largest, prediction.data[start + place]!)
    return value >= largest && Math.abs(value) > 1e-9 ? 1 : 0
  })
}

function scoreOf({ truePositives, falsePositives, falseNegatives }: ClassCounts, beta: number): number {
  const precision = truePositives / (truePositives + falsePositives + epsilon)
  const recall = truePositives / (truePositives + falseNegatives + epsilon)
  return ((1 + beta * beta) * precision * recall) / (beta * beta * precision + recall + epsilon)
}
