/** Which PNG files are read and which refused, chunk by chunk and rule by rule, as libpng 1.6 decides; and how they are turned. */
import { deflateRawSync, deflateSync } from 'node:zlib'
import { UserError } from 'fovea/internal/base/errors'
import type { Picture } from 'fovea/internal/base/picture'
import { orient } from 'fovea/internal/preprocess/orient'
import { describe, expect, it, test } from 'vitest'
import { exifCases, exifData } from './exif.testing.ts'
import { decodePicture } from './pictures.ts'
import { chunk, type HeaderFields, header, headerContent, pngFile } from './png-file.testing.ts'

const read = (bytes: Uint8Array): Promise<Picture> => decodePicture(new Uint8Array(bytes), 'a.png')

// 4 × 2, RGB.
const lines = [0, 1, 2, 3, 40, 50, 60, 70, 80, 90, 100, 110, 120, 0, 9, 9, 9, 8, 8, 8, 7, 7, 7, 6, 6, 6]
const packed = deflateSync(Uint8Array.from(lines))
const [begin, data, end] = [header(), chunk('IDAT', packed), chunk('IEND')]
const note = chunk('tEXt', Buffer.from('Title\0x'))
const colours = await read(pngFile(begin, data, end))
const rgb = (...more: readonly Uint8Array[]): Buffer => pngFile(begin, ...more, data, end)
const rgbOf = (content: Uint8Array): Buffer => pngFile(begin, chunk('IDAT', content), end)
const withHeader = (fields: HeaderFields): Buffer => pngFile(header(fields), data, end)

// 4 × 1, two bits: the colours 0, 1, 2, 3.
const indexedBegin = header({ height: 1, depth: 2, colourType: 3 })
const indexedData = chunk('IDAT', deflateSync(Uint8Array.of(0, 0b00011011)))
const indexed = (...more: readonly Uint8Array[]): Buffer => pngFile(indexedBegin, ...more, indexedData, end)
const palette = (count: number): Buffer =>
  chunk(
    'PLTE',
    Array.from({ length: 3 * count }, (_, index) => 10 + index),
  )
const alpha = (count: number): Buffer =>
  chunk(
    'tRNS',
    Array.from({ length: count }, (_, index) => 100 + index),
  )
const fourColours = await read(indexed(palette(4)))

// 2 × 1, grey: 5, 6.
const grey = (...more: readonly Uint8Array[]): Buffer =>
  pngFile(
    header({ width: 2, height: 1, colourType: 0 }),
    ...more,
    chunk('IDAT', deflateSync(Uint8Array.of(0, 5, 6))),
    end,
  )
const greys = await read(grey())

function filtered(filter: number): Uint8Array {
  return deflateSync(Uint8Array.from(lines.with(13, filter)))
}

