/** Chains that a compiler fuses: layers with their activation, losses, whole gradients, small training steps with updates. */
import { gradients } from '../../packages/fovea/src/autodiff/gradients.ts'
import type { Graph } from '../../packages/fovea/src/graph/builder.ts'
import type { Node, NodeOf } from '../../packages/fovea/src/graph/node.ts'
import type { Convolution, Window } from '../../packages/fovea/src/graph/ops.ts'
import type { CaseContext, OpCase } from './case.ts'

const same: Convolution = {
  strides: [1, 1],
  padding: { top: 1, bottom: 1, left: 1, right: 1 },
  dilation: [1, 1],
  groups: 1,
}
const valid: Convolution = { ...same, padding: { top: 0, bottom: 0, left: 0, right: 0 } }
const halves: Window = { size: [2, 2], strides: [2, 2], padding: valid.padding }

/** Mean cross entropy of one-hot targets made from int32 labels. */
function crossEntropy(c: CaseContext, logits: Node): Node {
  const { graph } = c
  const classes = logits.shape[1]!
  const labels = c.input([], { batched: true, dtype: 'i32', fill: (_, random) => Math.floor(random * classes) })
  const column = graph.reshape(graph.cast(labels), [c.batch, 1])
  const target = graph.binary('equal', graph.iota([1, classes], 1), column)
  return graph.mean(graph.unary('neg', graph.sum(graph.mul(target, graph.logSoftmax(logits)), [1])), [0])
}

/** w ← w − 0.1 g for every weight. */
function descend(c: CaseContext, loss: Node, weights: readonly NodeOf<'state'>[]): void {
  gradients(c.graph, loss, weights).forEach((gradient, index) => {
    c.update(weights[index]!, c.graph.sub(weights[index]!, c.graph.mul(gradient, 0.1)))
  })
}

/** v ← 0.9 v + 0.1 g², w ← w − 0.001 g / √(v + 1e-7). */
function rootMeanSquare(c: CaseContext, loss: Node, weights: readonly NodeOf<'state'>[]): void {
  const { graph } = c
  gradients(graph, loss, weights).forEach((gradient, index) => {
    const weight = weights[index]!
    const slot = c.state(weight.shape, 'positive')
    const next = graph.add(graph.mul(slot, 0.9), graph.mul(graph.unary('square', gradient), 0.1))
    c.update(slot, next)
    const step = graph.div(graph.mul(gradient, 0.001), graph.unary('sqrt', graph.add(next, 1e-7)))
    c.update(weight, graph.sub(weight, step))
  })
}

const small = (_: number, random: number): number => random - 0.5

function dense(c: CaseContext, x: Node, units: number, weights: NodeOf<'state'>[]): Node {
  const kernel = c.state([x.shape[1]!, units], small)
  const bias = c.state([units], small)
  weights.push(kernel, bias)
  return c.graph.add(c.graph.matmul(x, kernel), bias)
}

function convolution(
  c: CaseContext,
  x: Node,
  filters: number,
  size: number,
  weights: NodeOf<'state'>[],
  how = same,
): Node {
  const kernel = c.state([size, size, x.shape[3]! / how.groups, filters], small)
  const bias = c.state([filters], small)
  weights.push(kernel, bias)
  return c.graph.add(c.graph.conv2d(x, kernel, how), bias)
}

function flatten(c: CaseContext, x: Node): Node {
  return c.graph.reshape(x, [c.batch, x.shape.slice(1).reduce((product, extent) => product * extent, 1)])
}

const pictures = (c: CaseContext, height: number, width: number, channels: number): Node => {
  const bytes = c.input([height, width, channels], { batched: true, dtype: 'u8', fill: (_, u) => Math.floor(u * 256) })
  return c.graph.div(c.graph.cast(bytes), 255)
}

type Body = (c: CaseContext) => Node | readonly Node[]
const composite = (name: string, batch: number, build: Body, noDifferences?: string): OpCase => ({
  name,
  kind: 'composite',
  batch,
  build,
  ...(noDifferences ? { noDifferences } : {}),
})

const activations: readonly (readonly [string, (graph: Graph, x: Node) => Node])[] = [
  ['relu', (g, x) => g.unary('relu', x)],
  ['elu', (g, x) => g.unary('elu', x)],
  ['tanh', (g, x) => g.unary('tanh', x)],
  ['gelu', (g, x) => g.mul(x, g.unary('normalCdf', x))],
  ['silu', (g, x) => g.mul(x, g.unary('sigmoid', x))],
  ['relu6', (g, x) => g.min(g.unary('relu', x), 6)],
  ['softmax', (g, x) => g.softmax(x)],
]

