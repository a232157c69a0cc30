/** BMP files of every layout, written here from the standard. */
import { UserError } from 'fovea/internal/base/errors'
import { describe, expect, it, test } from 'vitest'
import { decodePicture } from './pictures.ts'

interface Layout {
  readonly bits: number
  readonly width?: number
  readonly height?: number
  readonly size?: number
  readonly compression?: number
  readonly palette?: readonly number[]
  readonly masks?: readonly number[]
  /** Rows as they lie in the file, each filled up to four bytes. */
  readonly rows: readonly (readonly number[])[]
}

function bmp({
  bits,
  width = 2,
  height = 2,
  size = 40,
  compression = 0,
  palette = [],
  masks = [],
  rows,
}: Layout): Uint8Array {
  const padded =
    compression === 1 || compression === 2
      ? rows.flat()
      : rows.flatMap(row => [...row, ...new Array((4 - (row.length % 4)) % 4).fill(0)])
  const inHeader = size >= 56
  const pixels = 14 + size + (inHeader ? 0 : 4 * masks.length) + palette.length
  const file = Buffer.alloc(pixels + padded.length)
  file.write('BM')
  file.writeUInt32LE(file.length, 2)
  file.writeUInt32LE(pixels, 10)
  file.writeUInt32LE(size, 14)
  if (size === 12) {
    file.writeUInt16LE(width, 18)
    file.writeUInt16LE(height, 20)
    file.writeUInt16LE(bits, 24)
  } else {
    file.writeInt32LE(width, 18)
    file.writeInt32LE(height, 22)
    file.writeUInt16LE(bits, 28)
    file.writeUInt32LE(compression, 30)
    if (bits <= 8) file.writeUInt32LE(palette.length / 4, 46)
  }
  for (const [index, mask] of masks.entries()) file.writeUInt32LE(mask >>> 0, 54 + 4 * index)
  file.set(palette, pixels - palette.length)
  file.set(padded, pixels)
  return new Uint8Array(file)
}

/** Blue, green, red and nothing, of black, red, green and blue. */
const four = [0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0]
const [black, red, green, blue] = [
  [0, 0, 0],
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
] as const
const upright = [...black, ...red, ...green, ...blue]
const words = (...values: number[]): number[] => values.flatMap(value => [value & 255, value >> 8])
const longs = (...values: number[]): number[] =>
  values.flatMap(value => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24])

