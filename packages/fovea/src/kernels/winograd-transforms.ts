/**
 * Winograd's one-dimensional transforms as straight-line code, F(2, 3) (points 0, ±1, ∞) and F(4, 3). With Y = Aᵀ[(G g) ⊙ (Bᵀ d)]
 * the forward pass uses Bᵀ, G and Aᵀ; the transposed forms are in winograd-gradient-transforms.ts.
 * F(2, 3) is exact on small whole numbers: its only fraction is 1/2.
 */
import type { TileSize } from '../plan/types.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'

export type Transform = (k: KernelBuilder, values: readonly Value[]) => Value[]

export interface Transforms {
  /** Bᵀ: t inputs → t. */
  readonly input: Transform
  /** Aᵀ: t products → m outputs. */
  readonly output: Transform
  /** G: 3 filter taps → t. */
  readonly filter: Transform
}

export const tuple = <T extends readonly Value[]>(values: readonly Value[]): T => values as unknown as T
export type Three = [Value, Value, Value]
export type Four = [Value, Value, Value, Value]
export type Six = [Value, Value, Value, Value, Value, Value]

const two: Transforms = {
  input: (k, values) => {
    const [a, b, c, d] = tuple<Four>(values)
    return [k.sub(a, c), k.add(b, c), k.sub(c, b), k.sub(b, d)]
  },
  output: (k, values) => {
    const [a, b, c, d] = tuple<Four>(values)
    return [k.add(k.add(a, b), c), k.sub(k.sub(b, c), d)]
  },
  filter: (k, values) => {
    const [a, b, c] = tuple<Three>(values)
    const ends = k.plus(a, c)
    return [a, k.mul(k.add(ends, b), 0.5), k.mul(k.sub(ends, b), 0.5), c]
  },
}

/**
 * Points 0, ±p, ±q, ∞. With p = 5/8 and q = 3/2 (numbers that squares and cubes of are exact) the error is a quarter of that of the
 * textbook's 1 and 2. Rows of Bᵀ are the coefficients of Π (x − other points), those of G divided by its value at the point.
 */
const [p, q] = [5 / 8, 3 / 2]
const [p2, q2] = [p * p, q * q]
const [sum, product] = [p2 + q2, p2 * q2]
const [atP, atQ] = [1 / (2 * p2 * (p2 - q2)), 1 / (2 * q2 * (q2 - p2))]

const four: Transforms = {
  input: (k, values) => {
    const [a, b, c, d, e, f] = tuple<Six>(values)
    const [evenP, oddP] = [k.let(k.muladd(c, -q2, e)), k.times(k.muladd(b, -q2, d), p)]
    const [evenQ, oddQ] = [k.let(k.muladd(c, -p2, e)), k.times(k.muladd(b, -p2, d), q)]
    return [
      k.muladd(c, -sum, k.muladd(a, product, e)),
      k.add(evenP, oddP),
      k.sub(evenP, oddP),
      k.add(evenQ, oddQ),
      k.sub(evenQ, oddQ),
      k.muladd(d, -sum, k.muladd(b, product, f)),
    ]
  },
  output: (k, values) => {
    const [a, b, c, d, e, f] = tuple<Six>(values)
    const [sumP, oddP] = [k.plus(b, c), k.times(k.sub(b, c), p)]
    const [sumQ, oddQ] = [k.plus(d, e), k.times(k.sub(d, e), q)]
    return [
      k.add(k.add(a, sumP), sumQ),
      k.add(oddP, oddQ),
      k.muladd(sumQ, q2, k.mul(sumP, p2)),
      k.add(k.muladd(oddQ, q2, k.mul(oddP, p2)), f),
    ]
  },
  filter: (k, values) => {
    const [a, b, c] = tuple<Three>(values)
    const [evenP, oddP] = [k.times(k.muladd(c, p2, a), atP), k.times(b, p * atP)]
    const [evenQ, oddQ] = [k.times(k.muladd(c, q2, a), atQ), k.times(b, q * atQ)]
    return [k.mul(a, 1 / product), k.add(evenP, oddP), k.sub(evenP, oddP), k.add(evenQ, oddQ), k.sub(evenQ, oddQ), c]
  },
}

/**
 * F(2, 3) at the points 0, ±p and ∞, scaled so that G is that of F(4, 3) at these points: short tiles at the edge of a picture are
 * multiplied with four of the six frequencies of the same filter.
 */
const scale = p2 - q2
export const points = { p, q, p2, q2, sum, product, atP, atQ, scale } as const
const short: Transforms = {
  ...two,
  input: (k, values) => {
    const [a, b, c, d] = tuple<Four>(values)
    const [even, odd] = [k.times(c, scale), k.times(b, p * scale)]
    return [k.muladd(c, -q2, k.mul(a, product)), k.add(even, odd), k.sub(even, odd), k.muladd(b, -p2, d)]
  },
  output: (k, values) => {
    const [a, b, c, d] = tuple<Four>(values)
    return [k.add(k.add(a, b), c), k.muladd(k.sub(b, c), p, d)]
  },
}

/** Of whole tiles, by their size, and of short ones. */
export type TileForm = TileSize | 'short'
export const transforms: Readonly<Record<TileForm, Transforms>> = { 2: two, 4: four, short }

/** Tiles along one axis: whole ones, or a short one at the end. */
export interface TileKind {
  readonly isShort: boolean
  readonly outputs: number
  /** Which frequencies of the filter these are. */
  readonly frequencies: readonly number[]
  readonly form: TileForm
}

const shortKind: TileKind = { isShort: true, outputs: 2, frequencies: [0, 1, 2, 5], form: 'short' }

/** Kinds of tiles along an axis with `count` tiles, `shorts` (0 or 1) of them short. */
export function tileKinds(size: TileSize, count: number, shorts: number): TileKind[] {
  const frequencies = Array.from({ length: size + 2 }, (_, index) => index)
  const whole = { isShort: false, outputs: size, frequencies, form: size } as const
  return [...(count > shorts ? [whole] : []), ...(shorts ? [shortKind] : [])]
}

/** `body(position, frequency)` for each frequency of a kind of tile: a loop for every run of neighbours, so that the code is short. */
export function eachFrequency(
  k: KernelBuilder,
  { frequencies }: TileKind,
  body: (position: Value, frequency: Value) => void,
): void {
  for (let begin = 0, end = 1; begin < frequencies.length; begin = end++) {
    while (frequencies[end] === frequencies[end - 1]! + 1) end++
    k.loop(begin, end, 1, position => body(position, k.add(position, frequencies[begin]! - begin)))
  }
}
