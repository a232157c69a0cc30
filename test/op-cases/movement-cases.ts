/** Data movement, leaves, reductions, argmax and matrix products. */
import type { Shape } from '../../packages/fovea/src/base/shape.ts'
import type { OpCase } from './case.ts'

const leaves: OpCase[] = [
  { name: 'input handed through', kind: 'input', batch: 8, build: c => c.rows([5]) },
  {
    name: 'state read and updated',
    kind: 'state',
    batch: 2,
    build: c => {
      const state = c.state([3, 5])
      c.update(state, c.graph.add(state, c.input([3, 5])))
      return state
    },
  },
  {
    name: 'two states exchanged',
    kind: 'state',
    batch: 2,
    build: c => {
      const a = c.state([7])
      const b = c.state([7])
      c.update(a, b)
      c.update(b, a)
      return [a, b]
    },
  },
  { name: 'constant', kind: 'constant', batch: 1, build: c => [c.graph.constant(1.5), c.graph.constant(-0.1, [3, 5])] },
  { name: 'batchSize', kind: 'batchSize', batch: 9, build: c => c.graph.batchSize() },
  {
    name: 'iota',
    kind: 'iota',
    batch: 1,
    build: c => [c.graph.iota([7], 0), c.graph.iota([3, 5, 2], 1), c.graph.iota([1, 4], 1)],
  },
]

const reshapes: readonly (readonly [Shape, Shape])[] = [
  [[4, 3, 5], [60]],
  [[60], [5, 4, 3]],
  [[7], [7, 1, 1]],
  [[1, 1, 9], [9]],
]

const reshapeCases = [
  ...reshapes.map(
    ([shape, to]): OpCase => ({
      name: `reshape [N, ${shape}] to [N, ${to}]`,
      kind: 'reshape',
      batch: 8,
      build: c => c.graph.reshape(c.rows(shape), [8, ...to]),
    }),
  ),
  { name: 'reshape of weights', kind: 'reshape', batch: 1, build: c => c.graph.reshape(c.input([6, 4]), [2, 3, 4]) },
] satisfies OpCase[]

const permutations: readonly (readonly [Shape, readonly number[]])[] = [
  [
    [5, 3],
    [0, 2, 1],
  ],
  [
    [4, 3, 5],
    [0, 3, 1, 2],
  ],
  [
    [4, 3, 5],
    [0, 2, 3, 1],
  ],
  [
    [4, 3, 5],
    [0, 2, 1, 3],
  ],
]

const transposeCases = [
  ...permutations.map(
    ([shape, permutation]): OpCase => ({
      name: `transpose [N, ${shape}] by ${permutation}`,
      kind: 'transpose',
      batch: 3,
      build: c => c.graph.transpose(c.rows(shape), permutation),
    }),
  ),
  {
    name: 'transpose of weights',
    kind: 'transpose',
    batch: 1,
    build: c => [c.graph.transpose(c.input([7, 9]), [1, 0]), c.graph.transpose(c.input([3, 2, 5, 4]), [3, 1, 0, 2])],
  },
] satisfies OpCase[]

const padCases: OpCase[] = [
  {
    name: 'pad pictures with zeros',
    kind: 'pad',
    batch: 4,
    build: c => c.graph.pad(c.rows([5, 3, 3]), [0, 1, 2, 0], [0, 2, 0, 0]),
  },
  {
    name: 'pad channels with a number',
    kind: 'pad',
    batch: 4,
    build: c => c.graph.pad(c.rows([3, 2, 3]), [0, 0, 0, 1], [0, 0, 0, 4], -1.5),
  },
  { name: 'pad rows of numbers', kind: 'pad', batch: 8, build: c => c.graph.pad(c.rows([5]), [0, 0], [0, 3], 7) },
  {
    name: 'pad weights',
    kind: 'pad',
    batch: 1,
    build: c => c.graph.pad(c.input([3, 5]), [2, 1], [1, 0]),
  },
]

const sliceCases: OpCase[] = [
  {
    name: 'slice pictures',
    kind: 'slice',
    batch: 4,
    build: c => c.graph.slice(c.rows([7, 5, 3]), [0, 2, 1, 0], [4, 3, 4, 3]),
  },
  {
    name: 'slice channels',
    kind: 'slice',
    batch: 4,
    build: c => c.graph.slice(c.rows([3, 3, 9]), [0, 0, 0, 5], [4, 3, 3, 3]),
  },
  { name: 'slice columns', kind: 'slice', batch: 8, build: c => c.graph.slice(c.rows([11]), [0, 3], [8, 1]) },
  { name: 'slice weights', kind: 'slice', batch: 1, build: c => c.graph.slice(c.input([2, 9]), [1, 0], [1, 9]) },
]

const concatCases: OpCase[] = [
  {
    name: 'concat channels of three',
    kind: 'concat',
    batch: 4,
    build: c => c.graph.concat([c.rows([3, 2, 1]), c.rows([3, 2, 5]), c.rows([3, 2, 4])], 3),
  },
  {
    name: 'concat rows of pictures',
    kind: 'concat',
    batch: 4,
    build: c => c.graph.concat([c.rows([2, 5, 3]), c.rows([1, 5, 3])], 1),
  },
  {
    name: 'concat with itself',
    kind: 'concat',
    batch: 3,
    build: c => {
      const x = c.rows([5])
      return c.graph.concat([x, x], 1)
    },
  },
  {
    name: 'concat weights',
    kind: 'concat',
    batch: 1,
    build: c => c.graph.concat([c.input([1, 7]), c.input([2, 7])], 0),
  },
]