const fused: OpCase[] = [
  ...activations.map(([name, activation]) =>
    composite(`dense with bias and ${name}`, 9, c =>
      activation(c.graph, c.graph.add(c.graph.matmul(c.rows([21]), c.input([21, 13])), c.input([13]))),
    ),
  ),
  ...activations.map(([name, activation]) =>
    composite(`conv2d with bias and ${name}`, 3, c =>
      activation(c.graph, c.graph.add(c.graph.conv2d(c.rows([7, 6, 3]), c.input([3, 3, 3, 5]), same), c.input([5]))),
    ),
  ),
  ...[1, 2, 3, 6, 7, 9].map(filters =>
    composite(`conv2d with ${filters} filters, bias and tanh`, 3, c =>
      c.graph.unary(
        'tanh',
        c.graph.add(c.graph.conv2d(c.rows([6, 9, 2]), c.input([3, 3, 2, filters]), same), c.input([filters])),
      ),
    ),
  ),
  composite('conv2d with bias, relu and max pooling', 4, c => {
    const y = c.graph.add(c.graph.conv2d(c.rows([9, 8, 2]), c.input([3, 3, 2, 8]), valid), c.input([8]))
    return c.graph.maxPool2d(c.graph.unary('relu', y), halves)
  }),
  ...[5, 37, 70].flatMap(channels => [
    composite(
      `a pooling gradient behind relu with its sums of channels, ${channels} channels`,
      7,
      c => {
        const x = c.graph.unary('relu', c.rows([7, 5, channels], 'distinct'))
        const dy = c.graph.maxPool2dGrad(x, c.graph.maxPool2d(x, halves), c.rows([3, 2, channels]), halves)
        const dx = c.graph.select(c.graph.binary('less', 0, x), dy, 0)
        const around = c.graph.sub(x, c.input([channels]))
        return [dx, c.graph.sum(dx, [0, 1, 2]), c.graph.sum(c.graph.mul(dx, around), [0, 1, 2])]
      },
      'second derivatives of pooling',
    ),
    composite(`a product with its sums of channels, ${channels} channels`, 7, c => {
      const product = c.graph.mul(c.rows([6, 7, channels]), c.input([channels]))
      const square = c.graph.unary('square', product)
      return [square, c.graph.sum(square, [0, 1, 2]), c.graph.sum(product, [0, 1, 2])]
    }),
  ]),
  composite('a value read by three', 8, c => {
    const x = c.graph.unary('tanh', c.rows([12]))
    return [c.graph.mul(x, x), c.graph.sum(x, [1]), c.graph.add(x, 1)]
  }),
  composite('a residual block', 4, c => {
    const x = c.rows([5, 5, 4])
    const y = c.graph.unary('relu', c.graph.conv2d(x, c.input([3, 3, 4, 4], { fill: small }), same))
    return c.graph.unary('relu', c.graph.add(x, c.graph.conv2d(y, c.input([3, 3, 4, 4], { fill: small }), same)))
  }),
  composite('two branches joined', 4, c => {
    const x = c.rows([6, 4, 3])
    const a = c.graph.conv2d(x, c.input([1, 1, 3, 5]), { ...valid })
    const b = c.graph.conv2d(x, c.input([3, 3, 3, 2]), same)
    return c.graph.maxPool2d(c.graph.concat([a, b, x], 3), halves)
  }),
  composite('global average pooling', 8, c => c.graph.mean(c.rows([5, 4, 9]), [1, 2])),
  composite('layer normalization over the last axis', 8, c => {
    const x = c.rows([19])
    const mean = c.graph.reshape(c.graph.mean(x, [1]), [8, 1])
    const centred = c.graph.sub(x, mean)
    const variance = c.graph.reshape(c.graph.mean(c.graph.unary('square', centred), [1]), [8, 1])
    return c.graph.div(centred, c.graph.unary('sqrt', c.graph.add(variance, 1e-3)))
  }),
  composite('mean over batch and classes', 9, c => c.graph.mean(c.rows([10]), [0, 1])),
  composite(
    'accuracy',
    9,
    c => {
      const labels = c.input([], { batched: true, dtype: 'i32', fill: (_, u) => Math.floor(u * 4) })
      return c.graph.mean(c.graph.binary('equal', c.graph.argmax(c.rows([4])), c.graph.cast(labels)), [0])
    },
    'an index jumps',
  ),
  composite('dropout', 8, c => {
    const key = c.input([2], { dtype: 'i32', fill: (index, u) => Math.floor((u - 0.5) * 2 ** 32) + index })
    const keep = c.graph.binary('lessEqual', 0.3, c.graph.randomUniform(key, [8, 5, 3], true))
    return c.graph.select(keep, c.graph.div(c.rows([5, 3]), 0.7), 0)
  }),
]

