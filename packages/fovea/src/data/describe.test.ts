import { expect, it } from 'vitest'
import { describeSplit } from './describe.ts'
import { memorySource } from './memory-source.ts'

it('counts classes and measures pixels', async () => {
  const images = Uint8Array.of(0, 51, 102, 0, 51, 102, 102, 153, 204, 102, 153, 204)
  const found = await describeSplit(
    memorySource({ images, labels: Uint8Array.of(1, 1), shape: [1, 2, 3], classNames: ['a', 'b'] }),
  )
  expect(found.count).toBe(2)
  expect(found.perClass).toEqual([0, 2])
  expect(found.firstLabels).toEqual([1, 1])
  expect(found.mean).toBeCloseTo(0.4, 12)
  // Deviations from the mean 0.4: 0.4 0.2 0 and 0 0.2 0.4, each twice.
  expect(found.deviation).toBeCloseTo(Math.sqrt((4 * 0.16 + 4 * 0.04) / 12), 12)
  expect(found.channelMeans.map(value => value.toFixed(12))).toEqual([
    '0.200000000000',
    '0.400000000000',
    '0.600000000000',
  ])
})

it('gives ten labels at most and stands an empty part', async () => {
  const labels = Uint8Array.from({ length: 12 }, (_, index) => index)
  const many = { images: new Uint8Array(12), labels, shape: [1, 1, 1], classNames: [...'abcdefghijkl'] } as const
  expect((await describeSplit(memorySource(many))).firstLabels.length).toBe(10)
  const none = {
    images: new Uint8Array(0),
    labels: new Uint8Array(0),
    shape: [1, 1, 3],
    classNames: ['a', 'b'],
  } as const
  expect(await describeSplit(memorySource(none))).toMatchObject({
    count: 0,
    perClass: [0, 0],
    mean: 0,
    deviation: 0,
  })
})
