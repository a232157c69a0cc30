import { describe, expect, it } from 'vitest'
import { createGraph } from '../builder.ts'
import type { Node, StepGraph } from '../node.ts'
import { evaluateGraph } from './evaluate.ts'
import { erf, erfc } from './evaluate-elementwise.ts'

const noPadding = { top: 0, bottom: 0, left: 0, right: 0 }

function step(batch: number, inputs: StepGraph['inputs'], node: Node): StepGraph {
  return { batch, inputs, states: [], updates: [], outputs: [{ name: 'y', node }] }
}

describe('evaluate', () => {
  it('convolves the worked example of the specification', () => {
    const graph = createGraph(1)
    const x = graph.input('x', [1, 5, 5, 1], { batched: true })
    const filter = graph.input('filter', [3, 3, 1, 1])
    const y = graph.conv2d(x, filter, { strides: [1, 1], padding: noPadding, dilation: [1, 1], groups: 1 })
    const picture = [3, 3, 2, 1, 0, 0, 0, 1, 3, 1, 3, 1, 2, 2, 3, 2, 0, 0, 2, 2, 2, 0, 0, 0, 1]
    const result = evaluateGraph(step(1, [x, filter], y), {
      inputs: { x: picture, filter: [0, 1, 2, 2, 2, 0, 0, 1, 2] },
      states: {},
    })
    expect([...result.outputs['y']!]).toEqual([12, 12, 17, 10, 17, 19, 9, 6, 14])
  })

  it('pools the worked example of the specification', () => {
    const graph = createGraph(1)
    const x = graph.input('x', [1, 4, 4, 1], { batched: true })
    const y = graph.maxPool2d(x, { size: [2, 2], strides: [2, 2], padding: noPadding })
    const result = evaluateGraph(step(1, [x], y), {
      inputs: { x: [1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4] },
      states: {},
    })
    expect([...result.outputs['y']!]).toEqual([6, 8, 3, 4])
  })

  it('counts only the real rows, whatever the others hold', () => {
    const graph = createGraph(4)
    const x = graph.input('x', [4, 2], { batched: true })
    const y = graph.mean(x, [0])
    const result = evaluateGraph(step(4, [x], y), {
      inputs: { x: [1, 2, 3, 6, Number.NaN, 9, 9, 9] },
      states: {},
      n: 2,
    })
    expect([...result.outputs['y']!]).toEqual([2, 4])
  })

  it('lets every update read the old values', () => {
    const graph = createGraph(1)
    const a = graph.state('a', [1])
    const b = graph.state('b', [1])
    const swap: StepGraph = {
      batch: 1,
      inputs: [],
      states: [a, b],
      updates: [
        { state: a, value: b },
        { state: b, value: a },
      ],
      outputs: [],
    }
    const { updates } = evaluateGraph(swap, { inputs: {}, states: { a: [1], b: [2] } })
    expect(updates).toEqual({ a: Float64Array.of(2), b: Float64Array.of(1) })
  })

  it('repeats rows of a constant table that has one row per batch place', () => {
    const graph = createGraph(3)
    const x = graph.input('x', [3, 2], { batched: true })
    const y = graph.add(x, graph.iota([3, 1], 0))
    const result = evaluateGraph(step(3, [x], y), { inputs: { x: [0, 0, 0, 0, 0, 0] }, states: {}, n: 2 })
    expect([...result.outputs['y']!]).toEqual([0, 0, 1, 1])
  })

  it('refuses missing values and a row count out of range', () => {
    const graph = createGraph(2)
    const x = graph.input('x', [2, 2], { batched: true })
    const y = step(2, [x], graph.unary('neg', x))
    expect(() => evaluateGraph(y, { inputs: {}, states: {} })).toThrow("input 'x'")
    expect(() => evaluateGraph(y, { inputs: { x: [1, 2, 3, 4] }, states: {}, n: 3 })).toThrow('from 1 to 2')
  })

  it('rounds every node when asked to, and keeps every value when asked to', () => {
    const graph = createGraph(1)
    const x = graph.input('x', [1])
    const y = graph.unary('sqrt', x)
    const result = evaluateGraph(
      step(1, [x], y),
      { inputs: { x: [2] }, states: {} },
      { round: Math.fround, keepValues: true },
    )
    expect(result.outputs['y']![0]).toBe(Math.fround(Math.SQRT2))
    expect(result.values.get(x)![0]).toBe(2)
  })

  it('rounds no integers: random numbers are the same', () => {
    const graph = createGraph(1)
    const key = graph.input('key', [2], { dtype: 'i32' })
    const graphStep = step(1, [key], graph.randomUniform(key, [1, 64], true))
    const feed = { inputs: { key: [123_456_789, -987_654_321] }, states: {} }
    const exact = evaluateGraph(graphStep, feed).outputs['y']!
    const rounded = evaluateGraph(graphStep, feed, { round: Math.fround }).outputs['y']!
    expect(rounded).toEqual(exact.map(Math.fround))
  })
})

/** x, erf(x), erfc(x) to the nearest double (mpmath 1.3, 30 digits). */
const errorFunction = [
  [0.1, 0.1124629160182849, 0.887537083981715],
  [0.49, 0.511668261188523, 0.4883317388114769],
  [0.5, 0.5204998778130465, 0.4795001221869535],
  [1, 0.8427007929497149, 0.15729920705028513],
  [1.9, 0.9927904292352575, 0.0072095707647425325],
  [2, 0.9953222650189527, 0.004677734981047266],
  [3, 0.9999779095030014, 2.209049699858544e-5],
  [5, 0.9999999999984626, 1.537459794428035e-12],
  [-1.5, -0.9661051464753108, 1.9661051464753108],
  [10, 1.0, 2.088487583762545e-45],
]

describe('erf and erfc', () => {
  it.each(errorFunction)('at %d agree with the exact values', (x, exactErf, exactErfc) => {
    expect(Math.abs(erf(x!) / exactErf! - 1)).toBeLessThan(4e-15)
    expect(Math.abs(erfc(x!) / exactErfc! - 1)).toBeLessThan(2e-14)
  })
})
