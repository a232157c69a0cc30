/**
 * What every instruction on vectors does, lane by lane, as text: # is the lane's number, `out`, `a`, `b`, `c` are registers with their
 * views f (floats), i (integers) and d (doubles). One row for each operator of a type; the text becomes a function with its lanes written
 * out. What moves numbers between lanes stands at the end.
 */
import type { Operator, Type } from '../../kernels/ir.ts'

/** A vector's bytes, seen as floats, integers and doubles: masks and moved numbers keep their bits. */
export interface Register {
  readonly f: Float32Array
  readonly i: Int32Array
  readonly d: Float64Array
}

export type Instruction = (out: Register, ...operands: readonly (Register | number | readonly number[])[]) => void

export type VectorType = Exclude<Type, 'i32' | 'f32'>

type Rows = { readonly [Op in Operator]?: string }

const bits: Rows = {
  and: 'out.i[#] = a.i[#] & b.i[#]',
  or: 'out.i[#] = a.i[#] | b.i[#]',
  xor: 'out.i[#] = a.i[#] ^ b.i[#]',
  andnot: 'out.i[#] = a.i[#] & ~b.i[#]',
  select: 'out.i[#] = (a.i[#] & c.i[#]) | (b.i[#] & ~c.i[#])',
}

/** Comparisons of a view give masks: all bits of a lane, or none. */
const comparisons = (view: string): Rows =>
  Object.fromEntries(
    Object.entries({ eq: '===', ne: '!==', lt: '<', le: '<=', gt: '>', ge: '>=' }).map(([op, sign]) => [
      op,
      `out.i[#] = -(a.${view}[#] ${sign} b.${view}[#])`,
    ]),
  )

const rows: { readonly [T in VectorType]: Rows } = {
  vec: {
    add: 'out.f[#] = a.f[#] + b.f[#]',
    sub: 'out.f[#] = a.f[#] - b.f[#]',
    mul: 'out.f[#] = a.f[#] * b.f[#]',
    div: 'out.f[#] = a.f[#] / b.f[#]',
    min: 'out.f[#] = Math.min(a.f[#], b.f[#])',
    max: 'out.f[#] = Math.max(a.f[#], b.f[#])',
    pmin: 'out.i[#] = b.f[#] < a.f[#] ? b.i[#] : a.i[#]',
    pmax: 'out.i[#] = a.f[#] < b.f[#] ? b.i[#] : a.i[#]',
    neg: 'out.i[#] = a.i[#] ^ 0x80000000',
    abs: 'out.i[#] = a.i[#] & 0x7fffffff',
    sqrt: 'out.f[#] = Math.sqrt(a.f[#])',
    floor: 'out.f[#] = Math.floor(a.f[#])',
    nearest: 'out.f[#] = nearest(a.f[#])',
    muladd: 'out.f[#] = c.f[#] + Math.fround(a.f[#] * b.f[#])',
    toInt: 'out.i[#] = truncated(a.f[#])',
    ...comparisons('f'),
    ...bits,
  },
  ivec: {
    add: 'out.i[#] = a.i[#] + b.i[#]',
    sub: 'out.i[#] = a.i[#] - b.i[#]',
    mul: 'out.i[#] = Math.imul(a.i[#], b.i[#])',
    shl: 'out.i[#] = a.i[#] << b',
    shr: 'out.i[#] = a.i[#] >> b',
    shru: 'out.i[#] = a.i[#] >>> b',
    toFloat: 'out.f[#] = a.i[#]',
    ...comparisons('i'),
    ...bits,
  },
  dvec: bits,
}

/** The same on the doubles of a vector, half as many. */
const doubleRows: Rows = {
  add: 'out.d[#] = a.d[#] + b.d[#]',
  sub: 'out.d[#] = a.d[#] - b.d[#]',
  mul: 'out.d[#] = a.d[#] * b.d[#]',
  div: 'out.d[#] = a.d[#] / b.d[#]',
  min: 'out.d[#] = Math.min(a.d[#], b.d[#])',
  max: 'out.d[#] = Math.max(a.d[#], b.d[#])',
  pmin: 'out.d[#] = b.d[#] < a.d[#] ? b.d[#] : a.d[#]',
  pmax: 'out.d[#] = a.d[#] < b.d[#] ? b.d[#] : a.d[#]',
  neg: 'out.d[#] = -a.d[#]',
  abs: 'out.d[#] = Math.abs(a.d[#])',
  sqrt: 'out.d[#] = Math.sqrt(a.d[#])',
  floor: 'out.d[#] = Math.floor(a.d[#])',
  nearest: 'out.d[#] = nearest(a.d[#])',
  muladd: 'out.d[#] = c.d[#] + a.d[#] * b.d[#]',
  ...Object.fromEntries(
    Object.entries(comparisons('d')).map(([op, text]) => [
      op,
      text!.replace('out.i[#]', 'out.i[2 * #] = out.i[2 * # + 1]'),
    ]),
  ),
}

/** To the nearest whole number, halves to even. */
export function roundHalfEven(x: number): number {
  if (Math.abs(x) >= 2 ** 52 || Number.isNaN(x)) return x
  const whole = Math.floor(x)
  const rest = x - whole
  const rounded = rest < 0.5 || (rest === 0.5 && whole % 2 === 0) ? whole : whole + 1
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded
}

/** Towards zero, the nearest 32-bit integer; NaN is 0. */
export function truncated(x: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x))) | 0
}

export function instructions(lanes: number): Readonly<Record<string, Instruction>> {
  const half = lanes / 2
  /** A function of registers, every lane a statement. */
  const written = (text: string, count: number): Instruction => {
    const statements = Array.from({ length: count }, (_, lane) => text.replaceAll('#', String(lane)))
    const body = `return (out, a, b, c) => { ${statements.join('; ')} }`
    return new Function('nearest', 'truncated', body)(roundHalfEven, truncated) as Instruction
  }
  const laneByLane = Object.entries(rows).flatMap(([type, ofType]) =>
    Object.entries(ofType).map(([op, text]) => [`${type} ${op}`, written(text!, lanes)] as const),
  )
  const doubles = Object.entries(doubleRows).map(([op, text]) => [`dvec ${op}`, written(text!, half)] as const)
  const moved: Readonly<Record<string, (out: Register, a: never, b: never, c: never) => void>> = {
    'f32 splat': (out, a: number) => void out.f.fill(a),
    'i32 splat': (out, a: number) => void out.i.fill(a),
    'vec widen'(out, a: Register) {
      for (let lane = 0; lane < half; lane++) out.d[lane] = a.f[lane]!
    },
    'ivec widen'(out, a: Register) {
      for (let lane = 0; lane < half; lane++) out.d[lane] = a.i[lane]!
    },
    'dvec narrow'(out, a: Register) {
      for (let lane = 0; lane < half; lane++) out.f[lane] = a.d[lane]!
      out.f.fill(0, half)
    },
    shuffle(out, a: Register, b: Register, picked: readonly number[]) {
      for (let lane = 0; lane < lanes; lane++) {
        const from = picked[lane]!
        out.i[lane] = from < lanes ? a.i[from]! : b.i[from - lanes]!
      }
    },
    move: (out, a: Register) => out.i.set(a.i),
  }
  return { ...Object.fromEntries([...laneByLane, ...doubles]), ...(moved as Record<string, Instruction>) }
}
