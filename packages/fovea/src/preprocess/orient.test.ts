import { describe, expect, it } from 'vitest'
import { exifOrientation, orient } from './orient.ts'
import { pictureFrom } from './picture.ts'

describe('orient', () => {
  // 1 2 3 / 4 5 6; values from the Exif standard's words on where the stored row 0 and column 0 are shown.
  const stored = pictureFrom(3, 2, 1, Uint8Array.of(1, 2, 3, 4, 5, 6))

  it.each([
    [1, 3, [1, 2, 3, 4, 5, 6]],
    [2, 3, [3, 2, 1, 6, 5, 4]],
    [3, 3, [6, 5, 4, 3, 2, 1]],
    [4, 3, [4, 5, 6, 1, 2, 3]],
    [5, 2, [1, 4, 2, 5, 3, 6]],
    [6, 2, [4, 1, 5, 2, 6, 3]],
    [7, 2, [6, 3, 5, 2, 4, 1]],
    [8, 2, [3, 6, 2, 5, 1, 4]],
  ])('orientation %i', (orientation, width, expected) => {
    const upright = orient(stored, orientation)
    expect(upright.width).toBe(width)
    expect([...upright.data]).toEqual(expected)
  })

  it('moves pixels of several channels as a whole', () => {
    const pair = pictureFrom(2, 1, 3, Uint8Array.of(1, 2, 3, 4, 5, 6))
    expect([...orient(pair, 2).data]).toEqual([4, 5, 6, 1, 2, 3])
  })
})

describe('exifOrientation', () => {
  const little = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]
  const big = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]

  it.each([
    ['little endian', little, 6],
    ['big endian', big, 6],
    ['nothing', [], 1],
    ['a part of it', big.slice(0, 20), 1],
    ['a byte order that is none', [0x4d, 0x49, ...big.slice(2)], 1],
    ['a directory outside it', [...big.slice(0, 4), 0, 0, 9, 9, ...big.slice(8)], 1],
    ['a JPEG file', [0xff, 0xd8, 0xff, 0xe1, 0, 30, 0x45, 0x78, 0x69, 0x66, 0, 0, ...big], 1],
    ['noise', [0xff, 0xd8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 1],
  ])('of %s', (_, bytes, orientation) => {
    expect(exifOrientation(Uint8Array.from(bytes))).toBe(orientation)
  })
})
