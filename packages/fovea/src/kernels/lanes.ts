/**
 * What moves numbers between the lanes of a vector, or depends on how many there are. The shuffles here are those of vectors of four; a
 * target with other vectors needs its own. Everything else in the kernels asks the builder for `lanes` and `vectorBytes`.
 */
import type { ReduceFn } from '../graph/ops.ts'
import type { KernelBuilder } from './builder.ts'
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

/** Lane i of vector i: a vector made of as many as it has lanes. */
export function diagonal(k: KernelBuilder, vectors: readonly Value[]): Value {
  const [a, b, c, d] = vectors as [Value, Value, Value, Value]
  return k.shuffle(k.let(k.shuffle(a, b, [0, 4, 0, 4])), k.let(k.shuffle(c, d, [0, 4, 0, 4])), [0, 1, 4, 5])
}

/** 0, s, 2s, 3s. */
export function laneOffsets(k: KernelBuilder, stride: number): Value {
  return k.let(
    diagonal(
      k,
      laneNumbers(k).map(lane => k.ivec(lane * stride)),
    ),
  )
}

/** Keeps the first `lanes` lanes; the others become `value`. */
export function maskLanes(k: KernelBuilder, vector: Value, lanes: number, value: number): Value {
  return k.shuffle(
    k.let(vector),
    k.vec(value),
    laneNumbers(k).map(lane => (lane < lanes ? lane : k.lanes)),
  )
}

/** (lane 0 + lane 2) + (lane 1 + lane 3). */
export function joinLanes(k: KernelBuilder, vector: Value, fn: ReduceFn): Value {
  const join = (a: Value, b: Value): Value => joins[fn].two(k, a, b)
  const held = k.let(vector)
  const pairs = k.let(join(held, k.shuffle(held, held, [2, 3, 2, 3])))
  return k.lane(k.let(join(pairs, k.shuffle(pairs, pairs, [1, 1, 1, 1]))), 0)
}

/** Four vectors as the columns of a 4 × 4 matrix, rows out. */
export function transpose(k: KernelBuilder, columns: readonly Value[]): Value[] {
  const [a, b, c, d] = columns as [Value, Value, Value, Value]
  const low = [k.let(k.shuffle(a, b, [0, 4, 1, 5])), k.let(k.shuffle(c, d, [0, 4, 1, 5]))] as const
  const high = [k.let(k.shuffle(a, b, [2, 6, 3, 7])), k.let(k.shuffle(c, d, [2, 6, 3, 7]))] as const
  return [
    k.let(k.shuffle(low[0], low[1], [0, 1, 4, 5])),
    k.let(k.shuffle(low[0], low[1], [2, 3, 6, 7])),
    k.let(k.shuffle(high[0], high[1], [0, 1, 4, 5])),
    k.let(k.shuffle(high[0], high[1], [2, 3, 6, 7])),
  ]
}
