/** Rows with what a teacher says of each, softened, beside the labels. */
import type { Distillation } from '../base/training-numbers.ts'
import { softened, teacherOf } from '../objectives/distillation.ts'
import type { FeedRows } from './feed-rows.ts'

/** In: probabilities, a row for each of `rows`, classes in the order of the output. */
export function taughtRows(
  rows: FeedRows,
  output: { readonly name: string; readonly shape: readonly number[] },
  probabilities: Float32Array,
  { temperature }: Distillation,
): FeedRows {
  const classes = output.shape[0]!
  const data = softened(probabilities, classes, temperature)
  const column = { data, rowSize: classes, form: 'copy', slotRowSize: classes } as const
  return { ...rows, targets: { ...rows.targets, [teacherOf(output.name)]: column } }
}
