import { describe, expect, it } from 'vitest'
import { describeDataset, formatDescription } from './describe.ts'

const dataset = {
  name: 'tiny',
  shape: [1, 2, 3],
  classNames: ['cat', 'dog'],
  train: {
    images: Uint8Array.of(0, 10, 20, 0, 10, 20, 30, 40, 50, 30, 40, 50),
    labels: Uint8Array.of(1, 1),
    count: 2,
  },
  test: { images: Uint8Array.of(255, 255, 255, 255, 255, 255), labels: Uint8Array.of(0), count: 1 },
} as const

describe('describeDataset', () => {
  it('counts classes and measures pixels', () => {
    const { train, test } = describeDataset(dataset)
    expect(train).toEqual({
      count: 2,
      classCounts: [0, 2],
      mean: 25,
      deviation: expect.closeTo(Math.sqrt((25 ** 2 + 15 ** 2 + 5 ** 2) / 3), 10),
      channelMeans: [15, 25, 35],
      firstLabels: [1, 1],
    })
    expect([test.mean, test.deviation]).toEqual([255, 0])
  })

  it('prints a report', () => {
    expect(formatDescription(describeDataset(dataset))).toBe(
      `tiny: 2 training and 1 test pictures
  training (2, 1, 2, 3)  test (1, 1, 2, 3)  uint8, 0 to 255

      class   train    test
  0   cat         0       1
  1   dog         2       0

  training pixels / 255: mean 0.0980, deviation 0.0670 (channel means 0.0588 0.0980 0.1373)
  test pixels / 255:     mean 1.0000, deviation 0.0000 (channel means 1.0000 1.0000 1.0000)
  first training labels: 1 1
    1 as one-hot: 0 1
    1 as one-hot: 0 1`,
    )
  })
})
