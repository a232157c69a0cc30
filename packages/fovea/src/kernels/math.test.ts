/** Every function over its whole range against float64, in units in the last place of a float. */
import { describe, expect, it } from 'vitest'
import { keyOf, uniform } from '../base/random.ts'
import { erfc, erf as exactErf } from '../graph/oracle/evaluate-elementwise.ts'
import { wasm128 } from '../plan/target.ts'
import { buildKernel } from '../targets/wasm/run-kernel.testing.ts'
import type { KernelBuilder } from './builder.ts'
import * as doubleMath from './double-math.ts'
import type { Value } from './ir.ts'
import * as singleMath from './math.ts'
import * as rarerMath from './rarer-math.ts'

const math = { ...singleMath, ...rarerMath, ...doubleMath }

const { POSITIVE_INFINITY: infinity, NaN: nan } = Number
const smallest = 2 ** -149
const largest = Math.fround(3.4028234663852886e38)

/** Applies a function to vectors of numbers (rounded to floats first). */
function applied(
  fn: (k: KernelBuilder, ...x: Value[]) => Value,
  ...operands: readonly (readonly number[])[]
): Float32Array {
  const count = operands[0]!.length
  const padded = Math.ceil(count / wasm128.lanes) * wasm128.lanes
  const { memory, call } = buildKernel(
    ['count'],
    k =>
      k.loop(0, k.mul(k.parameter('count'), 4), 16, at => {
        const inputs = operands.map((_, operand) => k.let(k.load('vec', at, (operand + 1) * padded * 4)))
        k.store(at, fn(k, ...inputs))
      }),
    { pages: Math.ceil((padded * 4 * (operands.length + 1)) / 65536) },
  )
  for (const [operand, values] of operands.entries())
    new Float32Array(memory.buffer, (operand + 1) * padded * 4, count).set(values)
  call(padded)
  return new Float32Array(memory.buffer, 0, count).slice()
}

/** Distance of a float to a number in units in the last place of that number; infinity stands for 2^128. */
function unitsOff(received: number, exact: number): number {
  if (Number.isNaN(exact) || Number.isNaN(received))
    return Number.isNaN(exact) === Number.isNaN(received) ? 0 : infinity
  if (Object.is(received, Math.fround(exact))) return 0
  if (exact === 0) return Object.is(received, exact) ? 0 : infinity
  const clip = (value: number): number => Math.max(-(2 ** 128), Math.min(2 ** 128, value))
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(clip(exact)))))
  return Math.abs(clip(received) - clip(exact)) / 2 ** (exponent - 23)
}

const key = keyOf(11)
const spread = (low: number, high: number, count = 20000): number[] =>
  Array.from({ length: count }, (_, index) => Math.fround(low + (high - low) * uniform(key, index)))

/** Floats of all sizes and both signs: random bits, powers of two with their neighbours, the ends of the range. */
function everywhere(): number[] {
  const bits = new Uint32Array(20000).map((_, index) => uniform(key, index) * 2 ** 32)
  const powers = Array.from({ length: 277 }, (_, index) => 2 ** (index - 149))
  const near = powers.flatMap(power => [power, power * (1 + 2 ** -23), power * (1 - 2 ** -24)])
  const ends = [0, smallest, 2 ** -126, largest, infinity, 1, 0.5, 89, 104, 88.72284, 87.33655, 103.97208, 1e-7, 30, 40]
  const positive = [...new Float32Array(bits.buffer), ...near, ...ends].map(Math.fround)
  return [...positive, ...positive.map(x => -x), nan]
}

interface Worst {
  readonly units: number
  readonly at: readonly number[]
  readonly received: number
  readonly exact: number
}

function worstOf(
  fn: (k: KernelBuilder, ...x: Value[]) => Value,
  exact: (...x: number[]) => number,
  ...operands: readonly (readonly number[])[]
): Worst {
  const received = applied(fn, ...operands)
  let worst: Worst = { units: 0, at: [], received: 0, exact: 0 }
  for (const [index, value] of received.entries()) {
    const at = operands.map(values => values[index]!)
    const expected = exact(...at)
    const units = unitsOff(value, expected)
    if (units > worst.units) worst = { units, at, received: value, exact: expected }
  }
  return worst
}

const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)))
const normalCdf = (x: number): number => erfc(-x * Math.SQRT1_2) / 2

