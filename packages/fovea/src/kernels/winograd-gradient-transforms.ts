/**
 * The transposed forms of Winograd's transforms, for gradients: g = Gᵀ[(A y) ⊙ (Bᵀ d)] of the filter, d = B[(G g) ⊙ (A y)] of the input.
 */

import type { Value } from './ir.ts'
import { type Four, points, type Six, type TileForm, type Transform, tuple } from './winograd-transforms.ts'

interface GradientTransforms {
  /** A: m gradients of outputs → t. */
  readonly gradient: Transform
  /** B: t products → gradients of t inputs. */
  readonly inputGradient: Transform
  /** Gᵀ: t → gradients of 3 taps. */
  readonly filterGradient: Transform
}

const { p, q, p2, q2, sum, product, atP, atQ, scale } = points

const two: GradientTransforms = {
  gradient: (k, values) => {
    const [a, b] = tuple<[Value, Value]>(values)
    return [a, k.add(a, b), k.sub(a, b), k.unary('neg', b)]
  },
  inputGradient: (k, values) => {
    const [a, b, c, d] = tuple<Four>(values)
    return [a, k.add(k.sub(b, c), d), k.sub(k.add(b, c), a), k.unary('neg', d)]
  },
  filterGradient: (k, values) => {
    const [a, b, c, d] = tuple<Four>(values)
    const sum = k.times(k.add(b, c), 0.5)
    return [k.add(a, sum), k.mul(k.sub(b, c), 0.5), k.add(sum, d)]
  },
}

const four: GradientTransforms = {
  gradient: (k, values) => {
    const [a, b, c, d] = tuple<Four>(values)
    const [evenP, oddP] = [k.let(k.muladd(c, p2, a)), k.times(k.muladd(d, p2, b), p)]
    const [evenQ, oddQ] = [k.let(k.muladd(c, q2, a)), k.times(k.muladd(d, q2, b), q)]
    return [a, k.add(evenP, oddP), k.sub(evenP, oddP), k.add(evenQ, oddQ), k.sub(evenQ, oddQ), d]
  },
  inputGradient: (k, values) => {
    const [a, b, c, d, e, f] = tuple<Six>(values)
    const [sumP, oddP] = [k.plus(b, c), k.times(k.sub(b, c), p)]
    const [sumQ, oddQ] = [k.plus(d, e), k.times(k.sub(d, e), q)]
    return [
      k.mul(a, product),
      k.muladd(f, product, k.muladd(oddQ, -p2, k.mul(oddP, -q2))),
      k.muladd(a, -sum, k.muladd(sumQ, -p2, k.mul(sumP, -q2))),
      k.muladd(f, -sum, k.add(oddP, oddQ)),
      k.add(a, k.add(sumP, sumQ)),
      f,
    ]
  },
  filterGradient: (k, values) => {
    const [a, b, c, d, e, f] = tuple<Six>(values)
    const [sumP, sumQ] = [k.times(k.add(b, c), atP), k.times(k.add(d, e), atQ)]
    return [
      k.add(k.muladd(a, 1 / product, sumP), sumQ),
      k.muladd(k.sub(d, e), q * atQ, k.mul(k.sub(b, c), p * atP)),
      k.add(k.muladd(sumQ, q2, k.mul(sumP, p2)), f),
    ]
  },
}

const short: GradientTransforms = {
  ...two,
  gradient: (k, values) => {
    const [a, b] = tuple<[Value, Value]>(values)
    const odd = k.times(b, p)
    return [a, k.add(a, odd), k.sub(a, odd), b]
  },
  inputGradient: (k, values) => {
    const [a, b, c, d] = tuple<Four>(values)
    return [
      k.mul(a, product),
      k.muladd(d, -p2, k.mul(k.sub(b, c), p * scale)),
      k.muladd(a, -q2, k.mul(k.add(b, c), scale)),
      d,
    ]
  },
}

export const gradientTransforms: Readonly<Record<TileForm, GradientTransforms>> = { 2: two, 4: four, short }
