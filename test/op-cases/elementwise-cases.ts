/** Element-wise operations, every function in several shapes and ranges, and every form of broadcasting. */

import type { Shape } from '../../packages/fovea/src/base/shape.ts'
import type { BinaryFn, UnaryFn } from '../../packages/fovea/src/graph/ops.ts'
import type { Fill, OpCase } from './case.ts'

/** A range of arguments: fine steps through it plus its ends. */
const from =
  (low: number, high: number): Fill =>
  (_, random) =>
    low + (high - low) * random
/** Sizes from 10^low to 10^high of both signs. */
const decades =
  (low: number, high: number): Fill =>
  (index, random) =>
    (index % 2 ? -1 : 1) * 10 ** (low + (high - low) * random)
const positiveDecades =
  (low: number, high: number): Fill =>
  (_, random) =>
    10 ** (low + (high - low) * random)

/** Fills per function besides the small range around 0: name and data. `kinked`: has steps or corners in its data. */
const unaryRanges: { readonly [F in UnaryFn]: { readonly near: Fill; readonly wide: Fill; readonly steps?: string } } =
  {
    neg: { near: 'normal', wide: decades(-30, 30) },
    abs: { near: 'distinct', wide: decades(-30, 30), steps: 'corner at 0' },
    sign: { near: 'distinct', wide: 'ties', steps: 'step at 0' },
    square: { near: 'normal', wide: decades(-15, 15) },
    sqrt: { near: 'positive', wide: positiveDecades(-30, 30) },
    reciprocal: { near: 'positive', wide: decades(-30, 30) },
    floor: { near: from(-5, 5), wide: decades(-3, 9), steps: 'steps' },
    exp: { near: 'normal', wide: from(-87, 88) },
    expm1: { near: 'normal', wide: decades(-8, 1.9) },
    log: { near: 'positive', wide: positiveDecades(-37, 38) },
    log1p: { near: from(-0.8, 3), wide: positiveDecades(-9, 30) },
    tanh: { near: 'normal', wide: decades(-9, 2) },
    sigmoid: { near: 'normal', wide: from(-80, 80) },
    erf: { near: 'normal', wide: decades(-9, 1) },
    normalCdf: { near: 'normal', wide: from(-12, 8) },
    sin: { near: 'normal', wide: from(-100, 100) },
    cos: { near: 'normal', wide: from(-100, 100) },
    relu: { near: 'distinct', wide: decades(-30, 30), steps: 'corner at 0' },
    elu: { near: 'distinct', wide: decades(-8, 30), steps: 'corner of the slope at 0' },
  }

const unaryCases = (Object.keys(unaryRanges) as UnaryFn[]).flatMap((fn): OpCase[] => {
  const { near, wide, steps } = unaryRanges[fn]
  return [
    { name: `${fn} [8, 13]`, kind: 'unary', batch: 8, build: c => c.graph.unary(fn, c.rows([13], near)) },
    { name: `${fn} [3, 5, 3, 2]`, kind: 'unary', batch: 3, build: c => c.graph.unary(fn, c.rows([5, 3, 2], near)) },
    {
      name: `${fn} over its range [1000]`,
      kind: 'unary',
      batch: 2,
      build: c => c.graph.unary(fn, c.input([1000], { fill: wide })),
      noDifferences: steps ?? 'arguments of very different size',
    },
    {
      name: `${fn} of zero`,
      kind: 'unary',
      batch: 2,
      build: c =>
        c.graph.unary(
          fn,
          c.rows([1], () => (fn === 'log' || fn === 'reciprocal' ? 1 : 0)),
        ),
      noDifferences: 'a corner or an end of the domain for some',
    },
  ]
})

const binaryFills: { readonly [F in BinaryFn]: readonly [Fill, Fill] } = {
  add: ['normal', 'normal'],
  sub: ['normal', 'normal'],
  mul: ['normal', 'normal'],
  div: ['normal', 'positive'],
  max: ['distinct', 'normal'],
  min: ['distinct', 'normal'],
  pow: ['positive', 'normal'],
  equal: ['ties', 'ties'],
  less: ['ties', 'ties'],
  lessEqual: ['ties', 'ties'],
}

/** Left and right shapes; the batch leads when marked. */
interface Broadcast {
  readonly label: string
  readonly left: Shape
  readonly right: Shape
  readonly leftBatched: boolean
  readonly rightBatched: boolean
}
const both = { leftBatched: true, rightBatched: true }
const leftOnly = { leftBatched: true, rightBatched: false }
const neither = { leftBatched: false, rightBatched: false }
const broadcasts: readonly Broadcast[] = [
  { label: 'same shape', left: [7], right: [7], ...both },
  { label: 'same pictures', left: [3, 5, 4], right: [3, 5, 4], ...both },
  { label: 'per-channel bias', left: [4, 3, 9], right: [9], ...leftOnly },
  { label: 'bias of a row', left: [17], right: [17], ...leftOnly },
  { label: 'scalar', left: [5, 3], right: [], ...leftOnly },
  { label: 'one element', left: [5, 3], right: [1, 1, 1], ...leftOnly },
  { label: 'one number per row [N, 1]', left: [10], right: [1], ...both },
  { label: 'one number per row [N, 1, 1, 1]', left: [3, 4, 2], right: [1, 1, 1], ...both },
  { label: 'row by channel [N, 1, 1, C]', left: [3, 4, 5], right: [1, 1, 5], ...both },
  { label: 'row by place [N, H, W, 1]', left: [3, 4, 5], right: [3, 4, 1], ...both },
  { label: 'rows against columns', left: [6, 1], right: [1, 5], ...both },
  { label: 'channel first [C] against [N, C]', left: [7], right: [7], leftBatched: false, rightBatched: true },
  { label: 'numbers [N] with a scalar', left: [], right: [], ...leftOnly },
  { label: 'weights', left: [3, 3, 2, 4], right: [3, 3, 2, 4], ...neither },
  { label: 'weights with a scalar', left: [5, 11], right: [], ...neither },
  { label: 'column by row of a table', left: [4, 1], right: [1, 6], ...neither },
]

