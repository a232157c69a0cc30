/** Vectors made of lanes of several: diagonals, columns turned into rows, for any number of lanes that is a power of two. */
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { laneNumbers } from './lanes.ts'

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
