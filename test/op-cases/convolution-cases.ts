/** Convolutions forward and both gradients, and pooling with its gradients: paddings, strides, dilation, groups, odd sizes. */

import type { Convolution, Padding, Window } from '../../packages/fovea/src/graph/ops.ts'
import { convolvedExtents } from '../../packages/fovea/src/graph/shape-rules.ts'
import type { OpCase } from './case.ts'

export interface ConvolutionShape extends Convolution {
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly kernel: readonly [number, number]
  readonly filters: number
}

const none: Padding = { top: 0, bottom: 0, left: 0, right: 0 }
const even = (size: number): Padding => ({ top: size, bottom: size, left: size, right: size })
/** Keras's `same` for a 2×2 kernel. */
const bottomRight: Padding = { top: 0, bottom: 1, left: 0, right: 1 }

const base: ConvolutionShape = {
  batch: 3,
  height: 7,
  width: 6,
  channels: 3,
  kernel: [3, 3],
  filters: 4,
  strides: [1, 1],
  padding: none,
  dilation: [1, 1],
  groups: 1,
}

const shapes: readonly (readonly [string, ConvolutionShape])[] = [
  ['3×3 valid', base],
  ['3×3 same', { ...base, padding: even(1) }],
  ['3×3 same, 1 to 1 channels', { ...base, padding: even(1), channels: 1, filters: 1 }],
  ['3×3 same, 9 to 7 channels', { ...base, padding: even(1), channels: 9, filters: 7 }],
  ['3×3 same, 8 to 16 channels', { ...base, padding: even(1), channels: 8, filters: 16, height: 8, width: 8 }],
  [
    '3×3 same, 16 to 32 channels',
    { ...base, padding: even(1), channels: 16, filters: 32, height: 8, width: 6, batch: 2 },
  ],
  ['3×3 same, one row', { ...base, padding: even(1), height: 1, width: 9 }],
  ['3×3 same, one pixel', { ...base, padding: even(1), height: 1, width: 1 }],
  ['2×2 padded bottom and right', { ...base, kernel: [2, 2], padding: bottomRight }],
  ['1×1', { ...base, kernel: [1, 1], channels: 5, filters: 9 }],
  ['1×1, stride 2', { ...base, kernel: [1, 1], strides: [2, 2] }],
  ['5×5 valid', { ...base, height: 9, width: 11, kernel: [5, 5], channels: 2 }],
  ['5×5 same', { ...base, height: 9, width: 8, kernel: [5, 5], padding: even(2), filters: 6 }],
  ['7×7 same, stride 2', { ...base, height: 13, width: 12, kernel: [7, 7], strides: [2, 2], padding: even(3) }],
  ['3×3 same, stride 2', { ...base, strides: [2, 2], padding: even(1) }],
  ['3×3, stride 3 by 2', { ...base, height: 11, width: 9, strides: [3, 2] }],
  ['1×3 and uneven padding', { ...base, kernel: [1, 3], padding: { top: 0, bottom: 1, left: 2, right: 0 } }],
  ['4×1, stride 1 by 2', { ...base, kernel: [4, 1], strides: [1, 2] }],
  ['3×3, dilation 2', { ...base, height: 9, width: 8, dilation: [2, 2] }],
  [
    '3×3 same, dilation 2 by 3',
    { ...base, height: 9, width: 10, dilation: [2, 3], padding: { top: 2, bottom: 2, left: 3, right: 3 } },
  ],
  [
    '3×3, dilation and stride 2',
    { ...base, height: 11, width: 10, dilation: [2, 2], strides: [2, 2], padding: even(2) },
  ],
  ['two groups', { ...base, padding: even(1), channels: 6, filters: 8, groups: 2 }],
  ['three groups of uneven size', { ...base, channels: 9, filters: 15, groups: 3, strides: [2, 1] }],
  ['depthwise', { ...base, padding: even(1), channels: 5, filters: 5, groups: 5 }],
  ['depthwise, stride 2', { ...base, padding: even(1), channels: 8, filters: 8, groups: 8, strides: [2, 2] }],
  [
    'depthwise, two filters a channel, dilation 2',
    { ...base, channels: 3, filters: 6, groups: 3, dilation: [2, 1], padding: even(1) },
  ],
  // Every other output meets no tap.
  ['depthwise 1×1, stride 2', { ...base, kernel: [1, 1], channels: 7, filters: 7, groups: 7, strides: [2, 2] }],
  [
    'depthwise, padded bottom and right, stride 2',
    { ...base, height: 14, width: 12, channels: 9, filters: 9, groups: 9, strides: [2, 2], padding: bottomRight },
  ],
  [
    'depthwise 5×4, stride 3 by 2, dilation 2',
    {
      ...base,
      ...{ height: 21, width: 26, kernel: [5, 4], channels: 6, filters: 6, groups: 6 },
      ...{ strides: [3, 2], dilation: [1, 2], padding: { top: 3, bottom: 1, left: 2, right: 5 } },
    },
  ],
  [
    'depthwise, a window larger than the picture',
    {
      ...base,
      ...{ height: 2, width: 3, kernel: [3, 3], channels: 4, filters: 4, groups: 4 },
      ...{ dilation: [3, 4], padding: { top: 6, bottom: 5, left: 8, right: 7 } },
    },
  ],
  [
    'depthwise, 9 pictures',
    { ...base, batch: 9, height: 11, width: 13, channels: 10, filters: 10, groups: 10, padding: even(1) },
  ],
  // Of one slice, to be shared by threads (test/targets/shared-pictures): by lines, register tiles, blocks of filters.
  [
    'depthwise of two pictures, by lines',
    { ...base, batch: 2, height: 19, width: 17, channels: 36, filters: 36, groups: 36, padding: even(1) },
  ],
  [
    'depthwise of two pictures, stride 2, by lines',
    {
      ...base,
      ...{ batch: 2, height: 38, width: 27, channels: 42, filters: 42, groups: 42 },
      ...{ strides: [2, 2], padding: bottomRight },
    },
  ],
  [
    '5×5 of two pictures, stride 2, by lines',
    { ...base, batch: 2, height: 19, width: 23, kernel: [5, 5], filters: 21, strides: [2, 2], padding: even(2) },
  ],
  [
    '1×1 of two pictures, by tiles',
    { ...base, batch: 2, height: 9, width: 9, kernel: [1, 1], channels: 30, filters: 43 },
  ],
  [
    '1×1 of two pictures, by blocks',
    { ...base, batch: 2, height: 3, width: 3, kernel: [1, 1], channels: 70, filters: 132 },
  ],
  ['3×3 same, 9 pictures', { ...base, batch: 9, padding: even(1) }],
]

