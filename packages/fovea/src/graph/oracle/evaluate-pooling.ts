/** The oracle's pooling and its gradients: for every window the positions of its elements that lie inside the picture. */
import { type Shape, sizeOf } from '../../base/shape.ts'
import type { Window } from '../ops.ts'
import type { OracleTensor } from './evaluate-elementwise.ts'

const { max } = Math
const { NEGATIVE_INFINITY: minusInfinity } = Number

/** Calls `visit` once per output element (its position, and the x positions of its window, row by row). */
function eachWindow(
  xShape: Shape,
  yShape: Shape,
  window: Window,
  visit: (y: number, elements: readonly number[]) => void,
): void {
  const [n, height, width, channels] = xShape as [number, number, number, number]
  const [, outputRows, outputColumns] = yShape as [number, number, number, number]
  const { size, strides, padding } = window
  for (let image = 0; image < n; image++) {
    for (let outputRow = 0; outputRow < outputRows; outputRow++) {
      for (let outputColumn = 0; outputColumn < outputColumns; outputColumn++) {
        for (let channel = 0; channel < channels; channel++) {
          const elements: number[] = []
          for (let r = 0; r < size[0]; r++) {
            const row = outputRow * strides[0] + r - padding.top
            if (row < 0 || row >= height) continue
            for (let s = 0; s < size[1]; s++) {
              const column = outputColumn * strides[1] + s - padding.left
              if (column < 0 || column >= width) continue
              elements.push(((image * height + row) * width + column) * channels + channel)
            }
          }
          visit(((image * outputRows + outputRow) * outputColumns + outputColumn) * channels + channel, elements)
        }
      }
    }
  }
}

export function evaluateMaxPool2d(x: OracleTensor, shape: Shape, window: Window): Float64Array {
  const result = new Float64Array(sizeOf(shape))
  eachWindow(x.shape, shape, window, (y, elements) => {
    let largest = minusInfinity
    for (const element of elements) largest = max(largest, x.data[element]!)
    result[y] = largest
  })
  return result
}

export function evaluateMaxPool2dGrad(
  x: OracleTensor,
  y: OracleTensor,
  dy: OracleTensor,
  window: Window,
): Float64Array {
  const result = new Float64Array(x.data.length)
  eachWindow(x.shape, dy.shape, window, (at, elements) => {
    const first = elements.find(element => x.data[element] === y.data[at])
    if (first !== undefined) result[first] = result[first]! + dy.data[at]!
  })
  return result
}

export function evaluateAveragePool2d(x: OracleTensor, shape: Shape, window: Window): Float64Array {
  const result = new Float64Array(sizeOf(shape))
  eachWindow(x.shape, shape, window, (y, elements) => {
    let sum = 0
    for (const element of elements) sum += x.data[element]!
    result[y] = sum / elements.length
  })
  return result
}

export function evaluateAveragePool2dGrad(dy: OracleTensor, shape: Shape, window: Window): Float64Array {
  const result = new Float64Array(sizeOf(shape))
  eachWindow(shape, dy.shape, window, (y, elements) => {
    for (const element of elements) result[element] = result[element]! + dy.data[y]! / elements.length
  })
  return result
}
