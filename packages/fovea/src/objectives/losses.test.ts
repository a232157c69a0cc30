import { describe, expect, it } from 'vitest'
import { createGraph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { evaluateGraph } from '../graph/oracle/evaluate.ts'
import {
  categoricalCrossentropy,
  customLoss,
  type Loss,
  loss,
  lossFromConfig,
  reduceLoss,
  sparseCategoricalCrossentropy,
  targetOf,
} from './losses.ts'

/** Values per sample of a loss on a batch of rows; `head` turns the fed numbers into the prediction node. */
function perSample(
  chosen: Loss,
  target: readonly number[],
  rows: readonly (readonly number[])[],
  head: 'softmax' | 'sigmoid' | 'none' = 'none',
): number[] {
  const [n, classes] = [rows.length, rows[0]!.length]
  const graph = createGraph(n)
  const sparse = chosen.target === 'sparse'
  const y = graph.input('y', sparse ? [n] : [n, classes], { batched: true, dtype: sparse ? 'i32' : 'f32' })
  const x = graph.input('x', [n, classes], { batched: true })
  const heads = { softmax: () => graph.softmax(x), sigmoid: () => graph.unary('sigmoid', x), none: (): Node => x }
  const node = chosen.perSample(graph, y, heads[head]())
  const step = { batch: n, inputs: [x, y], states: [], updates: [], outputs: [{ name: 'l', node }] }
  return Array.from(evaluateGraph(step, { inputs: { y: target, x: rows.flat() }, states: {} }).outputs['l']!)
}

describe('cross-entropy', () => {
  const logits = [
    [1, 2, 3],
    [0, 0, 0],
  ]
  const softmax = logits.map(row => {
    const powers = row.map(Math.exp)
    const sum = powers.reduce((a, b) => a + b)
    return powers.map(power => power / sum)
  })
  const expected = [-Math.log(softmax[0]![2]!), Math.log(3)]

  it('is the same from logits, from a softmax node, from probabilities, and from class numbers', () => {
    const oneHot = [0, 0, 1, 1, 0, 0]
    const results = [
      perSample(categoricalCrossentropy({ fromLogits: true }), oneHot, logits),
      perSample(categoricalCrossentropy(), oneHot, logits, 'softmax'),
      perSample(categoricalCrossentropy(), oneHot, softmax),
      perSample(sparseCategoricalCrossentropy(), [2, 0], logits, 'softmax'),
      perSample(sparseCategoricalCrossentropy(), [2, 0], softmax),
    ]
    for (const result of results) {
      expect(result[0]).toBeCloseTo(expected[0]!, 12)
      expect(result[1]).toBeCloseTo(expected[1]!, 12)
    }
  })

  it('is exact for a softmax that saturates, and 1e-7-clipped for probabilities', () => {
    expect(perSample(categoricalCrossentropy(), [1, 0], [[-1000, 1000]], 'softmax')[0]).toBe(2000)
    expect(perSample(categoricalCrossentropy(), [1, 0], [[0, 1]])[0]).toBeCloseTo(-Math.log(1e-7), 9)
  })

  it('smooths labels: 1 − s and s spread over all classes', () => {
    const smooth = perSample(categoricalCrossentropy({ labelSmoothing: 0.3 }), [0, 0, 1], [softmax[0]!])[0]!
    const direct = [0.1, 0.1, 0.8].reduce((sum, y, k) => sum - y * Math.log(softmax[0]![k]!), 0)
    expect(smooth).toBeCloseTo(direct, 12)
    expect(perSample(sparseCategoricalCrossentropy({ labelSmoothing: 0.3 }), [2], [softmax[0]!])[0]).toBeCloseTo(
      direct,
      12,
    )
  })

  it('ignores a class', () => {
    const [first, second] = perSample(sparseCategoricalCrossentropy({ ignoreClass: 0 }), [2, 0], softmax)
    expect(first).toBeCloseTo(expected[0]!, 12)
    expect(second).toBe(0)
  })

  it('of a sigmoid goes back to its logits', () => {
    const binary = loss('binaryCrossentropy')
    const [value] = perSample(binary, [1, 0], [[-800, 0]], 'sigmoid')
    expect(value).toBeCloseTo((800 + Math.log(2)) / 2, 9)
  })
})

it('reduces as Keras does', () => {
  const graph = createGraph(4)
  const values = graph.input('v', [4], { batched: true })
  const weights = graph.input('w', [4], { batched: true })
  const at = (node: Node) =>
    Array.from(
      evaluateGraph(
        { batch: 4, inputs: [values, weights], states: [], updates: [], outputs: [{ name: 'o', node }] },
        { inputs: { v: [1, 2, 99, 99], w: [3, 0.5, 99, 99] }, states: {}, n: 2 },
      ).outputs['o']!,
    )
  expect(at(reduceLoss(graph, values, weights, 'sumOverBatchSize'))).toEqual([2])
  expect(at(reduceLoss(graph, values, weights, 'sum'))).toEqual([4])
  expect(at(reduceLoss(graph, values, weights, 'mean'))).toEqual([4 / 3.5])
  expect(at(reduceLoss(graph, values, weights, 'none'))).toEqual([3, 1])
  expect(at(reduceLoss(graph, values, undefined, 'sumOverBatchSize'))).toEqual([1.5])
})

describe('choosing', () => {
  it('takes all spellings', () => {
    const names = ['meanSquaredError', 'MeanSquaredError', 'mean_squared_error', 'mse', 'MSE']
    expect(names.map(name => loss(name).type)).toEqual(names.map(() => 'MeanSquaredError'))
    expect(loss('KLDivergence').name).toBe('klDivergence')
  })

  it('reads Keras configurations and says what it does not know', () => {
    const found = lossFromConfig('CategoricalCrossentropy', { label_smoothing: 0.1, axis: -1, reduction: 'sum' })
    expect(found.config['labelSmoothing']).toBe(0.1)
    expect(found.reduction).toBe('sum')
    expect(() => lossFromConfig('Huber', { detla: 2 })).toThrow('did you mean "delta"?')
    expect(() => lossFromConfig('Huber', { delta: 'two' })).toThrow('a number above 0')
    expect(() => lossFromConfig('Huber', { reduction: 'median' })).toThrow('unknown reduction')
  })

  it('says what the host must feed', () => {
    expect(targetOf(loss('sparseCategoricalCrossentropy'), [10])).toEqual({ shape: [], dtype: 'i32' })
    const rows = { shape: [10], dtype: 'f32' }
    expect(targetOf(loss('categoricalCrossentropy'), [10])).toEqual({ ...rows, probabilities: true })
    expect(targetOf(loss('meanSquaredError'), [10])).toEqual({ ...rows, probabilities: false })
  })

  it('takes a loss of your own', () => {
    const cubes = customLoss('cubes', (graph, y, p) => {
      const d = graph.sub(p, y)
      return graph.sum(graph.mul(d, graph.unary('square', d)), [1])
    })
    expect(perSample(cubes, [1, 1], [[3, 2]])).toEqual([9])
  })
})
