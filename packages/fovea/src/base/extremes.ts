/**
 * The largest and the smallest of a list. `Math.max(...list)` passes every value as an argument, and a call takes some hundred
 * thousand of them at most; these take any list. As there, a NaN makes the result NaN, and an empty list gives an infinity.
 */

const { max, min } = Math
const { NEGATIVE_INFINITY: minusInfinity, POSITIVE_INFINITY: infinity } = Number

export function largestOf(values: Iterable<number>, atLeast = minusInfinity): number {
  let result = atLeast
  for (const value of values) result = max(result, value)
  return result
}

export function smallestOf(values: Iterable<number>, atMost = infinity): number {
  let result = atMost
  for (const value of values) result = min(result, value)
  return result
}
