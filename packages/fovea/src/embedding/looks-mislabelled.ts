/**
 * The pictures whose label looks wrong: those that the other pictures speak against, the least supported first. A list to look through, no
 * verdict: rare kinds of a class stand in it too.
 */
import type { LabelsOfOthers } from './labels-of-others.ts'

/** A picture whose label looks wrong. */
export interface DoubtfulLabel {
  /** Which of the pictures. */
  readonly row: number
  readonly label: number
  /** The class that pictures like it have. */
  readonly suggested: number
  /** How much other pictures speak for its label: near 0, or below, they do not. */
  readonly support: number
}

export function looksMislabelled(
  { labels, support, suggested }: LabelsOfOthers & { readonly labels: ArrayLike<number> },
  most = Number.POSITIVE_INFINITY,
): DoubtfulLabel[] {
  return Array.from(support, (value, row) => ({
    row,
    label: labels[row]!,
    suggested: suggested[row]!,
    support: value,
  }))
    .filter(({ label, suggested }) => suggested !== label)
    .sort((a, b) => a.support - b.support || a.row - b.row)
    .slice(0, most)
}