const broadcastCases: OpCase[] = [
  {
    name: 'broadcast a scalar over the batch',
    kind: 'broadcast',
    batch: 4,
    build: c => c.graph.broadcast(c.input([]), [4, 3, 5], true),
  },
  {
    name: 'broadcast channels over pictures',
    kind: 'broadcast',
    batch: 4,
    build: c => c.graph.broadcast(c.input([5]), [4, 3, 2, 5], true),
  },
  {
    name: 'broadcast one number per row',
    kind: 'broadcast',
    batch: 8,
    build: c => c.graph.broadcast(c.rows([1]), [8, 9], true),
  },
  {
    name: 'broadcast one number per row and channel',
    kind: 'broadcast',
    batch: 4,
    build: c => c.graph.broadcast(c.rows([1, 1, 5]), [4, 3, 2, 5], true),
  },
  {
    name: 'broadcast weights',
    kind: 'broadcast',
    batch: 1,
    build: c => c.graph.broadcast(c.input([3, 1]), [2, 3, 4], false),
  },
]

const reductions: readonly (readonly [string, Shape, readonly number[], boolean])[] = [
  ['over the batch', [11], [0], true],
  ['over batch and places', [5, 3, 9], [0, 1, 2], true],
  ['over places', [5, 3, 7], [1, 2], true],
  ['over the last axis', [10], [1], true],
  ['over channels', [3, 3, 33], [3], true],
  ['over everything', [5, 3, 3], [0, 1, 2, 3], true],
  ['over one number per row', [], [0], true],
  ['over rows of pictures', [6, 5, 3], [1], true],
  ['of weights, all', [7, 9], [0, 1], false],
  ['of weights, rows', [7, 9], [0], false],
  ['of weights, columns', [7, 9], [1], false],
  ['of many weights', [5000], [0], false],
]

const reduceCases = (['sum', 'max'] as const).flatMap(fn =>
  reductions.map(([label, shape, axes, batched]): OpCase => {
    return {
      name: `reduce ${fn} ${label}`,
      kind: 'reduce',
      batch: 9,
      build: c => {
        const x = c.input(shape, { batched, fill: fn === 'max' ? 'distinct' : 'normal' })
        return fn === 'sum' ? c.graph.sum(x, axes) : c.graph.reduceMax(x, axes)
      },
    }
  }),
)

const argmaxCases: OpCase[] = [
  { name: 'argmax of scores', kind: 'argmax', batch: 9, build: c => c.graph.argmax(c.rows([10])) },
  { name: 'argmax, the first of equals', kind: 'argmax', batch: 9, build: c => c.graph.argmax(c.rows([7], 'ties')) },
  { name: 'argmax of one', kind: 'argmax', batch: 2, build: c => c.graph.argmax(c.rows([1])) },
  { name: 'argmax of channels', kind: 'argmax', batch: 3, build: c => c.graph.argmax(c.rows([3, 2, 5])) },
]

/** [rows, inner, columns] */
const products: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [3, 5, 7],
  [8, 17, 10],
  [9, 64, 33],
  [4, 130, 4],
  [33, 3, 65],
  [13, 100, 1],
]

const matmulCases = products.flatMap(([rows, inner, columns]): OpCase[] => [
  {
    name: `matmul [N = ${rows}, ${inner}] by [${inner}, ${columns}]`,
    kind: 'matmul',
    batch: rows,
    build: c => c.graph.matmul(c.rows([inner]), c.input([inner, columns])),
  },
  {
    name: `matmul [N = ${rows}, ${inner}] by [${columns}, ${inner}] transposed`,
    kind: 'matmul',
    batch: rows,
    build: c => c.graph.matmul(c.rows([inner]), c.input([columns, inner]), { transposeB: true }),
  },
  {
    name: `matmul over the batch: [N = ${inner}, ${rows}] transposed by [N, ${columns}]`,
    kind: 'matmul',
    batch: inner,
    build: c => c.graph.matmul(c.rows([rows]), c.rows([columns]), { transposeA: true }),
  },
  {
    name: `matmul of weights ${rows}, ${inner}, ${columns}, all four ways`,
    kind: 'matmul',
    batch: 1,
    build: c =>
      [false, true].flatMap(transposeA =>
        [false, true].map(transposeB => {
          const a = c.input(transposeA ? [inner, rows] : [rows, inner])
          return c.graph.matmul(a, c.input(transposeB ? [columns, inner] : [inner, columns]), {
            transposeA,
            transposeB,
          })
        }),
      ),
  },
])

export function movementCases(): OpCase[] {
  return [
    ...leaves,
    ...reshapeCases,
    ...transposeCases,
    ...padCases,
    ...sliceCases,
    ...concatCases,
    ...broadcastCases,
    ...reduceCases,
    ...argmaxCases,
    ...matmulCases,
  ]
}
