/**
 * Metrics recorded from Keras 3, through `compile`, `fit` and `evaluate`: a network that gives what it is fed is fed the recorded
 * predictions in batches of two, and the epoch must log what Keras measured.
 */
import { expect, test } from 'vitest'
import { place } from '../../packages/fovea/src/api/tiny-classifier.testing.ts'
import type { JsonRecord } from '../../packages/fovea/src/base/json.ts'
import { type Shape, sizeOf } from '../../packages/fovea/src/base/shape.ts'
import { activation } from '../../packages/fovea/src/layers/activation-layers.ts'
import { broadcastTo } from '../../packages/fovea/src/objectives/metric-values.ts'
import { attempt, expectOnlyListed } from './bench.testing.ts'
import { disagreement, missing, numbers, readCases, type Tensor, type Tolerance } from './case-files.testing.ts'
import { allowed, currentDevice, onEveryDevice } from './devices.testing.ts'

interface Update {
  readonly y_true: Tensor
  readonly y_pred: Tensor
  readonly sample_weight?: Tensor | null
}
interface Case {
  readonly cls: string
  readonly config: JsonRecord
  readonly updates: readonly Update[]
  readonly expected: Tensor
  readonly tol: Tolerance
}

interface Samples {
  readonly x: { readonly shape: Shape; readonly data: Float32Array }
  readonly y: { readonly shape: Shape; readonly data: Float32Array }
  readonly weights?: readonly number[]
}

/** Every decision counts alone: a case with a weight for each of them is one with as many samples. */
const ofDecisions =
  /^(Accuracy|BinaryAccuracy|Precision|Recall|AUC|True.*|False.*|.*At(Precision|Recall|Specificity|Sensitivity))$/

/** All updates one after the other, a sample a row. */
function samplesOf({ cls, config, updates }: Case): Samples {
  const ranked = config['top_k'] != null
  const parts = updates.map(({ y_true, y_pred, sample_weight }) => {
    const [y, p] = [numbers(y_true), numbers(y_pred)]
    const weightSize = sample_weight ? sample_weight.data.length : 0
    const weights = sample_weight && { shape: sample_weight.shape, data: numbers(sample_weight) }
    if (y_pred.shape.length === 1) {
      const shape = ranked ? [1, p.length] : [p.length, 1]
      const each = weights && Array.from(broadcastTo(weights, [p.length]))
      return { shape, labels: shape, y, p, weights: ranked ? each?.slice(0, 1) : each }
    }
    const rows = y_pred.shape[0]!
    const isPerRow = weightSize === rows && weights?.shape[0] === rows
    if (!weights || isPerRow) {
      const target = y.length === p.length ? y_pred.shape : [rows, ...y_pred.shape.slice(1, -1)]
      return { shape: y_pred.shape, labels: target, y, p, weights: weights?.data }
    }
    if (ranked || config['class_id'] != null || config['multi_label'] === true || !ofDecisions.test(cls)) {
      throw new Error('a weight for each value of a row')
    }
    const shape = [p.length, 1]
    return { shape, labels: shape, y, p, weights: Array.from(broadcastTo(weights, y_pred.shape)) }
  })
  const count = parts.reduce((sum, { shape }) => sum + shape[0]!, 0)
  const all = (key: 'y' | 'p') => Float32Array.from(parts.flatMap(part => part[key]))
  const weights = parts.flatMap(part => part.weights ?? [])
  return {
    x: { shape: [count, ...parts[0]!.shape.slice(1)], data: all('p') },
    y: { shape: [count, ...parts[0]!.labels.slice(1)], data: all('y') },
    ...(weights.length > 0 && { weights }),
  }
}

async function runMetric(one: Case): Promise<string | undefined> {
  const { cls, config, expected, tol } = one
  const { x, y, weights } = samplesOf(one)
  const model = place().sequential([activation({ activation: 'linear', inputShape: x.shape.slice(1) })])
  const isSparse = sizeOf(y.shape) < sizeOf(x.shape)
  const metrics = [{ type: cls, config: { ...config, name: 'measured' } }]
  model.compile({
    optimizer: 'sgd',
    loss: isSparse ? 'sparseCategoricalCrossentropy' : 'meanSquaredError',
    device: currentDevice(),
    ...(weights ? { weightedMetrics: metrics } : { metrics }),
  })
  try {
    const weighting = weights ? { sampleWeight: weights } : {}
    const { history } = await model.fit(x, y, { ...weighting, batchSize: 2, verbose: 0 })
    const trained = Object.fromEntries(Object.entries(history).map(([name, [value]]) => [name, value!]))
    const scores = await model.evaluate(x, y, { ...weighting, batchSize: 2 })
    for (const logs of [trained, scores]) {
      const values = Object.keys(logs).filter(name => name.startsWith('measured'))
      const listed = values.length > 1 ? values.slice(1) : values
      const wrong = disagreement(
        listed.map(name => logs[name]!),
        numbers(expected),
        allowed(tol),
      )
      if (wrong) return wrong
    }
    return undefined
  } finally {
    await model.dispose()
  }
}

const source = 'keras-golden/metric'
onEveryDevice('metrics of Keras 3 in compile', missing(`${source}.json`), () => {
  test('training and evaluation log what Keras measured', async () => {
    const cases = readCases<Case>(`${source}.json`)
    const attempts = await attempt(cases, ({ cls }, index) => `${index} ${cls}`, runMetric)
    expect(attempts.length).toBe(cases.length)
    expectOnlyListed(`${source}-in-compile`, attempts)
  })
})
