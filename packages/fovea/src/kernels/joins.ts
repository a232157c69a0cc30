/** How reductions join values: what they begin with, and how two become one. */
import type { ReduceFn } from '../graph/ops.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'

interface Join {
  readonly initial: number
  readonly two: (k: KernelBuilder, a: Value, b: Value) => Value
}

export const joins: { readonly [F in ReduceFn]: Join } = {
  sum: { initial: 0, two: (k, a, b) => k.add(a, b) },
  max: { initial: Number.NEGATIVE_INFINITY, two: (k, a, b) => k.fmax(a, b) },
}