describe('refused', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['two headers', pngFile(begin, begin, data, end), /two headers/],
    ['a second header behind the picture', pngFile(begin, data, begin, end), /two headers/],
    ['no header', pngFile(data, end), /begins with the part IDAT/],
    ['something before the header', pngFile(note, begin, data, end), /begins with the part tEXt/],
    ['the palette before the header', pngFile(palette(4), indexedBegin, indexedData, end), /begins with the part PLTE/],
    ['a short header', pngFile(chunk('IHDR', headerContent({}).subarray(0, 12)), data, end), /12 bytes, not 13/],
    ['a long header', pngFile(chunk('IHDR', [...headerContent({}), 0]), data, end), /14 bytes, not 13/],
    ...[2, 3, 255].map(
      interlace =>
        [`interlace method ${interlace}`, withHeader({ interlace }), /interlace method/] as [string, Buffer, RegExp],
    ),
    ['filter method 1', withHeader({ filter: 1 }), /filter method is 1/],
    ['filter method 64', withHeader({ filter: 64 }), /filter method is 64/],
    ['compression method 1', withHeader({ compression: 1 }), /compression method is 1/],
    ['no width', withHeader({ width: 0 }), /size is 0/],
    ['no height', withHeader({ height: 0 }), /size is 0/],
    ['a width of 2^31', withHeader({ width: 2 ** 31 }), /size is impossible/],
    ['a height of 2^32 − 1', withHeader({ height: 2 ** 32 - 1 }), /size is impossible/],
    ['a width of 2^31 − 1', withHeader({ width: 2 ** 31 - 1 }), /too large/],
    ...Array.from({ length: 8 }, (_, colourType) => colourType).flatMap(colourType =>
      [0, 1, 2, 3, 4, 8, 16, 32]
        .filter(
          depth =>
            !{ 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] }[colourType]?.includes(depth),
        )
        .map(
          depth =>
            [`colour type ${colourType}, ${depth} bits`, withHeader({ colourType, depth }), /colour type/] as [
              string,
              Buffer,
              RegExp,
            ],
        ),
    ),
    ['no picture data', pngFile(begin, end), /no picture data/],
    ['only empty picture data', pngFile(begin, chunk('IDAT'), end), /end too early/],
    [
      'interrupted picture data',
      pngFile(begin, chunk('IDAT', packed.subarray(0, 5)), note, chunk('IDAT', packed.subarray(5)), end),
      /end too early/,
    ],
    [
      'picture data interrupted by a damaged note',
      pngFile(
        begin,
        chunk('IDAT', packed.subarray(0, 5)),
        chunk('tEXt', [1, 2], { crc: 1 }),
        chunk('IDAT', packed.subarray(5)),
        end,
      ),
      /end too early/,
    ],
    [
      'picture data interrupted in their checksum',
      pngFile(begin, chunk('IDAT', packed.subarray(0, -2)), note, chunk('IDAT', packed.subarray(-2)), end),
      /end too early/,
    ],
    ['no end', pngFile(begin, data), /truncated/],
    ['an end that is cut off', rgb().subarray(0, -4), /truncated/],
    ['the end before the data', pngFile(begin, end, data), /no picture data/],
    ...(['IHDR', 'IDAT', 'IEND'] as const).map(type => {
      const parts = [
        ['IHDR', headerContent({})],
        ['IDAT', packed],
        ['IEND', []],
      ] as const
      const file = pngFile(...parts.map(([name, content]) => chunk(name, content, name === type ? { crc: 1 } : {})))
      return [`a wrong checksum of ${type}`, file, new RegExp(`checksum in its part ${type}`)] as [
        string,
        Buffer,
        RegExp,
      ]
    }),
    [
      'a wrong checksum of PLTE',
      indexed(chunk('PLTE', new Array(12).fill(7), { crc: 1 })),
      /checksum in its part PLTE/,
    ],
    ['a length of 2^31', rgb(chunk('tEXt', [], { length: 2 ** 31 })), /impossible length/],
    ['a length of 2^32 − 1', rgb(chunk('tEXt', [], { length: 2 ** 32 - 1 })), /impossible length/],
    ['a length beyond the end', rgb(chunk('tEXt', [], { length: 1000 })), /truncated/],
    ...['te3t', '\0\0\0\0', 'te t', 't\xe9xt', 't[xt', 'IDA@'].map(
      type =>
        [`a part with the name ${JSON.stringify(type)}`, rgb(chunk(type)), /not made of letters/] as [
          string,
          Buffer,
          RegExp,
        ],
    ),
    ['a part that must be understood', rgb(chunk('ABCD')), /unknown kind, ABCD/],
    ['a private part that must be understood', rgb(chunk('AbCD')), /unknown kind, AbCD/],
    ['such a part behind the data', pngFile(begin, data, chunk('ABCD'), end), /unknown kind, ABCD/],
    ['a wrong zlib checksum', rgbOf(packed.with(-1, packed.at(-1)! ^ 1)), /cannot be unpacked/],
    ['no zlib checksum', rgbOf(packed.subarray(0, -4)), /end too early/],
    ['half a zlib checksum', rgbOf(packed.subarray(0, -2)), /end too early/],
    ['a wrong zlib header', rgbOf(packed.with(1, 0)), /cannot be unpacked/],
    ['another zlib method', rgbOf(Uint8Array.of(0x79, 0x1a, ...packed.subarray(2))), /cannot be unpacked/],
    ['a zlib window that is too large', rgbOf(Uint8Array.of(0x88, 0x1c, ...packed.subarray(2))), /cannot be unpacked/],
    ['a zlib dictionary', rgbOf(Uint8Array.of(0x78, 0x20, ...packed.subarray(2))), /cannot be unpacked/],
    ['no zlib header', rgbOf(deflateRawSync(Uint8Array.from(lines))), /cannot be unpacked/],
    ['a byte too few', rgbOf(deflateSync(Uint8Array.from(lines.slice(0, -1)))), /hold 25 of 26 bytes/],
    ['a line too few', rgbOf(deflateSync(Uint8Array.from(lines.slice(0, 13)))), /hold 13 of 26 bytes/],
    ['nothing packed', rgbOf(deflateSync(new Uint8Array())), /hold 0 of 26 bytes/],
    ['a bomb', rgbOf(deflateSync(new Uint8Array(20_000_000))), /far beyond its size/],
    ['line filter 5', rgbOf(filtered(5)), /unknown filter 5/],
    ['line filter 255', rgbOf(filtered(255)), /unknown filter 255/],
    ['no palette', indexed(), /palette \(PLTE\) is missing/],
    ['the palette behind the data', pngFile(indexedBegin, indexedData, palette(4), end), /palette \(PLTE\) is missing/],
    ['two palettes', indexed(palette(4), palette(4)), /two palettes/],
    [
      'a second palette behind the data',
      pngFile(indexedBegin, palette(4), indexedData, palette(4), end),
      /two palettes/,
    ],
    ['two palettes of a grey picture', grey(palette(2), palette(2)), /two palettes/],
    ['two palettes of an RGB picture', rgb(palette(2), palette(2)), /two palettes/],
    ['an empty palette', indexed(palette(0)), /is empty/],
    ['an empty palette of an RGB picture', rgb(palette(0)), /is empty/],
    ['a palette of 13 bytes', indexed(chunk('PLTE', new Array(13).fill(7))), /13 bytes/],
    ['a palette of 257 colours', indexed(palette(257)), /771 bytes/],
  ])('%s', async (_, bytes, says) => {
    await expect(read(bytes)).rejects.toThrow(UserError)
    await expect(read(bytes)).rejects.toThrow(says)
  })

  it('every part of a file from its beginning', async () => {
    const file = rgb(note)
    for (let length = 8; length < file.length; length++)
      await expect(read(file.subarray(0, length)), String(length)).rejects.toThrow(/damaged PNG file[\s\S]*truncated/)
  })

  it('every changed byte that could change the picture', async () => {
    const file = rgb(note)
    for (let at = 8; at < file.length; at++) {
      try {
        expect(await read(file.with(at, file[at]! ^ 0x21)), String(at)).toEqual(colours)
      } catch (error) {
        expect(error, String(at)).toBeInstanceOf(UserError)
      }
    }
  })
})

