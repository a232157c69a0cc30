/**
 * Element-wise operations that few predictions have, counts and random draws, as vector values: one row per function. Loaded where a plan
 * has one of them.
 */
import { mix } from '../base/random.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { BinaryFn } from '../graph/ops.ts'
import { isDrawn, type PositionalKind } from '../plan/operations.ts'
import type { Access } from '../plan/types.ts'
import { baseAddress } from './address.ts'
import type { DrawKeys, KernelBuilder, RarerFunctions } from './builder.ts'
import { cos, erf, log, log1p, pow, sin } from './double-math.ts'
import type { RarerBinary, RarerKind, RarerUnary } from './elementwise.ts'
import type { Value } from './ir.ts'
import { exp } from './math.ts'
import { expm1, normalCdf, sigmoid, tanh } from './rarer-math.ts'

type Build = KernelBuilder

const unaryRows: { readonly [F in RarerUnary]: (k: Build, x: Value) => Value } = {
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
  reciprocal: (k, x) => k.div(k.vec(1), x),
  floor: (k, x) => k.unary('floor', x),
  exp,
  expm1,
  log,
  log1p,
  tanh,
  sigmoid,
  erf,
  normalCdf,
  sin,
  cos,
}

const binaryRows: { readonly [F in RarerBinary]: (k: Build, a: Value, b: Value) => Value } = {
  max: (k, a, b) => k.fmax(a, b),
  min: (k, a, b) => k.fmin(a, b),
  pow,
  equal: (k, a, b) => one(k, k.compare('eq', a, b)),
  less: (k, a, b) => one(k, k.compare('lt', a, b)),
  lessEqual: (k, a, b) => one(k, k.compare('le', a, b)),
}

/** 1 where the mask is set, else 0. */
function one(k: Build, mask: Value): Value {
  return k.and(k.floatOf('asFloat', mask), k.vec(1))
}

const rows: { readonly [K in RarerKind]: (k: Build, node: NodeOf<K>, operands: readonly Value[]) => Value } = {
  batchSize: k => k.splat(k.floatOf('toFloat', k.global('rows'))),
  select: (k, _, [condition, a, b]) => choose(k, k.compare('ne', condition!, k.vec(0)), a!, b!),
}

function elementwise(k: Build, node: Node, operands: readonly Value[], values: ReadonlyMap<Node, Value>): Value {
  if (node.kind === 'unary') return unaryRows[node.attributes.fn as RarerUnary](k, operands[0]!)
  if (node.kind === 'binary') return binaryRows[node.attributes.fn as RarerBinary](k, operands[0]!, operands[1]!)
  return chosen(k, node, operands, values) ?? rows[node.kind as RarerKind](k, node as never, operands)
}

/** A comparison that is chosen by is a mask, no number. */
function chosen(
  k: KernelBuilder,
  node: Node,
  operands: readonly Value[],
  values: ReadonlyMap<Node, Value>,
): Value | undefined {
  if (node.kind !== 'select') return undefined
  const condition = node.inputs[0]!
  const compared = condition.inputs.map(input => values.get(input))
  const mask = comparison(k, condition, compared)
  return mask && choose(k, mask, operands[1]!, operands[2]!)
}

/** a where the mask is set, else b. */
function choose(k: KernelBuilder, mask: Value, a: Value, b: Value): Value {
  const isZero = (value: Value): boolean => value.op === 'const' && Object.is(value.value, 0)
  if (isZero(b)) return k.and(a, k.floatOf('asFloat', mask))
  if (isZero(a)) return k.andnot(b, k.floatOf('asFloat', mask))
  return k.select(mask, a, b)
}

const comparisons: { readonly [F in BinaryFn]?: 'eq' | 'lt' | 'le' } = { equal: 'eq', less: 'lt', lessEqual: 'le' }

/** The mask of a comparison whose operands are known; undefined for other nodes. */
function comparison(k: KernelBuilder, node: Node, operands: readonly (Value | undefined)[]): Value | undefined {
  const op = node.kind === 'binary' ? comparisons[node.attributes.fn] : undefined
  const [a, b] = operands
  return op && a && b && k.compare(op, a, b)
}

const positional: {
  readonly [K in PositionalKind]: (k: Build, node: NodeOf<K>, indices: Value, keys: DrawKeys) => Value
} = {
  iota: (k, _, indices) => k.floatOf('toFloat', indices),
  randomUniform: (k, node, indices, keys) => uniform(k, keys.get(node)!, k.let(indices)),
}

function drawKeys(k: Build, nodes: readonly Node[], leaves: ReadonlyMap<Node, Access>): DrawKeys {
  const keys = new Map<Node, readonly [Value, Value]>()
  for (const node of nodes) {
    if (!isDrawn(node) || leaves.has(node)) continue
    const access = leaves.get(node.inputs[0]!)!
    const address = k.plus(baseAddress(k, access.buffer), access.offset * 4)
    // base/random `fold`: first = mix(key0 ^ mix(salt)), second = mix(first + key1).
    const first = mixBits(k, k.xor(k.load('i32', address), k.int(mix(node.attributes.salt))))
    const second = mixBits(k, k.add(first, k.load('i32', address, 4)))
    keys.set(node, [k.let(k.splat(first)), k.let(k.splat(second))])
  }
  return keys
}

/** base/random `uniform` of the indices in a vector. */
function uniform(k: Build, [first, second]: readonly [Value, Value], indices: Value): Value {
  const bits = mixBits(k, k.add(mixBits(k, k.xor(indices, first)), second))
  return k.mul(k.floatOf('toFloat', k.shift('shru', bits, 8)), 2 ** -24)
}

/** lowbias32 on four counters at once; the same function as base/random `mix`. */
function mixBits(k: KernelBuilder, bits: Value): Value {
  const step = (h: Value, shift: number): Value => k.xor(h, k.shift('shru', h, shift))
  const times = (h: Value, factor: number): Value => k.mul(h, bits.type === 'i32' ? k.int(factor) : k.ivec(factor))
  const first = k.let(times(k.let(step(k.let(bits), 16)), 0x7feb352d))
  const second = k.let(times(k.let(step(first, 15)), 0x846ca68b))
  return k.let(step(second, 16))
}

export const rarerFunctions: RarerFunctions = {
  elementwise,
  drawKeys,
  position: (k, node, indices, keys) => positional[node.kind as PositionalKind](k, node as never, indices, keys),
}
