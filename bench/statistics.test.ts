import { expect, test } from 'vitest'
import { geometricMean, least, median } from './statistics.ts'

test('median, least and geometric mean', () => {
  expect(median([5, 1, 3])).toBe(3)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(least([3, 1, 2])).toBe(1)
  expect(geometricMean([0.5, 2, 8])).toBeCloseTo(2, 12)
})
