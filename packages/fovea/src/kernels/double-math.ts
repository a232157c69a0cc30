/**
 * Elementary functions on vectors that are rarer: log, log1p, pow, erf, sin and cos, our own polynomials in double precision, rounded
 * once (≤ 3 ULP). Loaded where a plan has one of them.
 */
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { laneNumbers } from './lanes.ts'
import { polynomial } from './math.ts'

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
  const words = k.let(k.intOf('asInt', held))
  const half = k.lanes / 2
  const odd = laneNumbers(k).map(lane => 2 * (lane % half) + 1)
  const high = k.shuffle(words, words, odd)
  const exponent = k.widen(k.let(k.sub(k.shift('shru', high, 20), k.ivec(1023))))
  // The fraction's bits (largest denormal = their mask) under the exponent of 1: m in [1, 2), then [√½, √2).
  const m = k.let(k.or(k.and(held, k.dvec(2.2250738585072009e-308)), k.dvec(1)))
  const upper = k.let(k.compare('gt', m, k.dvec(Math.SQRT2)))
  const centred = k.let(k.select(upper, k.mul(m, 0.5), m))
  const n = k.let(k.select(upper, k.add(exponent, 1), exponent))
  // ln m = 2 atanh t, t = (m − 1) / (m + 1)
  const t = k.let(k.div(k.sub(centred, 1), k.add(centred, 1)))
  const square = k.times(t, t)
  const series = polynomial(k, square, [1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1])
  return k.plus(k.mul(n, Math.LN2), k.mul(k.mul(t, 2), series))
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
    const sum = k.plus(wide, 1)
    // What rounding of 1 + x lost, relative to the sum: keeps tiny x exact.
    const lost = k.sub(wide, k.sub(sum, 1))
    return k.add(logDouble(k, sum), k.div(lost, sum))
  })
  return zeroOr(k, held, logOf(k, k.plus(held, 1), value))
}

/** x itself where it is 0 or −0, for functions that keep the sign of 0. */
function zeroOr(k: KernelBuilder, x: Value, result: Value): Value {
  return k.let(k.select(k.compare('eq', x, k.vec(0)), x, result))
}

function expDouble(k: KernelBuilder, x: Value): Value {
  const clamped = k.let(k.pmin(k.pmax(x, k.dvec(-700)), k.dvec(700)))
  const n = k.let(k.unary('nearest', k.mul(clamped, Math.LOG2E)))
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
  const exponent = k.let(k.shift('shl', k.add(lowWord(k, n), k.ivec(1023)), 20))
  const zero = k.ivec(0)
  // Into the upper words, zeros below.
  const words = laneNumbers(k).map(lane => (lane % 2 === 0 ? k.lanes + lane / 2 : lane - 1))
  return k.mul(power, k.asDouble(k.shuffle(exponent, zero, words)))
}

/** The integer in an integer-valued double, in the low word of its lane (adding 1.5 · 2⁵² moves it there). */
function lowWord(k: KernelBuilder, n: Value): Value {
  return k.let(k.intOf('asInt', k.add(n, k.dvec(6755399441055744))))
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
    const square = k.times(value, value)
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
    const square = k.times(r, r)
    const sin = k.times(polynomial(k, square, [-1 / 39916800, 1 / 362880, -1 / 5040, 1 / 120, -1 / 6, 1]), r)
    const cos = polynomial(k, square, [1 / 479001600, -1 / 3628800, 1 / 40320, -1 / 720, 1 / 24, -1 / 2, 1])
    const low = k.plus(lowWord(k, n), k.ivec(quarterTurns))
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
