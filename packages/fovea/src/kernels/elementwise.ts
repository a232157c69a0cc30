/** Element-wise operations as vector values: one row per function. */
import type { Node, NodeOf } from '../graph/node.ts'
import type { BinaryFn, UnaryFn } from '../graph/ops.ts'
import type { ElementwiseKind } from '../plan/operations.ts'
import type { DoubleMath, KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { exp, expm1, expm1OfNegative, sigmoid, tanh } from './math.ts'

type Build = KernelBuilder

const unaryRows: { readonly [F in UnaryFn]: (k: Build, x: Value) => Value } = {
  neg: (k, x) => k.unary('neg', x),
  abs: (k, x) => k.unary('abs', x),
  // −1, 0 or 1, also for infinities; NaN, unequal to itself, stays NaN.
  sign: (k, x) =>
    k.select(
      k.compare('eq', x, x),
      k.sub(one(k, k.compare('lt', k.vec(0), x)), one(k, k.compare('lt', x, k.vec(0)))),
      x,
    ),
  square: (k, x) => k.mul(x, x),
  sqrt: (k, x) => k.unary('sqrt', x),
  reciprocal: (k, x) => k.div(k.vec(1), x),
  floor: (k, x) => k.unary('floor', x),
  exp,
  expm1,
  log: (k, x) => k.doubles.log(k, x),
  log1p: (k, x) => k.doubles.log1p(k, x),
  tanh,
  sigmoid,
  erf: (k, x) => k.doubles.erf(k, x),
  normalCdf: (k, x) => k.doubles.normalCdf(k, x),
  sin: (k, x) => k.doubles.sin(k, x),
  cos: (k, x) => k.doubles.cos(k, x),
  // x < 0 ? 0 : x, in this order: NaN stays NaN.
  relu: (k, x) => k.pmax(x, 0),
  elu: (k, x) => k.add(k.pmax(x, 0), expm1OfNegative(k, k.let(k.pmin(x, 0)))),
}

const binaryRows: { readonly [F in BinaryFn]: (k: Build, a: Value, b: Value) => Value } = {
  add: (k, a, b) => k.add(a, b),
  sub: (k, a, b) => k.sub(a, b),
  mul: (k, a, b) => k.mul(a, b),
  div: (k, a, b) => k.div(a, b),
  max: (k, a, b) => k.fmax(a, b),
  min: (k, a, b) => k.fmin(a, b),
  pow: (k, a, b) => k.doubles.pow(k, a, b),
  equal: (k, a, b) => one(k, k.compare('eq', a, b)),
  less: (k, a, b) => one(k, k.compare('lt', a, b)),
  lessEqual: (k, a, b) => one(k, k.compare('le', a, b)),
}

/** 1 where the mask is set, else 0. */
function one(k: Build, mask: Value): Value {
  return k.and(k.asFloat(mask), k.vec(1))
}

const rows: { readonly [K in ElementwiseKind]: (k: Build, node: NodeOf<K>, operands: readonly Value[]) => Value } = {
  constant: (k, { attributes }) => k.vec(attributes.value),
  batchSize: k => k.splat(k.toFloat(k.global('rows'))),
  unary: (k, { attributes }, [x]) => unaryRows[attributes.fn](k, x!),
  binary: (k, { attributes }, [a, b]) => binaryRows[attributes.fn](k, a!, b!),
  select: (k, _, operands) => selectNonZero(k, operands),
  // Loading an integer has made it a float already.
  cast: (_, __, [x]) => x!,
  broadcast: (_, __, [x]) => x!,
}

/** The value of an operation on already computed operands. Loads, positions and random numbers are the caller's. */
export function elementwise(k: KernelBuilder, node: Node, operands: readonly Value[]): Value {
  return rows[node.kind as ElementwiseKind](k, node as never, operands)
}

function selectNonZero(k: KernelBuilder, [condition, a, b]: readonly Value[]): Value {
  return choose(k, k.compare('ne', condition!, k.vec(0)), a!, b!)
}

/** a where the mask is set, else b. */
export function choose(k: KernelBuilder, mask: Value, a: Value, b: Value): Value {
  const isZero = (value: Value): boolean => value.op === 'const' && Object.is(value.value, 0)
  if (isZero(b)) return k.and(a, k.asFloat(mask))
  if (isZero(a)) return k.andnot(b, k.asFloat(mask))
  return k.select(mask, a, b)
}

const comparisons: { readonly [F in BinaryFn]?: 'eq' | 'lt' | 'le' } = { equal: 'eq', less: 'lt', lessEqual: 'le' }

/** The mask of a comparison whose operands are known; undefined for other nodes. */
export function comparison(k: KernelBuilder, node: Node, operands: readonly (Value | undefined)[]): Value | undefined {
  const op = node.kind === 'binary' ? comparisons[node.attributes.fn] : undefined
  const [a, b] = operands
  return op && a && b && k.compare(op, a, b)
}

/** lowbias32 on four counters at once; the same function as base/random `mix`. */
export function mixBits(k: KernelBuilder, bits: Value): Value {
  const step = (h: Value, shift: number): Value => k.xor(h, k.shru(h, shift))
  const times = (h: Value, factor: number): Value => k.mul(h, bits.type === 'i32' ? k.int(factor) : k.ivec(factor))
  const first = k.let(times(k.let(step(k.let(bits), 16)), 0x7feb352d))
  const second = k.let(times(k.let(step(first, 15)), 0x846ca68b))
  return k.let(step(second, 16))
}

const inDoubles: ReadonlySet<string> = new Set<keyof DoubleMath>([
  'log',
  'log1p',
  'pow',
  'erf',
  'normalCdf',
  'sin',
  'cos',
])

/** Whether the value is a function of `double-math`. */
export function isInDoubles(node: Node): boolean {
  return (node.kind === 'unary' || node.kind === 'binary') && inDoubles.has(node.attributes.fn)
}
