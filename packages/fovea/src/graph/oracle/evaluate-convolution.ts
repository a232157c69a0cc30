/**
 * The oracle's convolution and its two gradients: one walk over every product x[n, y', x', c] · f[r, s, c, k] of the definition,
 *
 *   y[n, oy, ox, k] = Σ over r, s, c in the group of k:  x[n, oy·stride + r·dilation − padding, …, c] · f[r, s, c, k],
 *
 * with the product's three places handed to whoever sums. x is N,H,W,C; f is R,S,C/groups,K; y is N,OH,OW,K.
 */
import { type Shape, sizeOf } from '../../base/shape.ts'
import type { Convolution } from '../ops.ts'
import type { OracleTensor } from './evaluate-elementwise.ts'

/** For each run of products that share the x element: positions of x, of the first filter and output element, and how many. */
type Visit = (x: number, filter: number, y: number, count: number) => void

function eachProduct(xShape: Shape, filterShape: Shape, yShape: Shape, convolution: Convolution, visit: Visit): void {
  const [n, height, width, channels] = xShape as [number, number, number, number]
  const [filterRows, filterColumns, groupChannels, filters] = filterShape as [number, number, number, number]
  const [, outputRows, outputColumns] = yShape as [number, number, number, number]
  const { strides, padding, dilation, groups } = convolution
  const groupFilters = filters / groups
  for (let image = 0; image < n; image++) {
    for (let outputRow = 0; outputRow < outputRows; outputRow++) {
      for (let outputColumn = 0; outputColumn < outputColumns; outputColumn++) {
        const y = ((image * outputRows + outputRow) * outputColumns + outputColumn) * filters
        for (let r = 0; r < filterRows; r++) {
          const row = outputRow * strides[0] + r * dilation[0] - padding.top
          if (row < 0 || row >= height) continue
          for (let s = 0; s < filterColumns; s++) {
            const column = outputColumn * strides[1] + s * dilation[1] - padding.left
            if (column < 0 || column >= width) continue
            const x = ((image * height + row) * width + column) * channels
            for (let group = 0; group < groups; group++) {
              for (let c = 0; c < groupChannels; c++) {
                const filter = ((r * filterColumns + s) * groupChannels + c) * filters + group * groupFilters
                visit(x + group * groupChannels + c, filter, y + group * groupFilters, groupFilters)
              }
            }
          }
        }
      }
    }
  }
}

export function evaluateConv2d(
  x: OracleTensor,
  filter: OracleTensor,
  shape: Shape,
  convolution: Convolution,
): Float64Array {
  const result = new Float64Array(sizeOf(shape))
  eachProduct(x.shape, filter.shape, shape, convolution, (xAt, filterAt, yAt, count) => {
    const value = x.data[xAt]!
    for (let k = 0; k < count; k++) result[yAt + k] = result[yAt + k]! + value * filter.data[filterAt + k]!
  })
  return result
}

export function evaluateConv2dInputGrad(
  dy: OracleTensor,
  filter: OracleTensor,
  shape: Shape,
  convolution: Convolution,
): Float64Array {
  const result = new Float64Array(sizeOf(shape))
  eachProduct(shape, filter.shape, dy.shape, convolution, (xAt, filterAt, yAt, count) => {
    let sum = 0
    for (let k = 0; k < count; k++) sum += dy.data[yAt + k]! * filter.data[filterAt + k]!
    result[xAt] = result[xAt]! + sum
  })
  return result
}

export function evaluateConv2dFilterGrad(
  x: OracleTensor,
  dy: OracleTensor,
  shape: Shape,
  convolution: Convolution,
): Float64Array {
  const result = new Float64Array(sizeOf(shape))
  eachProduct(x.shape, shape, dy.shape, convolution, (xAt, filterAt, yAt, count) => {
    const value = x.data[xAt]!
    for (let k = 0; k < count; k++) result[filterAt + k] = result[filterAt + k]! + value * dy.data[yAt + k]!
  })
  return result
}
