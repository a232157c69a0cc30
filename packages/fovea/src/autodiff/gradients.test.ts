import { describe, expect, it } from 'vitest'
import { createGraph, type Graph } from '../graph/builder.ts'
import { type Node, type NodeOf, nodesOf, type StepGraph } from '../graph/node.ts'
import { evaluateGraph } from '../graph/oracle/evaluate.ts'
import { checkGradients } from './check.ts'
import { gradients } from './gradients.ts'

const noPadding = { top: 0, bottom: 0, left: 0, right: 0 }

/** A fixed, uneven filling. */
const filled = (size: number): Float64Array =>
  Float64Array.from({ length: size }, (_, index) => Math.sin(index * 12.9898 + 1) * 1.5)

function outputsOf(batch: number, leaves: readonly Node[], nodes: readonly Node[]): StepGraph {
  return {
    batch,
    inputs: leaves.filter(leaf => leaf.kind === 'input') as NodeOf<'input'>[],
    states: leaves.filter(leaf => leaf.kind === 'state') as NodeOf<'state'>[],
    updates: [],
    outputs: nodes.map((node, index) => ({ name: String(index), node })),
  }
}

function kinds(graph: Graph, leaves: readonly Node[], nodes: readonly Node[]): string[] {
  return nodesOf(outputsOf(graph.batch, leaves, nodes)).map(node =>
    node.kind === 'unary' || node.kind === 'binary' ? node.attributes.fn : node.kind,
  )
}