const binaryCases = (Object.keys(binaryFills) as BinaryFn[]).flatMap(fn =>
  broadcasts.map(
    ({ label, left, right, leftBatched, rightBatched }): OpCase => ({
      name: `${fn}, ${label}`,
      kind: 'binary',
      batch: 5,
      build: c => {
        const a = c.input(left, { batched: leftBatched, fill: binaryFills[fn][0] })
        return c.graph.binary(fn, a, c.input(right, { batched: rightBatched, fill: binaryFills[fn][1] }))
      },
    }),
  ),
)

const powers = [0, 0.5, 2, 3, -1, 1.7].map(
  (exponent): OpCase => ({
    name: `pow with exponent ${exponent}`,
    kind: 'binary',
    batch: 4,
    build: c => c.graph.binary('pow', c.rows([9], 'positive'), c.graph.constant(exponent)),
  }),
)

const constants: OpCase[] = [
  ['sub', 1, true],
  ['div', 255, false],
  ['mul', 1 / 255, false],
  ['max', 0, false],
  ['min', 6, false],
  ['less', 0, true],
].map(
  ([fn, value, first]): OpCase => ({
    name: `${fn} with the constant ${value} ${first ? 'first' : 'second'}`,
    kind: 'binary',
    batch: 9,
    build: c => {
      const x = c.rows([3, 3, 3], 'distinct')
      const k = c.graph.constant(value as number)
      return first ? c.graph.binary(fn as BinaryFn, k, x) : c.graph.binary(fn as BinaryFn, x, k)
    },
  }),
)

const selectShapes: readonly (readonly [string, Shape, Shape, Shape])[] = [
  ['same shape', [3, 5], [3, 5], [3, 5]],
  ['one choice per row', [1, 1], [3, 5], [3, 5]],
  ['scalars to choose from', [3, 5], [1, 1], [1, 1]],
  ['one choice per channel', [1, 5], [3, 5], [3, 1]],
]

const selectCases = selectShapes.map(
  ([label, condition, a, b]): OpCase => ({
    name: `select, ${label}`,
    kind: 'select',
    batch: 8,
    build: c => c.graph.select(c.rows(condition, 'mask'), c.rows(a), c.rows(b)),
  }),
)

const otherCases: OpCase[] = [
  {
    name: 'select between two constants',
    kind: 'select',
    batch: 3,
    build: c => c.graph.select(c.rows([4], 'mask'), 2, -1),
  },
  {
    name: 'cast of pictures',
    kind: 'cast',
    batch: 9,
    build: c => c.graph.cast(c.input([5, 3, 3], { batched: true, dtype: 'u8', fill: (_, u) => Math.floor(u * 256) })),
  },
  {
    name: 'cast of pictures of one byte',
    kind: 'cast',
    batch: 3,
    build: c => c.graph.cast(c.input([1], { batched: true, dtype: 'u8', fill: (_, u) => Math.floor(u * 256) })),
  },
  {
    name: 'cast of labels',
    kind: 'cast',
    batch: 9,
    build: c => c.graph.cast(c.input([], { batched: true, dtype: 'i32', fill: (_, u) => Math.floor(u * 20) - 10 })),
  },
  ...randomCases(),
]

function randomCases(): OpCase[] {
  const key = (index: number, random: number): number => Math.floor((random - 0.5) * 2 ** 32) + index
  const streams = [[7], [5, 3, 3], []].map(
    (shape): OpCase => ({
      name: `randomUniform [N${shape.map(extent => `, ${extent}`).join('')}]`,
      kind: 'randomUniform',
      batch: 9,
      build: c => {
        const seed = c.input([2], { dtype: 'i32', fill: key })
        // Two streams of one key, and one that is not batched.
        return [
          c.graph.randomUniform(seed, [9, ...shape], true),
          c.graph.randomUniform(seed, [9, ...shape], true),
          c.graph.randomUniform(seed, [3, 5], false),
        ]
      },
    }),
  )
  return [
    ...streams,
    {
      name: 'randomUniform, and its transpose',
      kind: 'composite',
      batch: 9,
      exact: true,
      build: c => {
        const drawn = c.graph.randomUniform(c.input([2], { dtype: 'i32', fill: key }), [9, 4, 6], true)
        return [c.graph.transpose(drawn, [0, 2, 1]), c.graph.unary('floor', c.graph.mul(drawn, 8))]
      },
    },
    {
      name: 'randomUniform [N], summed over the batch',
      kind: 'composite',
      batch: 9,
      exact: true,
      build: c => {
        const drawn = c.graph.randomUniform(c.input([2], { dtype: 'i32', fill: key }), [9], true)
        return [c.graph.sum(c.graph.unary('floor', c.graph.mul(drawn, 8)), [0]), c.graph.reduceMax(drawn, [0])]
      },
    },
  ]
}

export function elementwiseCases(): OpCase[] {
  return [...unaryCases, ...binaryCases, ...powers, ...constants, ...selectCases, ...otherCases]
}
