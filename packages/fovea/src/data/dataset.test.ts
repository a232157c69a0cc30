import { describe, expect, it } from 'vitest'
import { checkDataset, type Dataset, gather, pictureOf, takeFirst } from './dataset.ts'

const split = { images: Uint8Array.from({ length: 12 }, (_, at) => at), labels: Uint8Array.of(1, 0, 1), count: 3 }
const good: Dataset = { name: 'tiny', shape: [2, 2, 1], classNames: ['a', 'b'], train: split, test: split }

describe('data set record', () => {
  it('passes one that fits', () => {
    expect(checkDataset(good)).toBe(good)
  })

  it('lists all that does not fit', () => {
    const wrong = {
      ...good,
      train: { ...split, images: split.images.subarray(1) },
      test: { ...split, labels: Uint8Array.of(1, 2) },
    }
    expect(() => checkDataset(wrong)).toThrow(
      /train part: the pictures have the wrong number of bytes[\s\S]*2×2×1 = 12\n.*11\n[\s\S]*test part: pictures and labels differ in number[\s\S]*test part: label 1 is out of range/,
    )
    expect(() => checkDataset({ ...good, shape: [2, 0, 1] })).toThrow(/picture shape/)
  })

  it('gives parts, chosen samples and single pictures', () => {
    expect([...takeFirst(split, 2).images]).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(takeFirst(split, 99).count).toBe(3)
    expect([...gather(split, [2, 0]).images]).toEqual([8, 9, 10, 11, 0, 1, 2, 3])
    expect([...gather(split, [2, 1]).labels]).toEqual([1, 0])
    expect(pictureOf(good.shape, split, 1)).toEqual({
      width: 2,
      height: 2,
      channels: 1,
      data: Uint8Array.of(4, 5, 6, 7),
    })
    expect(() => pictureOf(good.shape, split, 3)).toThrow(/no picture 3/)
  })
})
