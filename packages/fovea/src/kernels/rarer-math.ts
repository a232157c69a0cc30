/** expm1, tanh, sigmoid and Φ on vectors, in single precision, as in math.ts: ≤ 3 ULP, Φ ≤ 6, tanh ≤ 7. */
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { clampedTo, exp, expOfSum, exponentialTail, polynomial, powerOfTwo, reducedByLn2 } from './math.ts'

export function expm1(k: KernelBuilder, x: Value): Value {
  const { integer, r } = reducedByLn2(k, clampedTo(k, x, -30, 89))
  const fraction = k.plus(exponentialTail(k, r), r)
  // 2ⁿ (1 + f) − 1 = 2 (2ⁿ⁻¹ f + (2ⁿ⁻¹ − 1/2)): halved, 2¹²⁸ needs no extra range.
  const scale = k.let(powerOfTwo(k, k.sub(integer, k.ivec(1))))
  const grown = k.times(k.add(k.mul(fraction, scale), k.sub(scale, 0.5)), 2)
  // For tiny x the result is x itself (and −0 stays −0).
  return k.let(k.select(k.compare('lt', k.unary('abs', x), k.vec(1e-7)), x, grown))
}

/** tanh x = x · p(x²) / q(x²) up to where it is 1 to a few ULP (coefficients: Eigen's ptanh); half the work of e^2x − 1. ≤ 7 ULP. */
export function tanh(k: KernelBuilder, x: Value): Value {
  const bound = 7.905311
  const clamped = clampedTo(k, x, -bound, bound)
  const square = k.times(clamped, clamped)
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
  return k.times(k.div(numerator, denominator), clamped)
}

/** With e = e^−|x|: 1 / (1 + e) for x ≥ 0, e / (1 + e) below: nothing overflows, nothing cancels. */
export function sigmoid(k: KernelBuilder, x: Value): Value {
  const e = exp(k, k.let(k.unary('neg', k.unary('abs', x))))
  const numerator = k.select(k.compare('ge', x, 0), k.vec(1), e)
  return k.let(k.div(numerator, k.add(e, 1)))
}

/**
 * Φ(−a) = e^(−a²/2) t p(1 − t) with t = 1 / (1 + 0.35 a), for a ≥ 0 (our own fit of Mills' ratio: relative error 4e-8 up to where Φ is 0);
 * Φ(a) = 1 − Φ(−a). The square is taken in two parts: its rounding error alone would be 2⁻²⁴ a² / 2 of the result.
 */
export function normalCdf(k: KernelBuilder, x: Value): Value {
  const a = k.let(k.pmin(k.unary('abs', x), k.vec(15)))
  const scaled = k.times(a, 0.35)
  const t = k.let(k.div(k.vec(1), k.add(scaled, 1)))
  const ratio = polynomial(
    k,
    k.times(scaled, t),
    [
      -0.029_163_228_3, 0.089_248_068_6, -0.064_062_371_9, -0.016_081_756, -0.064_172_580_8, 0.102_640_1, 0.261_045_039,
      -0.639_831_96, 0.499_999_97,
    ],
  )
  // Twelve bits, whose square is exact, and the rest.
  const upper = k.let(k.floatOf('asFloat', k.and(k.intOf('asInt', a), k.ivec(0xfffff000 | 0))))
  const lower = k.times(k.mul(k.sub(a, upper), k.add(a, upper)), -0.5)
  const tail = k.times(expOfSum(k, k.times(k.mul(upper, upper), -0.5), lower), k.mul(ratio, t))
  return k.let(k.select(k.compare('lt', k.vec(0), x), k.sub(k.vec(1), tail), tail))
}
