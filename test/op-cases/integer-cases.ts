/**
 * Convolutions, matrix products and poolings on whole numbers from −3 to 3: every sum is exact in float32, whatever its order,
 * so a device must equal the plain loop bit for bit. Thousands of shapes, drawn from a fixed key; forward and both gradients are
 * the outputs of one case. Average pooling keeps to windows of 1, 2, 4 … elements without padding, where the mean is exact too.
 */
import { fold, keyOf, type RandomKey } from '../../packages/fovea/src/base/random.ts'
import type { Convolution, Window } from '../../packages/fovea/src/graph/ops.ts'
import { convolvedExtents } from '../../packages/fovea/src/graph/shape-rules.ts'
import type { OpCase } from './case.ts'
import { type Draw, drawOf } from './draw.ts'

/** Multiplications in the largest convolution: bigger draws are drawn again, or the plain loop takes minutes. */
const mostProducts = 400_000

/** At least 3,000 cases by default: two thirds convolutions, the rest products and poolings. */
export function integerCases(count = 3060): OpCase[] {
  const key = keyOf(3)
  const kinds = [convolution, convolution, convolution, convolution, matrixProduct, pooling] as const
  return Array.from({ length: count }, (_, index) => kinds[index % kinds.length]!(fold(key, index), index))
}

function convolution(key: RandomKey, index: number): OpCase {
  for (let attempt = 0; ; attempt++) {
    const found = convolutionOf(drawOf(fold(key, attempt)), index)
    if (found) return found
  }
}

function convolutionOf(draw: Draw, index: number): OpCase | undefined {
  const batch = draw.one([1, 2, 3])
  const kernel = [draw.whole(1, 7), draw.one([0, 0, 1]) === 1 ? draw.whole(1, 7) : 0] as [number, number]
  if (kernel[1] === 0) kernel[1] = kernel[0]
  const dilation = draw.one([
    [1, 1],
    [1, 1],
    [1, 1],
    [2, 2],
    [1, 3],
    [3, 2],
  ] as [number, number][])
  const strides = draw.one([
    [1, 1],
    [1, 1],
    [2, 2],
    [3, 3],
    [2, 1],
    [1, 3],
    [5, 4],
  ] as [number, number][])
  const reach = [dilation[0] * (kernel[0] - 1), dilation[1] * (kernel[1] - 1)] as const
  const side = (most: number): number => draw.whole(0, most)
  const padding = draw.one([
    () => ({ top: 0, bottom: 0, left: 0, right: 0 }),
    () => sameAround(reach),
    () => ({ top: side(reach[0]), bottom: side(reach[0]), left: side(reach[1]), right: side(reach[1]) }),
  ])()
  const [height, width] = [draw.whole(1, 33), draw.whole(1, 33)]
  let [channels, filters, groups] = [draw.whole(1, 33), draw.whole(1, 33), 1]
  const grouping = draw.whole(1, 8)
  if (grouping === 1) {
    // Depthwise, with one or two filters a channel.
    groups = channels
    filters = channels * draw.one([1, 1, 2])
  } else if (grouping === 2) {
    groups = draw.whole(2, 4)
    channels = groups * draw.whole(1, 8)
    filters = groups * draw.whole(1, 8)
  }
  const attributes: Convolution = { strides, padding, dilation, groups }
  const [rows, columns] = convolvedExtents(height, width, kernel[0], kernel[1], attributes)
  if (rows < 1 || columns < 1) return undefined
  if (batch * rows * columns * filters * (channels / groups) * kernel[0] * kernel[1] > mostProducts) return undefined
  const filterShape = [...kernel, channels / groups, filters]
  return {
    name: `${index}: conv2d ${batch}×${height}×${width}×${channels} by ${filterShape.join('×')}, ${JSON.stringify(attributes)}`,
    kind: 'conv2d',
    batch,
    exact: true,
    build: c => {
      const x = c.rows([height, width, channels], 'integers')
      const filter = c.input(filterShape, { fill: 'integers' })
      const dy = c.rows([rows, columns, filters], 'integers')
      return [
        c.graph.conv2d(x, filter, attributes),
        c.graph.conv2dInputGrad(dy, filter, { ...attributes, inputShape: x.shape }),
        c.graph.conv2dFilterGrad(x, dy, { ...attributes, filterShape }),
      ]
    },
  }
}

/** Keras's `same` at stride 1: the odd one at the bottom and right. */
function sameAround([rows, columns]: readonly [number, number]) {
  const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)]
  return { top, bottom: rows - top, left, right: columns - left }
}

function matrixProduct(key: RandomKey, index: number): OpCase {
  const draw = drawOf(key)
  const extent = (): number => draw.one([draw.whole(1, 9), draw.whole(1, 33), draw.whole(1, 33), draw.whole(34, 140)])
  const [batch, inner, columns] = [draw.whole(1, 33), extent(), extent()]
  return {
    name: `${index}: matmul ${batch}×${inner} by ${inner}×${columns}`,
    kind: 'matmul',
    batch,
    exact: true,
    build: c => {
      const x = c.rows([inner], 'integers')
      const weight = c.input([inner, columns], { fill: 'integers' })
      const dy = c.rows([columns], 'integers')
      return [
        c.graph.matmul(x, weight),
        c.graph.matmul(dy, weight, { transposeB: true }),
        c.graph.matmul(x, dy, { transposeA: true }),
        c.graph.matmul(c.input([columns, inner], { fill: 'integers' }), weight),
        c.graph.sum(dy, [0]),
      ]
    },
  }
}

function pooling(key: RandomKey, index: number): OpCase {
  const draw = drawOf(key)
  const batch = draw.whole(1, 3)
  const channels = draw.whole(1, 33)
  const average = draw.whole(0, 1) === 1
  const size = average
    ? draw.one([
        [2, 2],
        [2, 2],
        [1, 2],
        [4, 2],
        [4, 4],
        [1, 4],
      ] as [number, number][])
    : ([draw.whole(1, 5), draw.whole(1, 5)] as [number, number])
  const strides = draw.one([size, size, [draw.whole(1, 4), draw.whole(1, 4)]] as [number, number][])
  const side = (axis: 0 | 1): number => (average ? 0 : draw.whole(0, size[axis] - 1))
  const padding = { top: side(0), bottom: side(0), left: side(1), right: side(1) }
  const window: Window = { size, strides, padding }
  const [height, width] = [draw.whole(size[0], 33), draw.whole(size[1], 33)]
  const extents = convolvedExtents(height, width, size[0], size[1], { ...window, dilation: [1, 1] })
  return {
    name: `${index}: ${average ? 'average' : 'max'} pooling ${batch}×${height}×${width}×${channels}, ${JSON.stringify(window)}`,
    kind: average ? 'averagePool2d' : 'maxPool2d',
    batch,
    exact: true,
    build: c => {
      const x = c.rows([height, width, channels], 'integers')
      const dy = c.rows([...extents, channels], 'integers')
      if (average) {
        return [c.graph.averagePool2d(x, window), c.graph.averagePool2dGrad(dy, { ...window, inputShape: x.shape })]
      }
      const y = c.graph.maxPool2d(x, window)
      return [y, c.graph.maxPool2dGrad(x, y, dy, window)]
    },
  }
}