type Row = readonly [string, (k: KernelBuilder, x: Value) => Value, (x: number) => number, number, readonly number[]]
const rows: readonly Row[] = [
  ['exp', math.exp, Math.exp, 4, [...everywhere(), ...spread(-104, 89), ...spread(-1, 1)]],
  ['expm1', math.expm1, Math.expm1, 4, [...everywhere(), ...spread(-30, 89), ...spread(-1, 1), ...spread(-1e-3, 1e-3)]],
  [
    'expm1 of negative numbers',
    math.expm1OfNegative,
    Math.expm1,
    4,
    [
      ...everywhere().filter(x => !(x > 0) && !Object.is(x, -0)),
      ...spread(-30, 0),
      ...spread(-1, 0),
      ...spread(-1e-3, 0),
    ],
  ],
  ['log', math.log, Math.log, 4, [...everywhere(), ...spread(0, 2), ...spread(0.999, 1.001)]],
  ['log1p', math.log1p, Math.log1p, 4, [...everywhere(), ...spread(-1, 1), ...spread(-1e-3, 1e-3)]],
  ['tanh', math.tanh, Math.tanh, 7, [...everywhere(), ...spread(-10, 10), ...spread(-0.1, 0.1)]],
  ['sigmoid', math.sigmoid, sigmoid, 4, [...everywhere(), ...spread(-104, 104), ...spread(-5, 5)]],
  ['erf', math.erf, exactErf, 4, [...everywhere(), ...spread(-4, 4), ...spread(-0.1, 0.1)]],
  ['normalCdf', math.normalCdf, normalCdf, 6, [...everywhere(), ...spread(-14.5, 6), ...spread(-0.1, 0.1)]],
  [
    'sin',
    math.sin,
    Math.sin,
    4,
    [...everywhere().filter(x => !(Math.abs(x) > 1e5)), ...spread(-1e5, 1e5), ...spread(-4, 4)],
  ],
  [
    'cos',
    math.cos,
    Math.cos,
    4,
    [...everywhere().filter(x => !(Math.abs(x) > 1e5)), ...spread(-1e5, 1e5), ...spread(-4, 4)],
  ],
]

describe('elementary functions', () => {
  it.each(rows)('%s', (_, fn, exact, allowed, points) => {
    const worst = worstOf(fn, exact, points.map(Math.fround))
    expect(worst.units, JSON.stringify(worst)).toBeLessThanOrEqual(allowed)
  })

  it('sin and cos of infinity are NaN', () => {
    expect([...applied(math.sin, [infinity, -infinity]), ...applied(math.cos, [infinity, -infinity])]).toEqual(
      new Array(4).fill(nan),
    )
  })

  it('gelu, x Φ(x), within 8', () => {
    const gelu = (k: KernelBuilder, x: Value): Value => k.mul(x, math.normalCdf(k, x))
    const points = [...spread(-12, 12), ...spread(-1, 1), ...everywhere().filter(x => Math.abs(x) < 1e38)]
    const worst = worstOf(
      gelu,
      x => x * normalCdf(x),
      points.filter(x => x > -12.5),
    )
    expect(worst.units, JSON.stringify(worst)).toBeLessThanOrEqual(8)
  })

  it('pow, for a base that is not negative', () => {
    const all = everywhere().map(Math.abs)
    const exponents = [...spread(-3, 3, all.length - 9), 0, 1, -1, 0.5, 2, infinity, -infinity, nan, -0.5]
    const specials = [0, 1, 2, 0.5, infinity, nan, smallest, largest]
    const powers = [0, -0, 1, -1, 0.01, -0.01, 0.5, 2, infinity, -infinity, nan]
    const pairs = specials.flatMap(base => powers.map(power => [base, power] as const))
    const bases = [...all, ...spread(0, 10), ...pairs.map(pair => pair[0])].map(Math.fround)
    const raised = [...exponents, ...spread(-30, 30).toReversed(), ...pairs.map(pair => pair[1])].map(Math.fround)
    const worst = worstOf(math.pow, Math.pow, bases, raised)
    expect(worst.units, JSON.stringify({ ...worst, at: worst.at.map(String) })).toBeLessThanOrEqual(4)
  })

  it('the measure itself sees one unit', () => {
    expect(unitsOff(Math.fround(1 + 2 ** -23), 1)).toBe(1)
    expect(unitsOff(smallest, 0)).toBe(infinity)
    expect(unitsOff(-0, 0)).toBe(infinity)
    expect(unitsOff(infinity, 2 ** 128)).toBe(0)
    expect(unitsOff(2 * smallest, smallest)).toBe(1)
  })
})
