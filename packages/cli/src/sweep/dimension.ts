/** An option that a sweep varies, as its plan says it; and where a value lies in it. Pages are drawn with this alone. */
import type { VariedValue } from 'fovea/internal/runner/varied-recipe'

/** One option that is varied. */
export type Dimension =
  | { readonly name: string; readonly kind: 'choices'; readonly values: readonly VariedValue[] }
  | {
      readonly name: string
      readonly kind: 'range'
      readonly from: number
      readonly to: number
      /** `log`: as likely between 0.001 and 0.01 as between 0.01 and 0.1. */
      readonly scale: 'linear' | 'log'
      /** Whether it counts something. */
      readonly whole: boolean
    }

export type TrialValues = Readonly<Record<string, VariedValue>>

/** Where a value lies in its dimension, from 0 to 1: by its place among choices, by its scale in a range. */
export function placeIn(dimension: Dimension, value: VariedValue): number {
  if (dimension.kind === 'choices') {
    const { values } = dimension
    return values.length === 1 ? 0.5 : values.indexOf(value) / (values.length - 1)
  }
  const { from, to, scale } = dimension
  const at = Number(value)
  return scale === 'log' ? Math.log(at / from) / Math.log(to / from) : (at - from) / (to - from)
}