describe('gradients', () => {
  it('gives softmax minus target for cross entropy over logSoftmax', () => {
    const graph = createGraph(3)
    const z = graph.input('z', [3, 4], { batched: true })
    const target = graph.input('target', [3, 4], { batched: true })
    const loss = graph.mean(graph.unary('neg', graph.sum(graph.mul(target, graph.logSoftmax(z)), [1])), [0])
    const [dz] = gradients(graph, loss, [z]) as [Node]
    const feed = { z: filled(12), target: Float64Array.of(0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0) }
    const result = evaluateGraph(outputsOf(3, [z, target], [dz, graph.softmax(z)]), { inputs: feed, states: {}, n: 2 })
    const expected = result.outputs['1']!.map((p, index) => (p - feed.target[index]!) / 2)
    result.outputs['0']!.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index]!, 14)
    })
    const used = kinds(graph, [z, target], [dz])
    expect(used.filter(kind => kind === 'softmax')).toHaveLength(1)
    expect(used).not.toContain('logSoftmax')
    expect(used.length).toBeLessThanOrEqual(12)
  })

  it('keeps batch norm with its own moments one node, and gives the moments nothing besides', () => {
    const graph = createGraph(4)
    const x = graph.input('x', [4, 3, 2], { batched: true })
    const gamma = graph.state('gamma', [2])
    const beta = graph.state('beta', [2])
    const weights = graph.input('weights', [4, 3, 2], { batched: true })
    const y = graph.batchNorm(x, graph.batchMoments(x), gamma, beta, 1e-3)
    const loss = graph.sum(graph.mul(y, weights), [0, 1, 2])
    const derived = gradients(graph, loss, [x, gamma, beta])
    const used = kinds(graph, [x, gamma, beta, weights], derived)
    expect(used.filter(kind => kind.startsWith('batchNorm'))).toEqual(['batchNormSums', 'batchNormInputGrad'])
    const deviations = checkGradients({
      graph,
      loss,
      of: [x, gamma, beta],
      inputs: [x, weights],
      states: [gamma, beta],
      feed: {
        inputs: { x: filled(24), weights: filled(24).reverse() },
        states: { gamma: [1.5, -0.5], beta: [0, 1] },
        n: 3,
      },
    })
    for (const { relativeError } of deviations) expect(relativeError).toBeLessThan(1e-6)
  })

  it('differentiates batch norm with given moments element by element, moments included', () => {
    const graph = createGraph(4)
    const x = graph.input('x', [4, 3, 2], { batched: true })
    const moments = graph.state('moments', [2, 2])
    const gamma = graph.state('gamma', [2])
    const beta = graph.state('beta', [2])
    const loss = graph.sum(graph.unary('tanh', graph.batchNorm(x, moments, gamma, beta, 1e-3)), [0, 1, 2])
    expect(kinds(graph, [x, moments, gamma, beta], gradients(graph, loss, [x]))).not.toContain('batchNormInputGrad')
    const deviations = checkGradients({
      graph,
      loss,
      of: [x, moments, gamma, beta],
      inputs: [x],
      states: [moments, gamma, beta],
      feed: {
        inputs: { x: filled(24) },
        states: { moments: [0.2, -0.1, 1.5, 0.7], gamma: [1.5, -0.5], beta: [0, 1] },
      },
    })
    for (const { relativeError } of deviations) expect(relativeError).toBeLessThan(1e-6)
  })

  it('walks through moments that something else uses', () => {
    const graph = createGraph(4)
    const x = graph.input('x', [4, 2], { batched: true })
    const loss = graph.sum(graph.unary('sin', graph.batchMoments(x)), [0, 1])
    const [deviation] = checkGradients({
      graph,
      loss,
      of: [x],
      inputs: [x],
      states: [],
      feed: { inputs: { x: filled(8) }, states: {}, n: 3 },
    })
    expect(deviation!.relativeError).toBeLessThan(1e-6)
  })

  it('builds nothing for what nobody asks for', () => {
    const graph = createGraph(2)
    const x = graph.input('x', [2, 5, 5, 1], { batched: true })
    const filter = graph.state('filter', [3, 3, 1, 2])
    const y = graph.conv2d(x, filter, { strides: [1, 1], padding: noPadding, dilation: [1, 1], groups: 1 })
    const loss = graph.sum(graph.unary('square', y), [0, 1, 2, 3])
    expect(kinds(graph, [x, filter], gradients(graph, loss, [filter]))).not.toContain('conv2dInputGrad')
  })

  it('adds the contributions of a value used twice', () => {
    const graph = createGraph(1)
    const x = graph.input('x', [3])
    const loss = graph.sum(graph.mul(graph.mul(x, x), x), [0])
    const [dx] = gradients(graph, loss, [x]) as [Node]
    const result = evaluateGraph(outputsOf(1, [x], [dx]), { inputs: { x: [1, 2, -3] }, states: {} })
    expect([...result.outputs['0']!]).toEqual([3, 12, 27])
  })

  it('is zero for what the loss does not depend on, and through steps', () => {
    const graph = createGraph(2)
    const x = graph.input('x', [2, 3], { batched: true })
    const other = graph.state('other', [4])
    const loss = graph.sum(graph.unary('floor', x), [0, 1])
    const derived = gradients(graph, loss, [x, other])
    const result = evaluateGraph(outputsOf(2, [x, other], derived), {
      inputs: { x: filled(6) },
      states: { other: [1, 2, 3, 4] },
    })
    expect([...result.outputs['0']!]).toEqual([0, 0, 0, 0, 0, 0])
    expect([...result.outputs['1']!]).toEqual([0, 0, 0, 0])
  })

  it('gives relu the derivative 0 at 0', () => {
    const graph = createGraph(1)
    const x = graph.input('x', [3])
    const [dx] = gradients(graph, graph.sum(graph.unary('relu', x), [0]), [x]) as [Node]
    const result = evaluateGraph(outputsOf(1, [x], [dx]), { inputs: { x: [-1, 0, 2] }, states: {} })
    expect([...result.outputs['0']!]).toEqual([0, 0, 1])
  })

  it('shares the gradient of a maximum among equal elements', () => {
    const graph = createGraph(1)
    const x = graph.input('x', [2, 3])
    const [dx] = gradients(graph, graph.sum(graph.reduceMax(x, [1]), [0]), [x]) as [Node]
    const result = evaluateGraph(outputsOf(1, [x], [dx]), { inputs: { x: [1, 3, 3, 5, 0, 0] }, states: {} })
    expect([...result.outputs['0']!]).toEqual([0, 0.5, 0.5, 1, 0, 0])
  })

  it('sums over the batch where the capacity is one row', () => {
    const graph = createGraph(1)
    const x = graph.input('x', [1, 3], { batched: true })
    const bias = graph.state('bias', [1, 3])
    const [dBias] = gradients(graph, graph.sum(graph.mul(x, bias), [0, 1]), [bias]) as [Node]
    expect([dBias.shape, dBias.batched]).toEqual([[1, 3], false])
  })

  it('says why an operation has no gradient', () => {
    const graph = createGraph(2)
    const x = graph.input('x', [2, 3], { batched: true })
    expect(() => gradients(graph, graph.sum(graph.argmax(x), [0]), [x])).toThrow('an index jumps')
  })
})