describe('taken as libpng takes it', () => {
  const wrong = { crc: 1 }
  test.each<[string, Uint8Array, Picture | Promise<Picture>]>([
    ['empty picture data before', rgb(chunk('IDAT')), colours],
    ['empty picture data behind', pngFile(begin, data, chunk('IDAT'), end), colours],
    [
      'picture data in two parts',
      pngFile(begin, chunk('IDAT', packed.subarray(0, 5)), chunk('IDAT', packed.subarray(5)), end),
      colours,
    ],
    ['more picture data behind', pngFile(begin, data, data, end), colours],
    ['more picture data behind something else', pngFile(begin, data, note, data, end), colours],
    ['an end with content', pngFile(begin, data, chunk('IEND', [1])), colours],
    ['bytes behind the end', Buffer.concat([rgb(), Buffer.from('rest')]), colours],
    ['a note with a wrong checksum', rgb(chunk('tEXt', [1, 2], wrong)), colours],
    ['a part of an unknown kind that only helps', rgb(chunk('abCd', [1, 2])), colours],
    ['a name with a small third letter', rgb(chunk('teXt'), chunk('text')), colours],
    ['bytes behind the packed data', rgbOf(Buffer.concat([packed, Buffer.of(1, 2, 3)])), colours],
    ['more packed than there is picture', rgbOf(deflateSync(Uint8Array.from([...lines, ...lines, 7]))), colours],
    ['a palette of a grey picture', grey(palette(2)), greys],
    ['a palette of an RGB picture', rgb(palette(2)), colours],
    ['a palette of an RGB picture behind the data', pngFile(begin, data, palette(2), end), colours],
    ['two palettes of an RGB picture behind the data', pngFile(begin, data, palette(2), palette(2), end), colours],
    ['a palette with more colours than bits can name', indexed(palette(5)), fourColours],
    [
      'a palette with too few colours: black',
      indexed(palette(3)),
      { ...fourColours, data: fourColours.data.slice().fill(0, 9) },
    ],
    [
      'no gamma, profile or colour space',
      rgb(chunk('gAMA', [0, 0, 0, 9]), chunk('sRGB', [0]), chunk('iCCP', [1, 2, 3])),
      colours,
    ],
    ['transparency before the palette', indexed(alpha(2), palette(4)), fourColours],
    ['transparency for more colours than there are', indexed(palette(4), alpha(5)), fourColours],
    ['empty transparency', indexed(palette(4), alpha(0)), fourColours],
    ['transparency behind the data', pngFile(indexedBegin, palette(4), indexedData, alpha(2), end), fourColours],
    ['transparency with a wrong checksum', indexed(palette(4), chunk('tRNS', [1, 2], wrong)), fourColours],
    ['transparency twice: the first', indexed(palette(4), alpha(1), alpha(4)), read(indexed(palette(4), alpha(1)))],
    ...[0, 5, 7, 12].map(
      length =>
        [`a transparent colour of ${length} bytes`, rgb(chunk('tRNS', new Array(length).fill(0))), colours] as [
          string,
          Buffer,
          Picture,
        ],
    ),
    ...[0, 1, 6].map(
      length =>
        [`a transparent grey of ${length} bytes`, grey(chunk('tRNS', new Array(length).fill(5))), greys] as [
          string,
          Buffer,
          Picture,
        ],
    ),
    ['a transparent colour before a palette', rgb(chunk('tRNS', [0, 1, 0, 2, 0, 3]), palette(2)), colours],
    [
      'a transparent colour, of which the lower bits count',
      rgb(chunk('tRNS', [9, 1, 8, 2, 7, 3])),
      read(rgb(chunk('tRNS', [0, 1, 0, 2, 0, 3]))),
    ],
    [
      'a transparent grey, of which the lower bits count',
      grey(chunk('tRNS', [1, 5])),
      read(grey(chunk('tRNS', [0, 5]))),
    ],
  ])('%s', async (_, bytes, expected) => {
    expect(await read(bytes)).toEqual(await expected)
  })

  it('a transparent colour', async () => {
    expect([...(await read(rgb(chunk('tRNS', [0, 1, 0, 2, 0, 3])))).data].slice(0, 8)).toEqual([
      1, 2, 3, 0, 40, 50, 60, 255,
    ])
    expect([...(await read(grey(chunk('tRNS', [0, 5])))).data]).toEqual([5, 0, 6, 255])
  })

  it('a picture with its own alpha, without transparency', async () => {
    const file = (more: readonly Uint8Array[]): Buffer =>
      pngFile(
        header({ width: 1, height: 1, colourType: 4 }),
        ...more,
        chunk('IDAT', deflateSync(Uint8Array.of(0, 5, 6))),
        end,
      )
    expect(await read(file([chunk('tRNS', [0, 5])]))).toEqual(await read(file([])))
  })
})

