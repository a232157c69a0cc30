/**
 * Elementary functions on vectors, our own polynomials, so that every engine and target gives the same bits.
 * exp in single precision (Cody & Waite reduction, Taylor and Cephes coefficients, ≤ 3 ULP). The rarer ones: rarer-math, double-math.
 */
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'

/** ln 2 in two parts: the first has few enough bits that n · ln2High is exact. */
const ln2High = 0.693359375
const ln2Low = -2.1219444e-4

/** Added to a float of magnitude below 2²², it leaves the nearest integer in the low bits of the sum: 1.5 · 2²³. */
const rounder = 12582912
const rounderBits = 0x4b400000

/**
 * x = n ln 2 + r with |r| ≤ ln 2 / 2; `integer`: n as an ivec. The engine's own conversions and its NaN-proof min and max take four
 * to eight instructions each; this takes one.
 */
export function reducedByLn2(k: KernelBuilder, x: Value): { integer: Value; r: Value } {
  const rounded = k.plus(k.mul(x, Math.LOG2E), rounder)
  const n = k.let(k.sub(rounded, rounder))
  const r = k.let(k.sub(k.sub(x, k.mul(n, ln2High)), k.mul(n, ln2Low)))
  return { integer: k.let(k.sub(k.intOf('asInt', rounded), k.ivec(rounderBits))), r }
}

export function polynomial(k: KernelBuilder, x: Value, coefficients: readonly number[]): Value {
  // Horner, highest power first; each step in a local keeps trees small.
  return coefficients
    .slice(1)
    .reduce((sum: Value, coefficient) => k.plus(k.mul(sum, x), coefficient), k.let(constant(k, x, coefficients[0]!)))
}

function constant(k: KernelBuilder, like: Value, value: number): Value {
  return like.type === 'dvec' ? k.dvec(value) : k.vec(value)
}

/** 2ⁿ for integers n in −126 … 127. */
export function powerOfTwo(k: KernelBuilder, n: Value): Value {
  return k.floatOf('asFloat', k.shift('shl', k.add(n, k.ivec(127)), 23))
}

/** Into [low, high]; NaN stays. */
export function clampedTo(k: KernelBuilder, x: Value, low: number, high: number): Value {
  return k.let(k.pmin(k.pmax(x, low), high))
}

/** e^r − 1 − r = r² · (…), |r| ≤ 0.35 (coefficients: Cephes expf). */
export function exponentialTail(k: KernelBuilder, r: Value): Value {
  const series = polynomial(
    k,
    r,
    [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 5.000_000_1e-1],
  )
  return k.times(series, k.mul(r, r))
}

export function exp(k: KernelBuilder, x: Value): Value {
  // Beyond these the result is 0 or infinity anyway.
  const { integer, r } = reducedByLn2(k, clampedTo(k, x, -104, 89))
  return scaledPower(k, r, integer)
}

/** e^(x + small), for x in −115 … 0 and a `small` whose addition would round. */
export function expOfSum(k: KernelBuilder, x: Value, small: Value): Value {
  const { integer, r } = reducedByLn2(k, x)
  return scaledPower(k, k.plus(r, small), integer)
}

/** e^r 2ⁿ. */
function scaledPower(k: KernelBuilder, r: Value, integer: Value): Value {
  const power = k.plus(k.add(exponentialTail(k, r), r), 1)
  // 2ⁿ in two factors: one would overflow or lose small results.
  const half = k.let(k.shift('shr', integer, 1))
  return k.times(k.mul(power, powerOfTwo(k, half)), powerOfTwo(k, k.sub(integer, half)))
}

/** e^x − 1 for x ≤ 0: nothing can overflow, and −0 may become 0, so that it takes five instructions less. */
export function expm1OfNegative(k: KernelBuilder, x: Value): Value {
  const { integer, r } = reducedByLn2(k, k.let(k.pmax(x, -30)))
  const fraction = k.plus(exponentialTail(k, r), r)
  const scale = k.let(powerOfTwo(k, integer))
  return k.plus(k.mul(fraction, scale), k.sub(scale, 1))
}
