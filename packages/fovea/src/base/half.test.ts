import { expect, it } from 'vitest'
import { fromHalf, MOST_HALF, toHalf } from './half.ts'

it('every half comes back as itself', () => {
  const all = Array.from({ length: 0x10000 }, (_, bits) => bits)
  const isNumber = (bits: number): boolean => !Number.isNaN(fromHalf(bits))
  expect(all.filter(bits => isNumber(bits) && toHalf(fromHalf(bits)) !== bits)).toEqual([])
  expect(all.filter(bits => !isNumber(bits) && !Number.isNaN(fromHalf(toHalf(fromHalf(bits)))))).toEqual([])
})

it('between two neighbours the nearer one is taken, in the middle the even one', () => {
  const wrong = Array.from({ length: 0x7bff }, (_, bits) => bits).filter(bits => {
    const [low, high] = [fromHalf(bits), fromHalf(bits + 1)]
    const [middle, off] = [(low + high) / 2, (high - low) / 1024]
    return (
      toHalf(middle) !== bits + (bits % 2) ||
      toHalf(middle - off) !== bits ||
      toHalf(middle + off) !== bits + 1 ||
      toHalf(-middle - off) !== (0x8000 | (bits + 1))
    )
  })
  expect(wrong).toEqual([])
})

it.each([
  [MOST_HALF, 0x7bff],
  [65519.99, 0x7bff],
  [65520, 0x7c00],
  [Number.POSITIVE_INFINITY, 0x7c00],
  [Number.NEGATIVE_INFINITY, 0xfc00],
  [Number.NaN, 0x7e00],
  [-0, 0x8000],
  [2 ** -25, 0],
  [1.1 * 2 ** -25, 1],
])('%s becomes %s', (value, bits) => {
  expect(toHalf(value)).toBe(bits)
})