/** Builds forward, input gradient or filter gradient of one convolution from leaves. */
function convolutionCase(
  pass: 'conv2d' | 'conv2dInputGrad' | 'conv2dFilterGrad',
  label: string,
  shape: ConvolutionShape,
): OpCase {
  const { batch, height, width, channels, kernel, filters, strides, padding, dilation, groups } = shape
  const convolution: Convolution = { strides, padding, dilation, groups }
  const filterShape = [...kernel, channels / groups, filters]
  const extents = convolvedExtents(height, width, kernel[0], kernel[1], convolution)
  return {
    name: `${pass}, ${label}`,
    kind: pass,
    batch,
    build: c => {
      if (pass === 'conv2d') return c.graph.conv2d(c.rows([height, width, channels]), c.input(filterShape), convolution)
      const dy = c.rows([...extents, filters])
      return pass === 'conv2dInputGrad'
        ? c.graph.conv2dInputGrad(dy, c.input(filterShape), {
            ...convolution,
            inputShape: [batch, height, width, channels],
          })
        : c.graph.conv2dFilterGrad(c.rows([height, width, channels]), dy, { ...convolution, filterShape })
    },
  }
}

const windows: readonly (readonly [string, readonly [number, number, number], Window])[] = [
  ['2×2', [6, 4, 3], { size: [2, 2], strides: [2, 2], padding: none }],
  ['2×2, odd picture', [7, 5, 9], { size: [2, 2], strides: [2, 2], padding: none }],
  ['2×2 of 16 channels', [8, 8, 16], { size: [2, 2], strides: [2, 2], padding: none }],
  ['2×2, padded odd picture', [7, 5, 2], { size: [2, 2], strides: [2, 2], padding: bottomRight }],
  ['3×3, stride 2, overlapping', [7, 9, 4], { size: [3, 3], strides: [2, 2], padding: none }],
  ['3×3, stride 2, overlapping, padded', [8, 7, 5], { size: [3, 3], strides: [2, 2], padding: even(1) }],
  ['3×3, stride 1, padded', [5, 5, 3], { size: [3, 3], strides: [1, 1], padding: even(1) }],
  ['2×3, stride 1 by 2', [5, 8, 1], { size: [2, 3], strides: [1, 2], padding: none }],
  ['2×2, stride 3 (gaps)', [8, 9, 2], { size: [2, 2], strides: [3, 3], padding: none }],
  ['the whole picture', [4, 5, 7], { size: [4, 5], strides: [4, 5], padding: none }],
]

