/**
 * Whether two shares differ by more than chance. In: how many of how many were right, as shares of a count. Out: how far apart two shares of
 * equal cause may come to lie: the two-proportion test at 5 % (two standard deviations), 2 √(p (1 − p) (1/n + 1/m)) with the common share p. Two models tested
 * on the same pictures are known a little better than that.
 */
export interface Proportion {
  /** From 0 to 1. */
  readonly share: number
  readonly count: number
}

export function chanceMargin(a: Proportion, b: Proportion): number {
  const common = (a.share * a.count + b.share * b.count) / (a.count + b.count)
  return 2 * Math.sqrt(common * (1 - common) * (1 / a.count + 1 / b.count))
}

/** Of values around their mean (n − 1 in the denominator); undefined for fewer than two. */
export function standardDeviation(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1))
}
