/**
 * The largest and the smallest of a list. `Math.max(...list)` passes every value as an argument, and a call takes some hundred
 * thousand of them at most; these take any list. As there, a NaN makes the result NaN, and an empty list gives an infinity.
 */
export function largestOf(values: Iterable<number>, atLeast = Number.NEGATIVE_INFINITY): number {
  let result = atLeast
  for (const value of values) result = Math.max(result, value)
  return result
}

export function smallestOf(values: Iterable<number>, atMost = Number.POSITIVE_INFINITY): number {
  let result = atMost
  for (const value of values) result = Math.min(result, value)
  return result
}
