import { describe, expect, it } from 'vitest'
import { toCategorical } from './one-hot.ts'

describe('toCategorical', () => {
  it('puts a single 1 into each row', () => {
    const { shape, data } = toCategorical([1, 0, 2], 4)
    expect(shape).toEqual([3, 4])
    expect([...data]).toEqual([0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0])
  })

  it('takes the number of classes from the largest label', () => {
    expect(toCategorical(Uint8Array.of(0, 5)).shape).toEqual([2, 6])
  })

  it.each([
    [[3], 3],
    [[-1], 3],
    [[0.5], 3],
  ])('refuses labels %j of %i classes', (labels, classes) => {
    expect(() => toCategorical(labels, classes)).toThrow(/label 0 is not a class number/)
  })
})