describe('read', () => {
  test.each<[string, Layout, number[]]>([
    [
      '1 bit',
      { bits: 1, palette: [...four.slice(4, 8), ...four.slice(12)], rows: [[0b01000000], [0b10000000]] },
      [...blue, ...red, ...red, ...blue],
    ],
    ['4 bits', { bits: 4, palette: four, rows: [[0x23], [0x01]] }, upright],
    [
      '8 bits',
      {
        bits: 8,
        palette: four,
        rows: [
          [2, 3],
          [0, 1],
        ],
      },
      upright,
    ],
    [
      '8 bits from above',
      {
        bits: 8,
        height: -2,
        palette: four,
        rows: [
          [0, 1],
          [2, 3],
        ],
      },
      upright,
    ],
    [
      '8 bits with the header of OS/2',
      {
        bits: 8,
        size: 12,
        palette: [0, 1, 2, 3].flatMap(index => four.slice(4 * index, 4 * index + 3)).concat(new Array(756).fill(0)),
        rows: [
          [2, 3],
          [0, 1],
        ],
      },
      upright,
    ],
    [
      '24 bits',
      {
        bits: 24,
        rows: [
          [0, 255, 0, 255, 0, 0],
          [0, 0, 0, 0, 0, 255],
        ],
      },
      upright,
    ],
    [
      '24 bits with the largest header',
      {
        bits: 24,
        size: 124,
        rows: [
          [0, 255, 0, 255, 0, 0],
          [0, 0, 0, 0, 0, 255],
        ],
      },
      upright,
    ],
    ['32 bits', { bits: 32, rows: [longs(0xff00, 0xff), longs(0, 0xff0000)] }, upright],
    ['16 bits', { bits: 16, rows: [words(31 << 5, 31), words(0, 31 << 10)] }, upright],
    [
      '16 bits, 5 6 5',
      { bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f], rows: [words(63 << 5, 31), words(0, 31 << 11)] },
      upright,
    ],
    [
      '32 bits, other masks',
      { bits: 32, compression: 3, masks: [0xff, 0xff00, 0xff0000], rows: [longs(0xff00, 0xff0000), longs(0, 0xff)] },
      upright,
    ],
    [
      'runs of 8 bits',
      {
        bits: 8,
        compression: 1,
        palette: four,
        rows: [
          [1, 2, 1, 3, 0, 0],
          [0, 2, 1, 0, 1, 1],
          [0, 1],
        ],
      },
      upright,
    ],
    [
      'runs of 8 bits and colours as they are',
      {
        bits: 8,
        width: 5,
        height: 1,
        compression: 1,
        palette: four,
        rows: [
          [0, 3, 1, 2, 3, 0],
          [2, 1, 0, 1],
        ],
      },
      [...red, ...green, ...blue, ...red, ...red],
    ],
    [
      'runs of 4 bits',
      { bits: 4, width: 5, height: 1, compression: 2, palette: four, rows: [[3, 0x12, 0, 2, 1, 0, 1, 0x30, 0, 1]] },
      [...red, ...green, ...red, ...black, ...blue],
    ],
  ])('%s', async (_, layout, expected) => {
    const picture = await decodePicture(bmp(layout), 'a.bmp')
    expect([picture.width, picture.height, picture.channels]).toEqual([
      layout.width ?? 2,
      Math.abs(layout.height ?? 2),
      3,
    ])
    expect([...picture.data]).toEqual(expected)
  })

  it('alpha, where there is a mask for it', async () => {
    const masks = [0xff0000, 0xff00, 0xff, 0xff000000]
    const file = bmp({
      bits: 32,
      width: 2,
      height: 1,
      size: 108,
      compression: 3,
      masks,
      rows: [longs(0x80ff0000, 0xff0000ff)],
    })
    expect(await decodePicture(file, 'a')).toMatchObject({
      channels: 4,
      data: Uint8Array.of(255, 0, 0, 128, 0, 0, 255, 255),
    })
  })
})

describe('refused', () => {
  const layouts: readonly Layout[] = [
    {
      bits: 24,
      rows: [
        [0, 255, 0, 255, 0, 0],
        [0, 0, 0, 0, 0, 255],
      ],
    },
    {
      bits: 8,
      palette: four,
      rows: [
        [2, 3],
        [0, 1],
      ],
    },
    { bits: 8, compression: 1, palette: four, rows: [[2, 3, 0, 0, 2, 1, 0, 1]] },
  ]
  it('is a file that ends too early, wherever it does', async () => {
    for (const file of layouts.map(bmp))
      for (let length = 10; length < file.length; length++)
        await expect(decodePicture(file.subarray(0, length), 'a'), String(length)).rejects.toThrow(
          /damaged BMP file[\s\S]*truncated/,
        )
  })

  it('is a wrong byte, or it gives a picture: never another error', async () => {
    for (const file of layouts.map(bmp))
      for (let at = 2; at < file.length; at++)
        for (const byte of [0, 1, 127, 255])
          await decodePicture(file.with(at, byte), 'a').catch(error =>
            expect(error, `${at}: ${byte}`).toBeInstanceOf(UserError),
          )
  })

  test.each<[string, Layout, RegExp]>([
    [
      'more than 100 megapixels',
      { bits: 24, width: 3_000_000, height: 2_000_000, rows: [] },
      /too large[\s\S]*3000000×2000000/,
    ],
    ['3 bits', { bits: 3, rows: [] }, /3 bits/],
    ['a JPEG inside', { bits: 24, compression: 4, rows: [] }, /compression/],
    ['no width', { bits: 24, width: 0, rows: [] }, /size is 0/],
  ])('is %s', async (_, layout, says) => {
    await expect(decodePicture(bmp(layout), 'a')).rejects.toThrow(says)
  })
})
