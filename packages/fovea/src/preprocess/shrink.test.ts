import { describe, expect, it } from 'vitest'
import type { Picture } from '../base/picture.ts'
import { keyOf, randomBits } from '../base/random.ts'
import { cover, stretch } from './resize.ts'
import { isShrunk } from './shrink.ts'
import { taps } from './taps.ts'

/** The sums as they are written: along every row, then down. */
function plain({ width, height, channels, data }: Picture, toWidth: number, toHeight: number): number[] {
  const [across, down] = [taps(width, toWidth), taps(height, toHeight)]
  const weighted = (t: typeof across, index: number, value: (source: number) => number) => {
    let sum = 0
    for (let tap = t.offset[index]!; tap < t.offset[index + 1]!; tap++)
      sum += t.weights[tap]! * value(t.first[index]! + tap - t.offset[index]!)
    return sum
  }
  return Array.from({ length: toHeight * toWidth * channels }, (_, at) => {
    const [row, column] = [Math.floor(at / channels / toWidth), Math.floor(at / channels) % toWidth]
    const inRow = (y: number) => weighted(across, column, x => data[(y * width + x) * channels + (at % channels)]!)
    return Math.round(weighted(down, row, inRow))
  })
}

const made = (
  width: number,
  height: number,
  channels: Picture['channels'],
  value: (index: number) => number,
): Picture => ({
  width,
  height,
  channels,
  data: Uint8Array.from({ length: width * height * channels }, (_, index) => value(index)),
})

describe('shrink', () => {
  const sizes = [
    [128, 96, 64, 48],
    [200, 130, 37, 29],
    [97, 301, 5, 7],
    [64, 64, 1, 1],
    [300, 41, 3, 20],
  ] as const

  it.each(sizes)('gives the bits of the plain sums from %i×%i to %i×%i', (width, height, toWidth, toHeight) => {
    expect(isShrunk({ width, height }, { width: toWidth, height: toHeight })).toBe(true)
    const key = keyOf(7)
    // All levels, and two levels whose sums are often a half, where only the plain sums decide.
    for (const channels of [1, 2, 3, 4] as const)
      for (const levels of [256, 2]) {
        const picture = made(width, height, channels, index => randomBits(key, index) % levels)
        expect([...stretch(picture, toWidth, toHeight).data]).toEqual(plain(picture, toWidth, toHeight))
      }
    const grid = made(width, height, 1, index => (index + Math.floor(index / width)) % 2)
    expect([...stretch(grid, toWidth, toHeight).data]).toEqual(plain(grid, toWidth, toHeight))
  })

  it('sees only the middle where the rest is cut, and leaves the picture alone', () => {
    const picture = made(120, 60, 3, index => index % 251)
    const middle = made(60, 60, 3, index => (Math.floor(index / 180) * 360 + 90 + (index % 180)) % 251)
    expect([...cover(picture, 10, 10).data]).toEqual(plain(middle, 10, 10))
    expect(picture).toEqual(made(120, 60, 3, index => index % 251))
  })

  it('takes pictures one after the other, whatever size the one before had', () => {
    const small = made(40, 30, 3, index => index % 253)
    const wide = made(4000, 20, 4, index => index % 241)
    const found = [small, wide, small].map(picture => [...stretch(picture, 10, 7).data])
    expect(found).toEqual([small, wide, small].map(picture => plain(picture, 10, 7)))
  })

  it('leaves pictures of extreme width to the plain sums', () => {
    expect(isShrunk({ width: 2 ** 18, height: 4 }, { width: 2 ** 17, height: 2 })).toBe(true)
    expect(isShrunk({ width: 2 ** 18 + 1, height: 4 }, { width: 2 ** 17, height: 2 })).toBe(false)
  })

  it('adds the brightest samples of long lines exactly', () => {
    const line = made(7996, 4, 1, () => 255)
    expect(isShrunk(line, { width: 2, height: 2 })).toBe(true)
    expect([...stretch(line, 2, 2).data]).toEqual([255, 255, 255, 255])
  })
})
