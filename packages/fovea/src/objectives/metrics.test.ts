import { describe, expect, it } from 'vitest'
import { createGraph } from '../graph/builder.ts'
import { evaluateGraph } from '../graph/oracle/evaluate.ts'
import {
  calibrationError,
  classScores,
  confusionMatrix,
  predictedClasses,
  topKAccuracy,
} from './classification-report.ts'
import { topKCategoricalAccuracy } from './metric-factories.ts'
import { type Metric, metric, metricFromConfig } from './metrics.ts'

function perSample(chosen: Metric, target: readonly (readonly number[])[] | readonly number[], rows: number[][]) {
  const n = rows.length
  const graph = createGraph(n)
  const sparse = typeof target[0] === 'number'
  const width = sparse ? [] : [(target[0] as readonly number[]).length]
  const y = graph.input('y', [n, ...width], { batched: true, dtype: sparse ? 'i32' : 'f32' })
  const p = graph.input('p', [n, rows[0]!.length], { batched: true })
  const outputs = [{ name: 'm', node: chosen.perSample!(graph, y, p) }]
  const inputs = { y: target.flat() as number[], p: rows.flat() }
  return Array.from(
    evaluateGraph({ batch: n, inputs: [y, p], states: [], updates: [], outputs }, { inputs, states: {} }).outputs['m']!,
  )
}

describe('in the step', () => {
  const rows = [
    [0.1, 0.6, 0.3],
    [0.5, 0.2, 0.3],
  ]

  it("'accuracy' follows the target: class numbers, one-hot rows, or one unit", () => {
    expect(perSample(metric('accuracy'), [1, 2], rows)).toEqual([1, 0])
    expect(
      perSample(
        metric('accuracy'),
        [
          [0, 0, 1],
          [1, 0, 0],
        ],
        rows,
      ),
    ).toEqual([0, 1])
    expect(perSample(metric('acc'), [[1], [0]], [[0.51], [0.51]])).toEqual([1, 0])
  })

  it('top-k counts classes above the true one', () => {
    expect(perSample(topKCategoricalAccuracy({ k: 2 }), [2, 1], rows)).toEqual([1, 0])
    expect(topKCategoricalAccuracy({ name: 'top2', k: 2 }).name).toBe('top2')
  })

  it('every loss is a metric, cosine similarity with its own sign', () => {
    expect(perSample(metric('mae'), [[1, 1]], [[3, 2]])).toEqual([1.5])
    expect(perSample(metric('cosineSimilarity'), [[1, 0]], [[5, 0]])[0]).toBeCloseTo(1, 12)
  })
})

describe('over predictions', () => {
  const column = (data: number[]) => ({ shape: [data.length], data })

  it('precision and recall at a threshold, over several batches', () => {
    for (const [name, expected] of [
      ['Precision', 2 / 3],
      ['Recall', 2 / 4],
    ] as const) {
      const state = metricFromConfig(name)
      state.update(column([1, 1, 0]), column([0.9, 0.2, 0.8]))
      state.update(column([1, 1, 0]), column([0.7, 0.1, 0.1]))
      expect(state.result()).toBeCloseTo(expected, 12)
      state.reset()
      expect(state.result()).toBe(0)
    }
  })

  it('the area under the ROC curve is the chance that a positive ranks above a negative', () => {
    const state = metricFromConfig('AUC', { num_thresholds: 1001 })
    const target = [1, 0, 1, 0, 1, 0, 0]
    const scores = [0.9, 0.8, 0.7, 0.35, 0.4, 0.2, 0.1]
    state.update(column(target), column(scores))
    const of = (label: number) => scores.filter((_, index) => target[index] === label)
    const pairs = of(1).flatMap(positive => of(0).map(negative => positive > negative))
    expect(state.result()).toBeCloseTo(pairs.filter(above => above).length / pairs.length, 6)
  })

  it('F1 per class and averaged', () => {
    const target = { shape: [3, 2], data: [1, 0, 1, 0, 0, 1] }
    const prediction = { shape: [3, 2], data: [0.9, 0.1, 0.2, 0.8, 0.3, 0.7] }
    const each = metricFromConfig('F1Score')
    each.update(target, prediction)
    const scores = each.result() as number[]
    expect(scores[0]).toBeCloseTo(2 / 3, 6)
    expect(scores[1]).toBeCloseTo(2 / 3, 6)
    const micro = metricFromConfig('F1Score', { average: 'micro' })
    micro.update(target, prediction)
    expect(micro.result()).toBeCloseTo(2 / 3, 6)
  })

  it('says what it does not know', () => {
    expect(() => metricFromConfig('Precison')).toThrow("Did you mean 'precision'?")
    expect(() => metricFromConfig('AUC', { curv: 'ROC' })).toThrow('did you mean "curve"?')
  })
})

describe('report on a classifier', () => {
  const labels = [0, 0, 1, 1, 2]
  const probabilities = [0.8, 0.1, 0.1, 0.3, 0.6, 0.1, 0.2, 0.7, 0.1, 0.1, 0.5, 0.4, 0.1, 0.5, 0.4]

  it('counts confusions and scores each class', () => {
    const predicted = predictedClasses(probabilities, 3)
    expect(Array.from(predicted)).toEqual([0, 1, 1, 1, 1])
    const matrix = confusionMatrix(labels, predicted, 3)
    expect(matrix).toEqual([
      [1, 1, 0],
      [0, 2, 0],
      [0, 1, 0],
    ])
    const { classes, macro, weighted } = classScores(matrix)
    expect(classes[0]).toEqual({ precision: 1, recall: 0.5, f1: 2 / 3, support: 2 })
    expect(classes[1]).toEqual({ precision: 0.5, recall: 1, f1: 2 / 3, support: 2 })
    expect(classes[2]).toEqual({ precision: 0, recall: 0, f1: 0, support: 1 })
    expect(macro.precision).toBeCloseTo((1 + 0.5 + 0) / 3, 12)
    expect(weighted.precision).toBeCloseTo((2 * 1 + 2 * 0.5 + 0) / 5, 12)
    expect(weighted.support).toBe(5)
    expect(() => confusionMatrix([3], [0], 3)).toThrow('class out of range')
    expect(() => confusionMatrix([1, 2], [0], 3)).toThrow('not as many predictions')
  })

  it('top-k', () => {
    expect(topKAccuracy(labels, probabilities, 3, 1)).toBe(3 / 5)
    expect(topKAccuracy(labels, probabilities, 3, 2)).toBe(1)
    // The true class is the third and the first of its row.
    expect([1, 2, 3].map(k => topKAccuracy([3, 0], [0.5, 0, 0.3, 0.2, 0.7, 0.1, 0.1, 0.1], 4, k))).toEqual([
      0.5, 0.5, 1,
    ])
  })

  it('measures how far confidence is from accuracy', () => {
    // Bins of 0.5: [0.5, 0.5] below, [0.8, 0.6, 0.7] above.
    const { error, bins } = calibrationError(labels, probabilities, 3, 2)
    expect(bins.map(({ from, to, count }) => [from, to, count])).toEqual([
      [0, 0.5, 2],
      [0.5, 1, 3],
    ])
    expect(bins[0]).toMatchObject({ confidence: 0.5, accuracy: 0.5 })
    expect(error).toBeCloseTo((3 / 5) * Math.abs(2 / 3 - 0.7), 12)
  })
})
