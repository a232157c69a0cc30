/** Softmax, batch normalization and resampling of pictures. */
import type { Sampling } from '../../packages/fovea/src/graph/ops.ts'
import type { Fill, OpCase } from './case.ts'

const large: Fill = (_, random) => (random - 0.5) * 200

const softmaxCases = (['softmax', 'logSoftmax'] as const).flatMap((kind): OpCase[] => [
  { name: `${kind} of 10 scores`, kind, batch: 9, build: c => c.graph[kind](c.rows([10])) },
  { name: `${kind} of 1 score`, kind, batch: 3, build: c => c.graph[kind](c.rows([1])) },
  { name: `${kind} of 37 scores`, kind, batch: 4, build: c => c.graph[kind](c.rows([37])) },
  { name: `${kind} of channels`, kind, batch: 3, build: c => c.graph[kind](c.rows([3, 2, 5])) },
  {
    name: `${kind} of large scores`,
    kind,
    batch: 8,
    build: c => c.graph[kind](c.rows([7], large)),
    noDifferences: 'saturated',
  },
])

/** [2, C]: means around 0, variances above 0. */
const momentsOf =
  (channels: number): Fill =>
  (index, random) =>
    index < channels ? random * 2 - 1 : 0.3 + 2 * random

const channelCounts: readonly (readonly [string, readonly number[]])[] = [
  ['rows of 5', [5]],
  ['pictures of 1 channel', [4, 3, 1]],
  ['pictures of 6 channels', [5, 3, 6]],
  ['pictures of 32 channels', [6, 5, 32]],
  ['pictures of 9 channels', [3, 3, 9]],
]

const batchNormCases = channelCounts.flatMap(([label, shape]): OpCase[] => {
  const channels = shape.at(-1)!
  const epsilon = 1e-3
  const batch = 8
  const moments = { fill: momentsOf(channels) }
  return [
    { name: `batchMoments of ${label}`, kind: 'batchMoments', batch, build: c => c.graph.batchMoments(c.rows(shape)) },
    {
      name: `batchMoments of ${label} far from 0`,
      kind: 'batchMoments',
      batch,
      build: c => c.graph.batchMoments(c.rows(shape, (_, random) => 100 + random)),
    },
    {
      name: `batchNorm of ${label}`,
      kind: 'batchNorm',
      batch,
      build: c =>
        c.graph.batchNorm(
          c.rows(shape),
          c.input([2, channels], moments),
          c.input([channels]),
          c.input([channels]),
          epsilon,
        ),
    },
    {
      name: `batchNormSums of ${label}`,
      kind: 'batchNormSums',
      batch,
      build: c => c.graph.batchNormSums(c.rows(shape), c.rows(shape), c.input([2, channels], moments), epsilon),
    },
    {
      name: `batchNormInputGrad of ${label}`,
      kind: 'batchNormInputGrad',
      batch,
      build: c =>
        c.graph.batchNormInputGrad(
          c.rows(shape),
          c.rows(shape),
          c.input([channels]),
          c.input([2, channels], moments),
          c.input([2, channels]),
          epsilon,
        ),
    },
  ]
})

/** A turn of the picture plus shift, a little different in every row of the batch; places far from whole numbers. */
const turned: Fill = (index, random) => [0.93, -0.31, 0.6, 0.29, 0.95, -0.4][index % 6]! + 0.05 * (random - 0.5)
/** Turns by 90° or flips with shifts by whole pixels and a quarter: every place is a float32, none halfway. */
const exactPlaces: Fill = (index, random) => {
  const shift = Math.floor(random * 9) - 4 + 0.25
  const matrices = [
    [1, 0, shift, 0, 1, shift],
    [0, 1, shift, -1, 0, shift + 5],
    [1, 0, shift, 0, -1, shift + 4],
    [0.5, 0, shift, 0, 2, shift],
  ]
  return matrices[Math.floor(index / 6) % 4]![index % 6]!
}

const fills: readonly Sampling['fill'][] = ['nearest', 'constant', 'reflect', 'wrap']

const samplingCases = fills.flatMap(fill =>
  (['bilinear', 'nearest'] as const).flatMap((interpolation): OpCase[] => {
    const sampling: Sampling = { fill, fillValue: fill === 'constant' ? 0.5 : 0, interpolation }
    const places: readonly (readonly [string, Fill])[] =
      interpolation === 'nearest'
        ? [['whole turns and shifts', exactPlaces]]
        : [
            ['whole turns and shifts', exactPlaces],
            ['small turns', turned],
          ]
    return places.map(
      ([label, transform]): OpCase => ({
        name: `affineSample ${fill}, ${interpolation}, ${label}`,
        kind: 'affineSample',
        batch: 8,
        build: c => c.graph.affineSample(c.rows([7, 6, 3]), c.rows([6], transform), sampling),
      }),
    )
  }),
)

const greyCase: OpCase = {
  name: 'affineSample of one channel, the transform that changes nothing',
  kind: 'affineSample',
  batch: 3,
  build: c =>
    c.graph.affineSample(
      c.rows([5, 9, 1]),
      c.rows([6], index => [1, 0, 0, 0, 1, 0][index % 6]!),
      {
        fill: 'nearest',
        fillValue: 0,
        interpolation: 'bilinear',
      },
    ),
}

export function normalizationCases(): OpCase[] {
  return [...softmaxCases, ...batchNormCases, ...samplingCases, greyCase]
}