const poolingCases = windows.flatMap(([label, extents, window]): OpCase[] => {
  const batch = 8
  const pooled = convolvedExtents(extents[0], extents[1], ...window.size, { ...window, dilation: [1, 1] })
  return [
    {
      name: `maxPool2d ${label}`,
      kind: 'maxPool2d',
      batch,
      build: c => c.graph.maxPool2d(c.rows(extents, 'distinct'), window),
    },
    {
      name: `maxPool2dGrad ${label}`,
      kind: 'maxPool2dGrad',
      batch,
      build: c => {
        const x = c.rows(extents, 'distinct')
        return c.graph.maxPool2dGrad(x, c.graph.maxPool2d(x, window), c.rows([...pooled, extents[2]]), window)
      },
    },
    {
      name: `maxPool2dGrad ${label}, the first of equals`,
      kind: 'maxPool2dGrad',
      batch,
      build: c => {
        const x = c.rows(extents, 'ties')
        return c.graph.maxPool2dGrad(x, c.graph.maxPool2d(x, window), c.rows([...pooled, extents[2]]), window)
      },
      noDifferences: 'ties',
    },
    {
      name: `averagePool2d ${label}`,
      kind: 'averagePool2d',
      batch,
      build: c => c.graph.averagePool2d(c.rows(extents), window),
    },
    {
      name: `averagePool2dGrad ${label}`,
      kind: 'averagePool2dGrad',
      batch,
      build: c =>
        c.graph.averagePool2dGrad(c.rows([...pooled, extents[2]]), { ...window, inputShape: [batch, ...extents] }),
    },
  ]
})

/** Winograd's rounding is worst where one large number stands among zeros. */
const spikes = ([0, 40, 107] as const).map(
  (place): OpCase => ({
    name: `conv2d 3×3 same, a spike at ${place} among zeros`,
    kind: 'conv2d',
    batch: 2,
    build: c =>
      c.graph.conv2d(
        c.rows([8, 8, 8], index => (index === place * 8 + 3 ? 1000 : 0)),
        c.input([3, 3, 8, 8]),
        { strides: [1, 1], padding: even(1), dilation: [1, 1], groups: 1 },
      ),
  }),
)

const fixedPictures: OpCase = {
  name: 'conv2d of pictures that are no rows of a batch, 9 to 12 channels',
  kind: 'conv2d',
  batch: 2,
  build: c => {
    const convolution: Convolution = { strides: [1, 1], padding: even(1), dilation: [1, 1], groups: 1 }
    return c.graph.conv2d(c.input([2, 7, 6, 9]), c.input([3, 3, 9, 12]), convolution)
  },
}

/** Pictures with something around them: zeros become padding, all else stays. */
const borders = (
  [
    ['zeros', [0, 1, 2, 0], [0, 0, 3, 0], 0, { ...base, padding: even(1) }],
    ['zeros, stride 2', [0, 0, 1, 0], [0, 1, 0, 0], 0, { ...base, strides: [2, 2] }],
    ['zeros that a filter covers', [0, 1, 0, 0], [0, 0, 1, 0], 0, { ...base, kernel: [8, 7] }],
    ['zeros, depthwise', [0, 0, 0, 0], [0, 1, 1, 0], 0, { ...base, filters: 3, groups: 3, strides: [2, 2] }],
    ['ones', [0, 1, 1, 0], [0, 1, 1, 0], 1, base],
    ['zeros and a channel more', [0, 1, 1, 0], [0, 1, 1, 1], 0, { ...base, channels: 4 }],
  ] as const
).map(([label, before, after, value, shape]): OpCase => {
  const { batch, channels, kernel, filters, groups, ...rest } = shape
  const convolution: Convolution = { ...rest, groups }
  return {
    name: `conv2d and its gradients of pictures in a border of ${label}`,
    kind: 'composite',
    batch,
    build: c => {
      const x = c.rows([base.height, base.width, base.channels])
      const padded = c.graph.pad(x, before, after, value)
      const filter = c.input([...kernel, channels / groups, filters])
      const y = c.graph.conv2d(padded, filter, convolution)
      const dy = c.rows(y.shape.slice(1))
      const dx = c.graph.conv2dInputGrad(dy, filter, { ...convolution, inputShape: padded.shape })
      const dw = c.graph.conv2dFilterGrad(padded, dy, { ...convolution, filterShape: filter.shape })
      return [y, c.graph.slice(dx, before, x.shape), dw, c.graph.sum(padded, [1, 2])]
    },
  }
})

export function convolutionCases(): OpCase[] {
  const passes = ['conv2d', 'conv2dInputGrad', 'conv2dFilterGrad'] as const
  return [
    ...passes.flatMap(pass => shapes.map(([label, shape]) => convolutionCase(pass, label, shape))),
    ...poolingCases,
    ...spikes,
    ...borders,
    fixedPictures,
  ]
}
