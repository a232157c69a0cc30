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
  it.each([
    ['nothing', []],
    ['no parts', [0xff, 0xd8]],
    ['a cut Exif part', [0xff, 0xd8, 0xff, 0xe1, 0, 100, 0x45, 0x78, 0x69, 0x66]],
    [
      'an Exif part with a directory outside it',
      [0xff, 0xd8, 0xff, 0xe1, 0, 16, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 9, 9],
    ],
    ['noise', [0xff, 0xd8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ])('is 1 for %s', (_, bytes) => {
    expect(exifOrientation(Uint8Array.from(bytes))).toBe(1)
  })
})
