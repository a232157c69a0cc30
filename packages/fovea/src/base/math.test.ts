import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { cos, exp, expm1, log, pow, sin, tanh } from './math.ts'
import { keyOf, uniform } from './random.ts'

const key = keyOf(5)
const count = 20000

/** `count` numbers between low and high. */
const spread = (low: number, high: number): number[] =>
  Array.from({ length: count }, (_, index) => low + (high - low) * uniform(key, index))
/** Both signs, from 10^low to 10^high. */
const decades = (low: number, high: number): number[] =>
  spread(low, high).map((exponent, index) => (index % 2 ? -1 : 1) * 10 ** exponent)

/** Distance in units in the last place of the larger. */
function unitsApart(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0
  const exponent = Math.floor(Math.log2(Math.max(Math.abs(a), Math.abs(b), 2 ** -1022)))
  return Math.abs(a - b) / 2 ** (exponent - 52)
}

function furthest(own: (x: number) => number, engine: (x: number) => number, points: readonly number[]): number {
  return points.reduce((worst, x) => Math.max(worst, unitsApart(own(x), engine(x))), 0)
}

describe('math', () => {
  it.each([
    ['exp', exp, Math.exp, [...spread(-745, 709), ...spread(-1, 1), ...decades(-20, 0)]],
    ['expm1', expm1, Math.expm1, [...spread(-60, 700), ...spread(-2, 2), ...decades(-20, 0)]],
    ['log', log, Math.log, [...decades(-307, 307).map(Math.abs), ...spread(0.5, 2)]],
    ['sin', sin, Math.sin, [...spread(-10, 10), ...spread(-1e5, 1e5), ...decades(-20, 0)]],
    ['cos', cos, Math.cos, [...spread(-10, 10), ...spread(-1e5, 1e5), ...decades(-20, 0)]],
    ['tanh', tanh, Math.tanh, [...spread(-25, 25), ...spread(-1, 1), ...decades(-20, 0)]],
  ] as const)('%s is within 2 units in the last place of the engine', (_, own, engine, points) => {
    expect(furthest(own, engine, points)).toBeLessThanOrEqual(2)
  })

  it('raises to whole powers', () => {
    expect(pow(3, 4)).toBe(81)
    expect(pow(2, -3)).toBe(0.125)
    expect(pow(-2, 3)).toBe(-8)
    expect(pow(7, 0)).toBe(1)
    expect(pow(10, 400)).toBe(Number.POSITIVE_INFINITY)
    // (1 − 10⁻³)^100000 and 0.9^703, rounded from 40 digits (mpmath 1.3).
    expect(unitsApart(pow(0.999, 100000), 3.5385276883431275e-44)).toBeLessThanOrEqual(1)
    expect(unitsApart(pow(0.9, 703), 6.799612065419205e-33)).toBeLessThanOrEqual(1)
    expect(unitsApart(pow(0.999, -1000), 2.719642216442853)).toBeLessThanOrEqual(1)
  })

  it('raises to other powers within the stated error', () => {
    expect(pow(2, 0.5)).toBe(Math.SQRT2)
    expect(pow(0, 0.75)).toBe(0)
    for (const x of spread(0.01, 100)) {
      expect(Math.abs(pow(x, 0.75) / x ** 0.75 - 1)).toBeLessThan((0.75 * Math.abs(Math.log(x)) + 3) * 2 ** -52)
    }
  })

  it('handles the ends of the range', () => {
    expect(exp(710)).toBe(Number.POSITIVE_INFINITY)
    expect(exp(-746)).toBe(0)
    expect(exp(Number.NEGATIVE_INFINITY)).toBe(0)
    expect(exp(-740)).toBeCloseTo(4.2e-322, 323)
    expect(exp(0)).toBe(1)
    expect(expm1(0)).toBe(0)
    expect(log(1)).toBe(0)
    expect(log(0)).toBe(Number.NEGATIVE_INFINITY)
    expect(log(-1)).toBeNaN()
    expect(log(5e-324)).toBeCloseTo(-744.4400719213812, 12)
    expect(tanh(Number.POSITIVE_INFINITY)).toBe(1)
    expect(Object.is(tanh(0), 0)).toBe(true)
    for (const own of [exp, expm1, log, tanh]) expect(own(Number.NaN)).toBeNaN()
    expect(() => sin(1e9)).toThrow('outside')
  })

  it('has these very bits on every engine', () => {
    const values = [exp, expm1, sin, cos, tanh].flatMap(own => spread(-20, 20).map(own))
    const bits = Float64Array.from([...values, ...spread(0.001, 50).map(log)])
    expect(createHash('sha256').update(new Uint8Array(bits.buffer)).digest('hex')).toBe(
      '542cbaa3fec5304eee9f0b462e0c0dbd1f92b1234e5d76c8b54e7c47f3dffcb1',
    )
  })
})
