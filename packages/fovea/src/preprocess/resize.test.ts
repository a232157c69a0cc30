import { describe, expect, it } from 'vitest'
import type { Picture } from '../base/picture.ts'
import { contain, cover, stretch } from './resize.ts'

const grey = (width: number, data: number[]): Picture => ({
  width,
  height: data.length / width,
  channels: 1,
  data: Uint8Array.from(data),
})

describe('stretch', () => {
  it('leaves a picture of the same size alone', () => {
    const picture = grey(2, [1, 2, 3, 4])
    expect(stretch(picture, 2, 2)).toEqual(picture)
  })

  it('halves by the triangle filter: weights 1 3 3 1 inside, cut off and rescaled at the edge', () => {
    expect([...stretch(grey(8, [0, 0, 0, 80, 80, 0, 0, 0]), 4, 1).data]).toEqual([0, 40, 40, 0])
    // Output 0 is centred at 1, reaches from 0 to 3: weights 3 3 1 of 7.
    expect([...stretch(grey(4, [70, 0, 0, 0]), 2, 1).data]).toEqual([30, 0])
  })

  it('doubles by weights 1/4 and 3/4', () => {
    expect([...stretch(grey(2, [0, 100]), 4, 1).data]).toEqual([0, 25, 75, 100])
    expect([...stretch(grey(1, [0, 100]), 1, 4).data]).toEqual([0, 25, 75, 100])
  })

  it.each([
    [7, 5],
    [3, 20],
    [40, 2],
  ])('keeps an even picture even and its mean nearly, at %i×%i', (width, height) => {
    const even = { width: 13, height: 9, channels: 3, data: new Uint8Array(13 * 9 * 3).fill(137) } as const
    expect(stretch(even, width, height).data.every(value => value === 137)).toBe(true)
  })

  it('counts every pixel when shrinking: a fine grid becomes even grey', () => {
    const grid = grey(
      64,
      Array.from({ length: 64 * 64 }, (_, at) => ((at + (at >> 6)) % 2 === 0 ? 255 : 0)),
    )
    for (const value of stretch(grid, 8, 8).data) expect(Math.abs(value - 127.5)).toBeLessThan(2)
  })

  it('keeps the channels apart', () => {
    const picture = { width: 2, height: 1, channels: 3, data: Uint8Array.of(0, 10, 20, 100, 110, 120) } as const
    expect([...stretch(picture, 1, 1).data]).toEqual([50, 60, 70])
  })
})

describe('cover and contain', () => {
  const wide = grey(6, [1, 1, 9, 9, 5, 5, 1, 1, 9, 9, 5, 5])

  it('cover cuts the longer side evenly', () => {
    expect(cover(wide, 2, 2)).toEqual(grey(2, [9, 9, 9, 9]))
  })

  it('contain keeps all, in the middle of black', () => {
    const found = contain(wide, 6, 6)
    expect([...found.data.subarray(0, 12)].every(value => value === 0)).toBe(true)
    expect([...found.data.subarray(12, 24)]).toEqual([...wide.data])
    expect([...found.data.subarray(24)].every(value => value === 0)).toBe(true)
    expect([contain(wide, 3, 5).width, contain(wide, 3, 5).height]).toEqual([3, 5])
  })

  it('takes extreme proportions', () => {
    const line = grey(500, new Array(500).fill(200))
    expect(contain(line, 28, 28).data.filter(value => value === 200).length).toBe(28)
    expect(cover(line, 28, 28).data.every(value => value === 200)).toBe(true)
  })
})
