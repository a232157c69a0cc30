import { describe, expect, it } from 'vitest'
import { idxSplit, parseIdxLabels, parseIdxPictures } from './idx.ts'

function pictures(count: number, height: number, width: number, bytes = count * height * width, magic = 2051) {
  const file = new Uint8Array(16 + bytes)
  const view = new DataView(file.buffer)
  for (const [at, value] of [magic, count, height, width].entries()) view.setUint32(4 * at, value)
  for (let at = 16; at < file.length; at++) file[at] = at - 16
  return file
}

function labels(values: number[], count = values.length, magic = 2049) {
  const file = new Uint8Array(8 + values.length)
  const view = new DataView(file.buffer)
  view.setUint32(0, magic)
  view.setUint32(4, count)
  file.set(values, 8)
  return file
}

describe('IDX', () => {
  it('reads pictures row by row and labels', () => {
    const found = parseIdxPictures(pictures(2, 3, 4), 'p')
    expect([found.count, found.height, found.width]).toEqual([2, 3, 4])
    expect([...found.pixels]).toEqual(Array.from({ length: 24 }, (_, at) => at))
    expect([...parseIdxLabels(labels([0, 9]), 'l', 10)]).toEqual([0, 9])
  })

  it('reads from a view into a larger buffer', () => {
    const file = pictures(1, 2, 2)
    const larger = new Uint8Array(file.length + 7)
    larger.set(file, 7)
    expect(parseIdxPictures(larger.subarray(7), 'p').count).toBe(1)
  })

  it.each([
    ['truncated header', pictures(1, 2, 2).subarray(0, 10), /p is truncated: its header/],
    ['empty file', new Uint8Array(0), /p is truncated/],
    ['truncated content', pictures(3, 2, 2, 11), /p is truncated.*\n.*28 bytes.*3 pictures of 2×2.*\n.*27 bytes/],
    ['oversized content', pictures(3, 2, 2, 13), /p is oversized/],
    ['labels instead of pictures', labels(new Array(16).fill(1)), /magic number.*\n.*2051\n.*2049 \(a label file\)/],
    ['no rows', pictures(4, 0, 2), /p: its pictures have no pixels.*\n.*\n.*0×2/],
    ['no columns', pictures(4, 2, 0), /p: its pictures have no pixels.*\n.*\n.*2×0/],
    ['more pictures than numbers can say', pictures(2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1, 8), /p is truncated/],
    ['another format', pictures(1, 2, 2, 4, 0x1f8b0800), /magic number/],
  ])('refuses a picture file: %s', (_, bytes, message) => {
    expect(() => parseIdxPictures(bytes, 'p')).toThrow(message)
  })

  it.each([
    ['truncated', labels([1, 2], 3), /l is truncated/],
    ['oversized', labels([1, 2], 1), /l is oversized/],
    ['wrong magic', labels([1, 2], 2, 2050), /magic number/],
    ['label out of range', labels([1, 10]), /label 1 is out of range.*\n.*0 to 9\n.*10/],
  ])('refuses a label file: %s', (_, bytes, message) => {
    expect(() => parseIdxLabels(bytes, 'l', 10)).toThrow(message)
  })

  it('refuses files of different samples', () => {
    const found = parseIdxPictures(pictures(2, 1, 1), 'p')
    expect(() => idxSplit(found, Uint8Array.of(1, 2, 3), 'p', 'l')).toThrow(
      /p and l do not belong together.*\n.*2.*\n.*3/,
    )
    expect(idxSplit(found, Uint8Array.of(1, 2), 'p', 'l').count).toBe(2)
  })
})
