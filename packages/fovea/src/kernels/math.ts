/**
 * Elementary functions on vectors, our own polynomials, so that every engine and target gives the same bits.
 * exp, expm1 and sigmoid in single precision (Cody & Waite reduction, Taylor and Cephes coefficients, ≤ 3 ULP), tanh too (≤ 7).
 * The rarer ones are in double-math.
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
function reduce(k: KernelBuilder, x: Value): { integer: Value; r: Value } {
  const rounded = k.let(k.add(k.mul(x, Math.LOG2E), rounder))
  const n = k.let(k.sub(rounded, rounder))
  const r = k.let(k.sub(k.sub(x, k.mul(n, ln2High)), k.mul(n, ln2Low)))
  return { integer: k.let(k.sub(k.asInt(rounded), k.ivec(rounderBits))), r }
}

export function polynomial(k: KernelBuilder, x: Value, coefficients: readonly number[]): Value {
  // Horner, highest power first; each step in a local keeps trees small.
  return coefficients
    .slice(1)
    .reduce(
      (sum: Value, coefficient) => k.let(k.add(k.mul(sum, x), coefficient)),
      k.let(constant(k, x, coefficients[0]!)),
    )
}

function constant(k: KernelBuilder, like: Value, value: number): Value {
  return like.type === 'dvec' ? k.dvec(value) : k.vec(value)
}

/** 2ⁿ for integers n in −126 … 127. */
function powerOfTwo(k: KernelBuilder, n: Value): Value {
  return k.asFloat(k.shl(k.add(n, k.ivec(127)), 23))
}

/** Into [low, high]; NaN stays. */
function clamp(k: KernelBuilder, x: Value, low: number, high: number): Value {
  return k.let(k.pmin(k.pmax(x, low), high))
}

/** e^r − 1 − r = r² · (…), |r| ≤ 0.35 (coefficients: Cephes expf). */
function exponentialTail(k: KernelBuilder, r: Value): Value {
  const series = polynomial(
    k,
    r,
    [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 5.000_000_1e-1],
  )
  return k.let(k.mul(series, k.mul(r, r)))
}

export function exp(k: KernelBuilder, x: Value): Value {
  // Beyond these the result is 0 or infinity anyway.
  const { integer, r } = reduce(k, clamp(k, x, -104, 89))
  const power = k.let(k.add(k.add(exponentialTail(k, r), r), 1))
  // 2ⁿ in two factors: one would overflow or lose small results.
  const half = k.let(k.shr(integer, 1))
  return k.let(k.mul(k.mul(power, powerOfTwo(k, half)), powerOfTwo(k, k.sub(integer, half))))
}

export function expm1(k: KernelBuilder, x: Value): Value {
  const { integer, r } = reduce(k, clamp(k, x, -30, 89))
  const fraction = k.let(k.add(exponentialTail(k, r), r))
  // 2ⁿ (1 + f) − 1 = 2 (2ⁿ⁻¹ f + (2ⁿ⁻¹ − 1/2)): halved, 2¹²⁸ needs no extra range.
  const scale = k.let(powerOfTwo(k, k.sub(integer, k.ivec(1))))
  const grown = k.let(k.mul(k.add(k.mul(fraction, scale), k.sub(scale, 0.5)), 2))
  // For tiny x the result is x itself (and −0 stays −0).
  return k.let(k.select(k.compare('lt', k.unary('abs', x), k.vec(1e-7)), x, grown))
}

/** e^x − 1 for x ≤ 0: nothing can overflow, and −0 may become 0, so that it takes five instructions less. */
export function expm1OfNegative(k: KernelBuilder, x: Value): Value {
  const { integer, r } = reduce(k, k.let(k.pmax(x, -30)))
  const fraction = k.let(k.add(exponentialTail(k, r), r))
  const scale = k.let(powerOfTwo(k, integer))
  return k.let(k.add(k.mul(fraction, scale), k.sub(scale, 1)))
}

/** tanh x = x · p(x²) / q(x²) up to where it is 1 to a few ULP (coefficients: Eigen's ptanh); half the work of e^2x − 1. ≤ 7 ULP. */
export function tanh(k: KernelBuilder, x: Value): Value {
  const bound = 7.905311
  const clamped = clamp(k, x, -bound, bound)
  const square = k.let(k.mul(clamped, clamped))
  const numerator = polynomial(
    k,
    square,
    [
      -2.760_768_5e-16, 2.000_187_9e-13, -8.604_671_5e-11, 5.122_297_1e-8, 1.485_722_4e-5, 6.372_619_3e-4,
      4.893_524_56e-3,
    ],
  )
  const denominator = polynomial(k, square, [1.198_258_4e-6, 1.185_347_06e-4, 2.268_434_63e-3, 4.893_525_19e-3])
  // The quotient is near 1 for small x: multiplied last, nothing is lost of the smallest numbers.
  return k.let(k.mul(k.div(numerator, denominator), clamped))
}

/** With e = e^−|x|: 1 / (1 + e) for x ≥ 0, e / (1 + e) below: nothing overflows, nothing cancels. */
export function sigmoid(k: KernelBuilder, x: Value): Value {
  const e = exp(k, k.let(k.unary('neg', k.unary('abs', x))))
  const numerator = k.select(k.compare('ge', x, 0), k.vec(1), e)
  return k.let(k.div(numerator, k.add(e, 1)))
}
