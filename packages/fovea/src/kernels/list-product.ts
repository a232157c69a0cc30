/**
 * Products of a matrix that may hold many zeros (gradients behind relu and dropout: more than half) with a panel of rows as wide as a
 * few registers. Of each row of the first, the elements that are not zero are listed with the panel row they multiply. Leaving out
 * x · 0 keeps every bit of a sum as long as x is finite; where the panel is not, the lists hold all elements.
 */
import type { KernelBuilder, Variable } from './builder.ts'
import type { Value } from './ir.ts'
import { laneNumbers } from './lanes.ts'

/** Bytes of an entry: where the panel's row begins, the value it is multiplied with. */
export const ENTRY = 8

/** One list: `count` elements, `stride` bytes apart, panel rows `rowBytes` apart. Stores the address behind its last entry at `end`. */
export function emitList(
  k: KernelBuilder,
  from: { readonly at: Value; readonly count: Value; readonly stride: number; readonly rowBytes: number },
  to: Value,
  end: Value,
  keepZeros: Value,
): void {
  const next = k.variable(to)
  const element = k.variable(from.at)
  k.loop(0, k.times(from.count, from.rowBytes), from.rowBytes, row => {
    const bits = k.let(k.load('i32', element.get))
    k.store(next.get, row)
    k.store(next.get, bits, 4)
    const kept = k.or(k.compare('ne', k.shift('shl', bits, 1), 0), keepZeros)
    next.set(k.add(next.get, k.mul(kept, ENTRY)))
    element.set(k.add(element.get, from.stride))
  })
  k.store(end, next.get)
}

/** sums[…] += Σ value · panel row over the list that begins at `list`, in order. `fresh`: sums start at 0, not at what is stored. */
export function emitListProduct(
  k: KernelBuilder,
  list: { readonly at: Value; readonly end: Value },
  panel: Value,
  sums: Value,
  vectors: number,
  fresh: Value,
): void {
  const held = Array.from({ length: vectors }, () => k.variable(k.vec(0)))
  k.when(k.compare('eq', fresh, 0), () => {
    for (const [vector, sum] of held.entries()) sum.set(k.load('vec', sums, vector * k.vectorBytes))
  })
  k.loop(list.at, k.let(k.load('i32', list.end)), ENTRY, entry => {
    const row = k.plus(panel, k.load('i32', entry))
    const value = k.let(k.splatLoad(entry, 4))
    for (const [vector, sum] of held.entries())
      sum.set(k.muladd(k.load('vec', row, vector * k.vectorBytes), value, sum.get))
  })
  for (const [vector, sum] of held.entries()) k.store(sums, sum.get, vector * k.vectorBytes)
}

/** Watches a panel being gathered: `see` every vector, then ask whether one held an infinity or NaN. */
export class FiniteCheck {
  private readonly k: KernelBuilder
  private readonly zero: Variable

  constructor(k: KernelBuilder) {
    this.k = k
    this.zero = k.variable(k.vec(0))
  }

  see(vector: Value): void {
    this.zero.set(this.k.muladd(vector, this.k.vec(0), this.zero.get))
  }

  /** 1 when something was not finite, else 0. */
  failed(): Value {
    const { k } = this
    const lanes = laneNumbers(k).map(lane => k.lane(this.zero.get, lane))
    const sum = k.let(lanes.reduce((a, b) => k.add(a, b)))
    return k.let(k.compare('ne', sum, sum))
  }
}