describe('orientation', () => {
  const exif = (value: number): Buffer => chunk('eXIf', exifData({ entries: [{ value }] }))

  test.each(exifCases)('%s', async (_, tiff, orientation) => {
    expect(await read(rgb(chunk('eXIf', tiff)))).toEqual(orient(colours, orientation))
  })

  test.each<[string, Uint8Array, number]>([
    ['behind the data', pngFile(begin, data, exif(6), end), 1],
    ['twice: the first', rgb(exif(6), exif(3)), 6],
    ['with a wrong checksum', rgb(chunk('eXIf', exifData({ entries: [{ value: 6 }] }), { crc: 1 })), 1],
    [
      'with the prefix of a JPEG file',
      rgb(chunk('eXIf', [...Buffer.from('Exif\0\0'), ...exifData({ entries: [{ value: 6 }] })])),
      1,
    ],
  ])('%s', async (_, bytes, orientation) => {
    expect(await read(bytes)).toEqual(orient(colours, orientation))
  })

  it('turns grey, palette and transparency as a whole', async () => {
    expect(await read(grey(exif(3)))).toEqual(orient(greys, 3))
    expect(await read(indexed(palette(4), alpha(2), exif(6)))).toEqual(
      orient(await read(indexed(palette(4), alpha(2))), 6),
    )
  })
})
