/**
 * Elementary functions on vectors, our own polynomials, so that every engine and target gives the same bits.
 * exp, expm1 and sigmoid in single precision (Cody & Waite reduction, Taylor and Cephes coefficients, ≤ 3 ULP), tanh too (≤ 7);
 * the rarer log, log1p, pow, erf, Φ, sin and cos in double precision, rounded once (≤ 3 ULP).
 */
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { laneNumbers } from './lanes.ts'

const log2e = Math.LOG2E
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
  const rounded = k.let(k.add(k.mul(x, log2e), rounder))
  const n = k.let(k.sub(rounded, rounder))
  const r = k.let(k.sub(k.sub(x, k.mul(n, ln2High)), k.mul(n, ln2Low)))
  return { integer: k.let(k.sub(k.asInt(rounded), k.ivec(rounderBits))), r }
}

function polynomial(k: KernelBuilder, x: Value, coefficients: readonly number[]): Value {
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

// In double precision

type Pair = readonly [Value, Value]

function inDoubles(k: KernelBuilder, inputs: readonly Value[], compute: (...x: Value[]) => Value): Value {
  const half = k.lanes / 2
  const upper = laneNumbers(k).map(lane => half + (lane % half))
  const halves = inputs.map((x): Pair => {
    const held = k.let(x)
    return [k.let(k.widen(held)), k.let(k.widen(k.shuffle(held, held, upper)))]
  })
  const low = k.let(k.narrow(compute(...halves.map(pair => pair[0]))))
  const high = k.let(k.narrow(compute(...halves.map(pair => pair[1]))))
  const both = laneNumbers(k).map(lane => (lane < half ? lane : k.lanes + lane - half))
  return k.let(k.shuffle(low, high, both))
}

/** ln x for doubles that came from positive floats (so never denormal). Others: see `logOf`. */
function logDouble(k: KernelBuilder, x: Value): Value {
  const held = k.let(x)
  const words = k.let(k.asInt(held))
  const half = k.lanes / 2
  const odd = laneNumbers(k).map(lane => 2 * (lane % half) + 1)
  const high = k.shuffle(words, words, odd)
  const exponent = k.widen(k.let(k.sub(k.shru(high, 20), k.ivec(1023))))
  // The fraction's bits (largest denormal = their mask) under the exponent of 1: m in [1, 2), then [√½, √2).
  const m = k.let(k.or(k.and(held, k.dvec(2.2250738585072009e-308)), k.dvec(1)))
  const upper = k.let(k.compare('gt', m, k.dvec(Math.SQRT2)))
  const centred = k.let(k.select(upper, k.mul(m, 0.5), m))
  const n = k.let(k.select(upper, k.add(exponent, 1), exponent))
  // ln m = 2 atanh t, t = (m − 1) / (m + 1)
  const t = k.let(k.div(k.sub(centred, 1), k.add(centred, 1)))
  const square = k.let(k.mul(t, t))
  const series = polynomial(k, square, [1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1])
  return k.let(k.add(k.mul(n, Math.LN2), k.mul(k.mul(t, 2), series)))
}

/** The ends of the line: ln 0 = −∞, ln of a negative number is NaN, ∞ and NaN pass. `x` and `result` are vecs. */
function logOf(k: KernelBuilder, x: Value, result: Value): Value {
  const positive = k.select(k.compare('lt', x, k.vec(Number.POSITIVE_INFINITY)), result, x)
  const zero = k.select(k.compare('eq', x, k.vec(0)), k.vec(Number.NEGATIVE_INFINITY), k.vec(Number.NaN))
  return k.let(k.select(k.compare('gt', x, k.vec(0)), positive, k.select(k.compare('ne', x, x), x, zero)))
}

export function log(k: KernelBuilder, x: Value): Value {
  const held = k.let(x)
  return logOf(
    k,
    held,
    inDoubles(k, [held], value => logDouble(k, value)),
  )
}

/** ln(1 + x); 1 + x is exact enough in double. */
export function log1p(k: KernelBuilder, x: Value): Value {
  const held = k.let(x)
  const value = inDoubles(k, [held], wide => {
    const sum = k.let(k.add(wide, 1))
    // What rounding of 1 + x lost, relative to the sum: keeps tiny x exact.
    const lost = k.sub(wide, k.sub(sum, 1))
    return k.add(logDouble(k, sum), k.div(lost, sum))
  })
  return zeroOr(k, held, logOf(k, k.let(k.add(held, 1)), value))
}

/** x itself where it is 0 or −0, for functions that keep the sign of 0. */
function zeroOr(k: KernelBuilder, x: Value, result: Value): Value {
  return k.let(k.select(k.compare('eq', x, k.vec(0)), x, result))
}

function expDouble(k: KernelBuilder, x: Value): Value {
  const clamped = k.let(k.pmin(k.pmax(x, k.dvec(-700)), k.dvec(700)))
  const n = k.let(k.unary('nearest', k.mul(clamped, log2e)))
  const r = k.let(k.sub(k.sub(clamped, k.mul(n, 0.6931471803691238)), k.mul(n, 1.9082149292705877e-10)))
  const factorials = [
    1 / 39916800,
    1 / 3628800,
    1 / 362880,
    1 / 40320,
    1 / 5040,
    1 / 720,
    1 / 120,
    1 / 24,
    1 / 6,
    1 / 2,
    1,
    1,
  ]
  const power = polynomial(k, r, factorials)
  const exponent = k.let(k.shl(k.add(lowWord(k, n), k.ivec(1023)), 20))
  const zero = k.ivec(0)
  // Into the upper words, zeros below.
  const words = laneNumbers(k).map(lane => (lane % 2 === 0 ? k.lanes + lane / 2 : lane - 1))
  return k.mul(power, k.asDouble(k.shuffle(exponent, zero, words)))
}

/** The integer in an integer-valued double, in the low word of its lane (adding 1.5 · 2⁵² moves it there). */
function lowWord(k: KernelBuilder, n: Value): Value {
  return k.let(k.asInt(k.add(n, k.dvec(6755399441055744))))
}

/** b^e for b ≥ 0. */
export function pow(k: KernelBuilder, base: Value, exponent: Value): Value {
  const b = k.let(base)
  const e = k.let(exponent)
  const general = inDoubles(k, [b, e], (x, y) => expDouble(k, k.mul(logDouble(k, x), y)))
  // The ends of the line: 0 and ∞ to any power are 0 or ∞; x⁰ is 1 whatever x is; NaN stays NaN.
  const zero = k.let(k.compare('eq', b, k.vec(0)))
  const infinite = k.compare('eq', b, k.vec(Number.POSITIVE_INFINITY))
  const grows = k.compare('gt', k.select(zero, k.unary('neg', e), e), k.vec(0))
  const end = k.select(grows, k.vec(Number.POSITIVE_INFINITY), k.vec(0))
  const known = k.select(k.compare('ge', b, k.vec(0)), k.select(k.or(zero, infinite), end, general), k.vec(Number.NaN))
  const result = k.select(k.compare('eq', e, e), known, e)
  return k.let(k.select(k.compare('eq', e, k.vec(0)), k.vec(1), result))
}

/** Maclaurin series below ½, 1 − erfc above. */
export function erf(k: KernelBuilder, x: Value): Value {
  return inDoubles(k, [x], value => {
    const magnitude = k.let(k.unary('abs', value))
    const square = k.let(k.mul(value, value))
    const terms = Array.from(
      { length: 14 },
      (_, n) => ((n % 2 ? -1 : 1) * 2) / (Math.sqrt(Math.PI) * factorial(n) * (2 * n + 1)),
    )
    const small = k.mul(polynomial(k, square, terms.reverse()), value)
    const large = k.let(k.sub(k.dvec(1), erfcOfPositive(k, magnitude)))
    const signed = k.select(k.compare('lt', value, k.dvec(0)), k.unary('neg', large), large)
    return k.select(k.compare('lt', magnitude, k.dvec(1)), small, signed)
  })
}

/** Φ(x) = erfc(−x / √2) / 2. */
export function normalCdf(k: KernelBuilder, x: Value): Value {
  return inDoubles(k, [x], value => {
    const z = k.let(k.mul(value, -Math.SQRT1_2))
    const tail = k.let(erfcOfPositive(k, k.let(k.unary('abs', z))))
    return k.mul(k.select(k.compare('lt', z, k.dvec(0)), k.sub(k.dvec(2), tail), tail), 0.5)
  })
}

/** erfc for z ≥ 0, relative error 1.2·10⁻⁷ (Numerical Recipes, §6.2, Chebyshev fit). */
function erfcOfPositive(k: KernelBuilder, z: Value): Value {
  const t = k.let(k.div(k.dvec(1), k.add(k.mul(z, 0.5), 1)))
  const fit = polynomial(
    k,
    t,
    [
      0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
      -1.26551223,
    ],
  )
  return k.mul(t, expDouble(k, k.let(k.sub(fit, k.mul(z, z)))))
}

/** Reduced by multiples of π/2 in double: good for |x| up to some 10⁵. */
function sine(k: KernelBuilder, x: Value, quarterTurns: number): Value {
  return inDoubles(k, [x], value => {
    const n = k.let(k.unary('nearest', k.mul(value, 2 / Math.PI)))
    const r = k.let(k.sub(k.sub(value, k.mul(n, 1.5707963267341256)), k.mul(n, 6.077100506506192e-11)))
    const square = k.let(k.mul(r, r))
    const sin = k.let(k.mul(polynomial(k, square, [-1 / 39916800, 1 / 362880, -1 / 5040, 1 / 120, -1 / 6, 1]), r))
    const cos = polynomial(k, square, [1 / 479001600, -1 / 3628800, 1 / 40320, -1 / 720, 1 / 24, -1 / 2, 1])
    const low = k.let(k.add(lowWord(k, n), k.ivec(quarterTurns)))
    const quadrant = k.let(
      k.shuffle(
        low,
        low,
        laneNumbers(k).map(lane => lane - (lane % 2)),
      ),
    )
    const odd = k.compare('eq', k.and(quadrant, k.ivec(1)), k.ivec(1))
    const negative = k.compare('eq', k.and(quadrant, k.ivec(2)), k.ivec(2))
    const chosen = k.let(k.select(k.asDouble(odd), cos, sin))
    return k.select(k.asDouble(negative), k.unary('neg', chosen), chosen)
  })
}

export const sin = (k: KernelBuilder, x: Value): Value => {
  const held = k.let(x)
  return zeroOr(k, held, sine(k, held, 0))
}
export const cos = (k: KernelBuilder, x: Value): Value => sine(k, x, 1)

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1)
}
