/** The oracle's data movement and reductions: every result element computed from the indices, nothing clever. */
import { type Shape, sizeOf, stridesOf } from '../../base/shape.ts'
import type { ReduceFn } from '../ops.ts'
import { eachIndex, type OracleTensor } from './evaluate-elementwise.ts'

const { max } = Math
const { NEGATIVE_INFINITY: minusInfinity } = Number

export function evaluateTranspose(x: OracleTensor, permutation: readonly number[], shape: Shape): Float64Array {
  const strides = stridesOf(x.shape)
  return gather(shape, indices => x.data[dot(indices, axis => strides[permutation[axis]!]!)]!)
}

export function evaluatePad(x: OracleTensor, before: readonly number[], value: number, shape: Shape): Float64Array {
  const strides = stridesOf(x.shape)
  return gather(shape, indices => {
    const inside = indices.every((index, axis) => index >= before[axis]! && index < before[axis]! + x.shape[axis]!)
    if (!inside) return value
    let source = 0
    for (let axis = 0; axis < strides.length; axis++) source += (indices[axis]! - before[axis]!) * strides[axis]!
    return x.data[source]!
  })
}

export function evaluateSlice(x: OracleTensor, begin: readonly number[], shape: Shape): Float64Array {
  const strides = stridesOf(x.shape)
  const first = dot(begin, axis => strides[axis]!)
  return gather(shape, indices => x.data[first + dot(indices, axis => strides[axis]!)]!)
}

export function evaluateConcat(inputs: readonly OracleTensor[], axis: number, shape: Shape): Float64Array {
  const result = new Float64Array(sizeOf(shape))
  const strides = stridesOf(shape)
  let offset = 0
  for (const x of inputs) {
    eachIndex(x.shape, (indices, flat) => {
      result[offset * strides[axis]! + dot(indices, a => strides[a]!)] = x.data[flat]!
    })
    offset += x.shape[axis]!
  }
  return result
}

export function evaluateIota(axis: number, shape: Shape): Float64Array {
  return gather(shape, indices => indices[axis] ?? 0)
}

const reductions: { readonly [F in ReduceFn]: { initial: number; two: (a: number, b: number) => number } } = {
  sum: { initial: 0, two: (a, b) => a + b },
  max: { initial: minusInfinity, two: (a, b) => max(a, b) },
}

export function evaluateReduce(fn: ReduceFn, x: OracleTensor, axes: readonly number[], shape: Shape): Float64Array {
  const { initial, two } = reductions[fn]
  const result = new Float64Array(sizeOf(shape)).fill(initial)
  const kept = x.shape.map((_, axis) => axis).filter(axis => !axes.includes(axis))
  const strides = stridesOf(shape)
  eachIndex(x.shape, (indices, flat) => {
    let target = 0
    for (let index = 0; index < kept.length; index++) target += indices[kept[index]!]! * strides[index]!
    result[target] = two(result[target]!, x.data[flat]!)
  })
  return result
}

/** Index of the first largest element of each row of the last axis. */
export function evaluateArgmax(x: OracleTensor): Float64Array {
  const width = x.shape.at(-1)!
  return Float64Array.from({ length: x.data.length / width }, (_, row) => {
    let best = 0
    for (let column = 1; column < width; column++) {
      if (x.data[row * width + column]! > x.data[row * width + best]!) best = column
    }
    return best
  })
}

export function evaluateMatmul(
  a: OracleTensor,
  b: OracleTensor,
  transposeA: boolean,
  transposeB: boolean,
): Float64Array {
  const [rows, inner] = transposeA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!]
  const columns = transposeB ? b.shape[0]! : b.shape[1]!
  const right = transposeB ? evaluateTranspose(b, [1, 0], [inner, columns]) : b.data
  const result = new Float64Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < inner; k++) {
      const left = a.data[transposeA ? k * rows + row : row * inner + k]!
      for (let column = 0; column < columns; column++) {
        const target = row * columns + column
        result[target] = result[target]! + left * right[k * columns + column]!
      }
    }
  }
  return result
}

function gather(shape: Shape, read: (indices: readonly number[]) => number): Float64Array {
  const result = new Float64Array(sizeOf(shape))
  eachIndex(shape, (indices, flat) => {
    result[flat] = read(indices)
  })
  return result
}

function dot(indices: readonly number[], stride: (axis: number) => number): number {
  let sum = 0
  for (let axis = 0; axis < indices.length; axis++) sum += indices[axis]! * stride(axis)
  return sum
}
