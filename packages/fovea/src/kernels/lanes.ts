/**
 * What moves numbers between the lanes of a vector, or depends on how many there are: shuffles made for any number, a power of two. Sums
 * across lanes are taken in fours, whatever the vectors have, so that their bits are the same on every target.
 */
import type { ReduceFn } from '../graph/ops.ts'
import { SUM_LANES } from '../plan/target.ts'
import type { KernelBuilder, Variable } from './builder.ts'
import type { Value } from './ir.ts'
import { joins } from './joins.ts'

/** 0, 1 … up to the last lane. */
export function laneNumbers(k: KernelBuilder): number[] {
  return Array.from({ length: k.lanes }, (_, lane) => lane)
}

/** Lanes of each of the vectors that `width` numbers take. */
export function lanesOf(k: KernelBuilder, width: number): number[] {
  return Array.from({ length: Math.ceil(width / k.lanes) }, (_, vector) => Math.min(k.lanes, width - vector * k.lanes))
}

/** Lanes of a vector that lie in one block: all, unless vectors are wider than blocks. */
export function lanesOfBlock(k: KernelBuilder): number {
  return Math.min(k.lanes, k.block)
}

/** Keeps the first `lanes` lanes; the others become `value`. */
export function maskLanes(k: KernelBuilder, vector: Value, lanes: number, value: number): Value {
  return k.shuffle(
    k.let(vector),
    k.vec(value),
    laneNumbers(k).map(lane => (lane < lanes ? lane : k.lanes)),
  )
}

/** Joins the first `lanes` lanes of a vector to the four of a sum, four by four, in order; those after them hold what changes nothing. */
export function takeLanes(k: KernelBuilder, sum: Variable, vector: Value, lanes: number, fn: ReduceFn): void {
  const held = k.lanes > SUM_LANES ? k.let(vector) : vector
  for (let first = 0; first < lanes; first += SUM_LANES) {
    const four = first === 0 ? held : k.shuffle(held, held, fourFrom(k, first))
    sum.set(joins[fn].two(k, sum.get, four))
  }
}

/** Lanes first, first + 1 … in the first places. */
function fourFrom(k: KernelBuilder, first: number): number[] {
  return laneNumbers(k).map(lane => first + (lane % SUM_LANES))
}

/** The four lanes of a sum: (lane 0 + lane 2) + (lane 1 + lane 3). */
export function joinLanes(k: KernelBuilder, vector: Value, fn: ReduceFn): Value {
  const join = (a: Value, b: Value): Value => joins[fn].two(k, a, b)
  const held = k.let(vector)
  const upper = laneNumbers(k).map(lane => SUM_LANES / 2 + (lane % (SUM_LANES / 2)))
  const pairs = k.let(join(held, k.shuffle(held, held, upper)))
  const second = laneNumbers(k).map(() => 1)
  return k.lane(k.let(join(pairs, k.shuffle(pairs, pairs, second))), 0)
}
