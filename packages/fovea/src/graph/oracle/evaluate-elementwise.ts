/**
 * The oracle's element-wise operations: the exact mathematical functions on doubles, operands expanded first.
 * NaN goes through everything but comparisons and `select`.
 */
import { type Shape, sameShape, sizeOf, stridesOf } from '../../base/shape.ts'
import type { BinaryFn, UnaryFn } from '../ops.ts'

const { PI, SQRT1_2, abs, cos, exp, expm1, floor, log, log1p, max, min, sign, sin, sqrt, tanh } = Math

/** A value of one run: `shape` has the n real rows as axis 0 when batched. */
export interface OracleTensor {
  readonly shape: Shape
  readonly data: Float64Array
}

const unaryFunctions: { readonly [F in UnaryFn]: (x: number) => number } = {
  neg: x => -x,
  abs: abs,
  sign: sign,
  square: x => x * x,
  sqrt: sqrt,
  reciprocal: x => 1 / x,
  floor: floor,
  exp: exp,
  expm1: expm1,
  log: log,
  log1p: log1p,
  tanh: tanh,
  sigmoid: x => 1 / (1 + exp(-x)),
  erf,
  normalCdf: x => 0.5 * erfc(-x * SQRT1_2),
  sin: sin,
  cos: cos,
  relu: x => max(x, 0),
  elu: x => (x > 0 ? x : expm1(x)),
}

const binaryFunctions: { readonly [F in BinaryFn]: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: max,
  min: min,
  pow: (a, b) => a ** b,
  equal: (a, b) => (a === b ? 1 : 0),
  less: (a, b) => (a < b ? 1 : 0),
  lessEqual: (a, b) => (a <= b ? 1 : 0),
}

export function evaluateUnary(fn: UnaryFn, x: OracleTensor): Float64Array {
  return x.data.map(unaryFunctions[fn])
}

export function evaluateBinary(fn: BinaryFn, a: OracleTensor, b: OracleTensor, shape: Shape): Float64Array {
  const left = broadcastValues(a, shape)
  const right = broadcastValues(b, shape)
  const compute = binaryFunctions[fn]
  const result = new Float64Array(left.length)
  for (let index = 0; index < result.length; index++) result[index] = compute(left[index]!, right[index]!)
  return result
}

export function evaluateSelect(condition: OracleTensor, a: OracleTensor, b: OracleTensor, shape: Shape): Float64Array {
  const chosen = broadcastValues(condition, shape)
  const left = broadcastValues(a, shape)
  const right = broadcastValues(b, shape)
  return left.map((value, index) => (chosen[index] !== 0 ? value : right[index]!))
}

/** The elements repeated along axes of extent 1 and along new leading axes (NumPy's rule). */
export function broadcastValues(x: OracleTensor, shape: Shape): Float64Array {
  if (sameShape(x.shape, shape)) return x.data
  if (x.data.length === 1) return new Float64Array(sizeOf(shape)).fill(x.data[0]!)
  const result = new Float64Array(sizeOf(shape))
  const own = stridesOf(x.shape)
  const lead = shape.length - x.shape.length
  const strides = shape.map((_, axis) => (axis < lead || x.shape[axis - lead] === 1 ? 0 : own[axis - lead]!))
  eachIndex(shape, (indices, flat) => {
    let source = 0
    for (let axis = 0; axis < strides.length; axis++) source += indices[axis]! * strides[axis]!
    result[flat] = x.data[source]!
  })
  return result
}

/** Calls `visit` for every element in row-major order with its indices (the same array each time) and its flat position. */
export function eachIndex(shape: Shape, visit: (indices: readonly number[], flat: number) => void): void {
  const indices = new Array<number>(shape.length).fill(0)
  const size = sizeOf(shape)
  for (let flat = 0; flat < size; flat++) {
    visit(indices, flat)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      indices[axis] = indices[axis]! + 1
      if (indices[axis]! < shape[axis]!) break
      indices[axis] = 0
    }
  }
}

/**
 * erf(x) = 2/√π · exp(−x²) · Σ 2ᵏ x²ᵏ⁺¹ / (1·3·5…(2k+1)); all terms have one sign, so nothing cancels.
 * Beyond 6 it is ±1 to the last bit of a double. (Abramowitz and Stegun 7.1.6.)
 */
export function erf(x: number): number {
  if (abs(x) > 6) return sign(x)
  let term = x
  let sum = x
  for (let k = 1; abs(term) > 1e-18 * abs(sum); k++) {
    term *= (2 * x * x) / (2 * k + 1)
    sum += term
  }
  return (2 / sqrt(PI)) * exp(-x * x) * sum
}

/** 1 − erf(x): from the series while nothing cancels, then exp(−x²)/√π times the continued fraction 1/(x + ½/(x + 1/(x + 1½/(x + …)))). */
export function erfc(x: number): number {
  if (x < 0.5) return 1 - erf(x)
  // Depths that give a double's precision from x = 0.5 and from x = 2 on.
  let fraction = x
  for (let k = x < 2 ? 1000 : 120; k > 0; k--) fraction = x + k / 2 / fraction
  return exp(-x * x) / sqrt(PI) / fraction
}
