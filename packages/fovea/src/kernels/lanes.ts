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

/** Lane i of vector i: a vector made of as many as it has lanes. Pairs, then pairs of pairs. */
export function diagonal(k: KernelBuilder, vectors: readonly Value[]): Value {
  let joined = vectors
  for (let width = 1; joined.length > 1; width *= 2) {
    const picked = laneNumbers(k).map(lane => (lane % (2 * width) < width ? lane % width : k.lanes + (lane % width)))
    const isLast = joined.length === 2
    joined = Array.from({ length: joined.length / 2 }, (_, pair) => {
      const both = k.shuffle(joined[2 * pair]!, joined[2 * pair + 1]!, picked)
      return isLast ? both : k.let(both)
    })
  }
  return joined[0]!
}

/** 0, s, 2s, 3s … */
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

/**
 * As many vectors as they have lanes, the columns of a square matrix; rows out. Groups of columns are joined two by two: a group of g has
 * g vectors, each with some rows of its g columns.
 */
export function transpose(k: KernelBuilder, columns: readonly Value[]): Value[] {
  let groups = columns.map(column => [column])
  for (let size = 1; size < k.lanes; size *= 2) {
    const joined = Array.from({ length: groups.length / 2 }, (): Value[] => [])
    for (let vector = 0; vector < size; vector++) {
      for (const half of [0, 1]) {
        const picked = rowsOfHalf(k, size, half)
        for (const [pair, group] of joined.entries())
          group.push(k.let(k.shuffle(groups[2 * pair]![vector]!, groups[2 * pair + 1]![vector]!, picked)))
      }
    }
    groups = joined
  }
  return groups[0]!
}

/** Of two vectors with rows of `size` numbers each, the rows of one half, in turns. */
function rowsOfHalf(k: KernelBuilder, size: number, half: number): number[] {
  const first = (half * k.lanes) / size / 2
  return laneNumbers(k).map(lane => {
    const turn = Math.floor(lane / size)
    return (turn % 2) * k.lanes + (first + Math.floor(turn / 2)) * size + (lane % size)
  })
}
