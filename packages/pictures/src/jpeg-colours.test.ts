/** What the channels of a JPEG file mean, and how it is turned, whatever its segments say about it. */

import type { Picture } from 'fovea/internal/base/picture'
import { rgb } from 'fovea/internal/preprocess/picture'
import { describe, expect, it, test } from 'vitest'
import { exifCases, exifData, uprightOrders } from './exif.testing.ts'
import { adobe, exif, jfif, jpegFile, type Segment, segmentsOf } from './jpeg-file.testing.ts'
import { decodePicture } from './pictures.ts'

const read = (bytes: Uint8Array): Promise<Picture> => decodePicture(bytes, 'a.jpg')
const pixel = (picture: Picture, column: number, row: number): number[] => {
  const { width, data } = rgb(picture)
  return [...data.subarray(3 * (row * width + column), 3 * (row * width + column) + 3)]
}

function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(Math.max(...actual.map((value, at) => Math.abs(value - expected[at]!)))).toBeLessThanOrEqual(1)
}

/** JFIF 1.02. */
function fromLumaChroma(y: number, cb: number, cr: number): number[] {
  return [y + 1.402 * (cr - 128), y - 0.34414 * (cb - 128) - 0.71414 * (cr - 128), y + 1.772 * (cb - 128)]
}

describe('what the channels mean', () => {
  const idsOf = { '1 2 3': [1, 2, 3], 'R G B': [82, 71, 66], 'r g b': [114, 103, 98], '0 1 2': [0, 1, 2] }
  const short: Segment = { ...adobe(0), content: adobe(0).content.slice(0, 11) }
  /** Head of the file, and whether three channels are colours: always, never, or as their ids say. */
  const heads: Readonly<Record<string, readonly [readonly Segment[], boolean | 'ids']>> = {
    nothing: [[], 'ids'],
    JFIF: [[jfif], false],
    'a JFIF segment that is cut off': [[{ ...jfif, content: jfif.content.slice(0, 9) }], 'ids'],
    'Adobe 0': [[adobe(0)], true],
    'Adobe 1': [[adobe(1)], false],
    'Adobe 2': [[adobe(2)], false],
    'Adobe 3': [[adobe(3)], false],
    'Adobe that is cut off': [[short], 'ids'],
    'JFIF, Adobe 0': [[jfif, adobe(0)], false],
    'Adobe 0, JFIF': [[adobe(0), jfif], false],
    'JFIF, Adobe 1': [[jfif, adobe(1)], false],
    'Adobe 0, Adobe 1': [[adobe(0), adobe(1)], false],
    'Adobe 1, Adobe 0': [[adobe(1), adobe(0)], true],
  }
  const three = Object.entries(idsOf).flatMap(([name, ids]) =>
    Object.entries(heads).map(([head, [segments, colours]]) => ({
      name: `${name}, ${head}`,
      ids,
      segments,
      colours: colours === 'ids' ? name === 'R G B' : colours,
    })),
  )

  test.each(three)('three channels: $name', async ({ ids, segments, colours }) => {
    const [y, cb, cr] = [140, 90, 160]
    const file = jpegFile([...segments, ...segmentsOf({ columns: 1, rows: 1, values: [[y, cb, cr]], ids })])
    expectNear(pixel(await read(file), 3, 3), colours ? [y, cb, cr] : fromLumaChroma(y, cb, cr))
  })

  const four = Object.entries(heads).map(([name, [segments]]) => ({
    name,
    segments,
    converted: segments.findLast(segment => segment.code === 0xee && segment !== short)?.content[11] ?? 0,
  }))

  test.each(four)('four channels, stored inverted: $name', async ({ segments, converted }) => {
    // All four are stored inverted, and so are the first three as luma and chroma: what they stand for there is 255 − colour.
    const [first, second, third, black] = [140, 90, 160, 200] as const
    const file = jpegFile([
      ...segments,
      ...segmentsOf({ columns: 1, rows: 1, values: [[first, second, third, black]] }),
    ])
    const inverted =
      converted > 0 ? fromLumaChroma(first, second, third).map(value => 255 - value) : [first, second, third]
    expectNear(
      pixel(await read(file), 3, 3),
      inverted.map(value => (value * black) / 255),
    )
  })

  it('one channel is grey, whatever is said', async () => {
    for (const [segments] of Object.values(heads))
      expectNear(
        pixel(await read(jpegFile([...segments, ...segmentsOf({ columns: 1, rows: 1, values: [[77]] })])), 3, 3),
        [77, 77, 77],
      )
  })
})

describe('orientation', () => {
  const values = [10, 60, 110, 160, 210, 250].map(value => [value])
  const picture = segmentsOf({ columns: 3, rows: 2, values })
  /** Of each block its middle, row by row. */
  async function blocks(file: Uint8Array): Promise<readonly [columns: number, values: readonly number[]]> {
    const { width, height, data } = await read(file)
    const middle = (block: number): number =>
      data[(4 + 8 * Math.floor((8 * block) / width)) * width + 4 + ((8 * block) % width)]!
    return [width / 8, Array.from({ length: (width * height) / 64 }, (_, block) => middle(block))]
  }
  const upright = (orientation: number) => {
    const [columns, order] = uprightOrders[orientation]!
    return [columns, order.map(number => values[number - 1]![0]!)]
  }

  test.each(exifCases)('%s', async (_, tiff, orientation) => {
    expect(await blocks(jpegFile([jfif, exif(tiff), ...picture]))).toEqual(upright(orientation))
  })

  const six = exif(exifData({ entries: [{ value: 6 }] }))
  const three = exif(exifData({ entries: [{ value: 3 }] }))
  const none = exif(exifData({}))
  test.each<[string, (Segment | number[])[], number]>([
    ['before JFIF', [six, jfif, ...picture], 6],
    ['behind the tables', [...picture.slice(0, -1), six, ...picture.slice(-1)], 6],
    [
      'behind other data of the same marker',
      [{ code: 0xe1, content: [...Buffer.from('http://ns')] }, six, ...picture],
      6,
    ],
    ['twice: the first counts', [six, three, ...picture], 6],
    ['twice: the first counts, even without a value', [none, three, ...picture], 1],
    ['in lower case', [{ ...six, content: [...Buffer.from('exif'), ...six.content.slice(4)] }, ...picture], 1],
    ['behind the picture', [...picture, six], 1],
    ['under another marker', [{ ...six, code: 0xe2 }, ...picture], 1],
  ])('%s', async (_, segments, orientation) => {
    expect(await blocks(jpegFile(segments))).toEqual(upright(orientation))
  })
})