const steps: OpCase[] = [
  composite('a state becomes a sum over the batch', 9, c => {
    const y = c.graph.unary('tanh', c.rows([5]))
    c.update(c.state([5]), c.graph.sum(y, [0]))
    return y
  }),
  composite('states become a product, and what comes of it', 4, c => {
    const y = c.graph.matmul(c.input([6, 5]), c.state([5, 3]))
    const z = c.graph.unary('tanh', y)
    c.update(c.state([6, 3]), y)
    c.update(c.state([6, 3]), z)
    return c.graph.sum(z, [0])
  }),
  composite('one step of a linear classifier', 9, c => {
    const weights: NodeOf<'state'>[] = []
    const loss = crossEntropy(c, dense(c, c.rows([7]), 4, weights))
    descend(c, loss, weights)
    return loss
  }),
  composite('one step of an MLP from bytes, RMSprop', 9, c => {
    const weights: NodeOf<'state'>[] = []
    const x = flatten(c, pictures(c, 5, 4, 1))
    const hidden = c.graph.unary('relu', dense(c, x, 12, weights))
    const loss = crossEntropy(c, dense(c, hidden, 10, weights))
    rootMeanSquare(c, loss, weights)
    return [loss, hidden]
  }),
  composite('one step of a CNN from bytes', 7, c => {
    const weights: NodeOf<'state'>[] = []
    let x: Node = c.graph.unary('relu', convolution(c, pictures(c, 12, 10, 3), 8, 3, weights))
    x = c.graph.maxPool2d(x, halves)
    x = c.graph.maxPool2d(c.graph.unary('relu', convolution(c, x, 6, 3, weights)), halves)
    x = c.graph.unary('relu', dense(c, flatten(c, x), 9, weights))
    const loss = crossEntropy(c, dense(c, x, 10, weights))
    descend(c, loss, weights)
    return loss
  }),
  composite('one step of a LeNet with average pooling and tanh', 8, c => {
    const weights: NodeOf<'state'>[] = []
    let x: Node = c.graph.unary('tanh', convolution(c, pictures(c, 12, 12, 1), 6, 3, weights))
    x = c.graph.averagePool2d(x, halves)
    x = c.graph.unary('tanh', convolution(c, x, 5, 5, weights, valid))
    const loss = crossEntropy(c, dense(c, flatten(c, x), 10, weights))
    descend(c, loss, weights)
    return loss
  }),
  composite('one step with batch norm, ELU, L2 and moving statistics', 7, c => {
    const { graph } = c
    const weights: NodeOf<'state'>[] = []
    const y = graph.unary('elu', convolution(c, pictures(c, 6, 6, 2), 5, 3, weights))
    const gamma = c.state([5], 'positive')
    const beta = c.state([5], small)
    const moving = c.state([2, 5], 'positive')
    const moments = graph.batchMoments(y)
    c.update(moving, graph.add(graph.mul(moving, 0.99), graph.mul(moments, 0.01)))
    const x = graph.batchNorm(y, moments, gamma, beta, 1e-3)
    const entropy = crossEntropy(c, dense(c, flatten(c, graph.maxPool2d(x, halves)), 10, weights))
    const penalty = graph.mul(graph.sum(graph.unary('square', weights[0]!), [0, 1, 2, 3]), 1e-4)
    const loss = graph.add(entropy, penalty)
    descend(c, loss, [...weights, gamma, beta])
    return loss
  }),
  composite('one step of a depthwise block with skip', 4, c => {
    const weights: NodeOf<'state'>[] = []
    const x = c.rows([6, 5, 4])
    const depthwise = convolution(c, x, 4, 3, weights, { ...same, groups: 4 })
    const point = convolution(c, c.graph.unary('relu', depthwise), 4, 1, weights, valid)
    const pooled = c.graph.mean(c.graph.add(x, point), [1, 2])
    const loss = crossEntropy(c, dense(c, pooled, 3, weights))
    descend(c, loss, weights)
    return loss
  }),
]

export function compositeCases(): OpCase[] {
  return [...fused, ...steps]
}
