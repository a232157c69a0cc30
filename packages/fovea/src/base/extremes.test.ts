import { expect, it } from 'vitest'
import { largestOf, smallestOf } from './extremes.ts'

it('are those of Math.max and Math.min, of any list', () => {
  for (const list of [[], [3, -1, 2], [1, Number.NaN, 2], [Number.NEGATIVE_INFINITY], [0, -0], [-0, 0]]) {
    expect(largestOf(list)).toBe(Math.max(...list))
    expect(smallestOf(list)).toBe(Math.min(...list))
    expect(largestOf(list, 1)).toBe(Math.max(1, ...list))
    expect(smallestOf(list, 1)).toBe(Math.min(1, ...list))
  }
  const long = Array.from({ length: 1_000_000 }, (_, index) => index)
  expect([smallestOf(long), largestOf(long)]).toEqual([0, 999_999])
})
