import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { decode as decodeElsewhere, encode as encodeElsewhere } from 'fast-png'
import { UserError } from 'fovea/internal/base/errors'
import { keyOf, randomBits } from 'fovea/internal/base/random'
import jpeg from 'jpeg-js'
import { describe, expect, it } from 'vitest'
import { encodePng } from './encode.ts'
import { decodePicture, readPicture, writePng } from './pictures.ts'
import { pngBytes } from './png-bytes.testing.ts'

function part(type: string, content: Uint8Array | number[]): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), Uint8Array.from(content)])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(content.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

interface Layout {
  width: number
  height: number
  depth: number
  colourType: number
  interlaced?: boolean
  palette?: number[]
  transparency?: number[]
}

const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
]

/** A PNG bit by bit, written from the standard and independent of the decoder: samples row by row, no line filter. */
function pngOf(layout: Layout, samples: number[]): Uint8Array {
  const { width, height, depth, colourType, interlaced, palette, transparency } = layout
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colourType]!
  const lines: number[] = []
  for (const [left, top, across, down] of interlaced ? passes : [[0, 0, 1, 1]])
    for (let row = top!; row < height; row += down!) {
      let bits = ''
      for (let column = left!; column < width; column += across!)
        for (let channel = 0; channel < channels; channel++)
          bits += samples[(row * width + column) * channels + channel]!.toString(2).padStart(depth, '0')
      if (bits === '') continue
      lines.push(0)
      for (let at = 0; at < bits.length; at += 8) lines.push(Number.parseInt(bits.slice(at, at + 8).padEnd(8, '0'), 2))
    }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([depth, colourType, 0, 0, interlaced ? 1 : 0], 8)
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    part('IHDR', header),
    part('tEXt', [...Buffer.from('Title\0a note')]),
    ...(palette ? [part('PLTE', palette)] : []),
    ...(transparency ? [part('tRNS', transparency)] : []),
    part('IDAT', deflateSync(Uint8Array.from(lines)).subarray(0, 7)),
    part('IDAT', deflateSync(Uint8Array.from(lines)).subarray(7)),
    part('IEND', []),
  ])
}

function randomSamples(count: number, below: number, seed: number): number[] {
  return Array.from({ length: count }, (_, at) => (randomBits(keyOf(seed), at) >>> 0) % below)
}

const cases = [0, 2, 3, 4, 6].flatMap(colourType =>
  ({ 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] })[colourType]!.flatMap(depth =>
    [false, true].flatMap(interlaced =>
      [
        [1, 1],
        [1, 5],
        [9, 1],
        [13, 11],
      ].map(([width, height]) => ({ width: width!, height: height!, depth, colourType, interlaced })),
    ),
  ),
)

describe('PNG', () => {
  it.each(cases)('reads %j', async layout => {
    const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[layout.colourType]!
    const colours = layout.colourType === 3 ? 2 ** layout.depth - (layout.depth > 1 ? 1 : 0) : 2 ** layout.depth
    const samples = randomSamples(layout.width * layout.height * channels, colours, layout.depth)
    const palette = layout.colourType === 3 ? randomSamples(3 * colours, 256, 7) : undefined
    const picture = await decodePicture(pngOf(palette ? { ...layout, palette } : layout, samples), 'a.png')
    const expected = palette
      ? samples.flatMap(index => palette.slice(3 * index, 3 * index + 3))
      : samples.map(sample => (layout.depth === 16 ? sample >> 8 : (sample * 255) / (2 ** layout.depth - 1)))
    expect([picture.width, picture.height, picture.channels]).toEqual([
      layout.width,
      layout.height,
      palette ? 3 : channels,
    ])
    expect([...picture.data]).toEqual(expected)
  })

  it('reads transparency: of a palette, of one grey, of one colour in 16 bits', async () => {
    const indexed = {
      width: 3,
      height: 1,
      depth: 2,
      colourType: 3,
      palette: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      transparency: [0, 128],
    }
    expect([...(await decodePicture(pngOf(indexed, [2, 1, 0]), 'a')).data]).toEqual([
      7, 8, 9, 255, 4, 5, 6, 128, 1, 2, 3, 0,
    ])
    const greyOne = { width: 2, height: 1, depth: 4, colourType: 0, transparency: [0, 3] }
    expect([...(await decodePicture(pngOf(greyOne, [3, 15]), 'a')).data]).toEqual([51, 0, 255, 255])
    const deep = { width: 2, height: 1, depth: 16, colourType: 2, transparency: [1, 0, 2, 0, 3, 1] }
    const samples = [256, 512, 769, 256, 512, 768]
    expect([...(await decodePicture(pngOf(deep, samples), 'a')).data]).toEqual([1, 2, 3, 0, 1, 2, 3, 255])
  })

  it('takes a palette that only goes with an RGB picture as a hint', async () => {
    const layout = { width: 1, height: 1, depth: 8, colourType: 2, palette: [9, 9, 9] }
    expect([...(await decodePicture(pngOf(layout, [1, 2, 3]), 'a')).data]).toEqual([1, 2, 3])
  })

  it.each([1, 2, 3, 4] as const)('writes %i channels; another library reads and writes the same', async channels => {
    const data = Uint8Array.from(randomSamples(17 * 9 * channels, 256, 3))
    const picture = { width: 17, height: 9, channels, data }
    const written = await encodePng(picture)
    expect(await decodePicture(written, 'a')).toEqual(picture)
    const elsewhere = decodeElsewhere(written, { checkCrc: true })
    expect([elsewhere.channels, [...elsewhere.data]]).toEqual([channels, [...data]])
    expect(await decodePicture(encodeElsewhere(picture), 'a')).toEqual(picture)
  })

  it('undoes every line filter', async () => {
    const [width, height] = [6, 5]
    const data = Uint8Array.from(randomSamples(width * height * 3, 256, 11))
    const at = (row: number, byte: number) => (row < 0 || byte < 0 ? 0 : data[row * width * 3 + byte]!)
    const lines: number[] = []
    for (let row = 0; row < height; row++) {
      lines.push(row)
      for (let byte = 0; byte < width * 3; byte++) {
        const [left, up, corner] = [at(row, byte - 3), at(row - 1, byte), at(row - 1, byte - 3)]
        const estimate = left + up - corner
        const nearest = [left, up, corner].reduce((best, value) =>
          Math.abs(estimate - value) < Math.abs(estimate - best) ? value : best,
        )
        const guess = [0, left, up, Math.floor((left + up) / 2), nearest][row]!
        lines.push((at(row, byte) - guess) & 255)
      }
    }
    const header = [0, 0, 0, width, 0, 0, 0, height, 8, 2, 0, 0, 0]
    const file = Buffer.concat([
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
      part('IHDR', header),
      part('IDAT', deflateSync(Uint8Array.from(lines))),
      part('IEND', []),
    ])
    expect([...(await decodePicture(file, 'a')).data]).toEqual([...data])
  })
})

describe('JPEG', () => {
  const width = 24
  const height = 16
  const rgba = new Uint8Array(width * height * 4).fill(255)
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      rgba.set([10 * column, 15 * row, row < 8 && column < 12 ? 0 : 200], (row * width + column) * 4)
  const plain = new Uint8Array(jpeg.encode({ width, height, data: rgba }, 95).data)

  /** Puts an Exif part with this orientation behind the first two bytes. */
  function turned(orientation: number, little: boolean): Uint8Array {
    const tiff = Buffer.alloc(26)
    tiff.write(little ? 'II' : 'MM', 'latin1')
    const put16 = (value: number, at: number) =>
      little ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at)
    const put32 = (value: number, at: number) =>
      little ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at)
    put16(42, 2)
    put32(8, 4)
    put16(1, 8)
    put16(0x0112, 10)
    put16(3, 12)
    put32(1, 14)
    put16(orientation, 18)
    const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff])
    const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2])
    return Buffer.concat([head, exif, plain.subarray(2)])
  }

  it('reads what it was made of, nearly', async () => {
    const picture = await decodePicture(plain, 'a.jpg')
    expect([picture.width, picture.height, picture.channels]).toEqual([width, height, 3])
    const far = picture.data.filter((value, at) => Math.abs(value - rgba[Math.floor(at / 3) * 4 + (at % 3)]!) > 40)
    expect(far.length).toBeLessThan(picture.data.length / 50)
  })

  it.each([
    [3, true],
    [6, true],
    [6, false],
    [8, false],
  ])('turns a picture with orientation %i upright (little endian: %s)', async (orientation, little) => {
    const stored = await decodePicture(plain, 'a.jpg')
    const upright = await decodePicture(turned(orientation, little), 'a.jpg')
    const at = (picture: typeof stored, column: number, row: number) => [
      ...picture.data.subarray((row * picture.width + column) * 3, (row * picture.width + column) * 3 + 3),
    ]
    expect([upright.width, upright.height]).toEqual(orientation === 3 ? [width, height] : [height, width])
    // Where the stored upper left corner goes: a half turn, a quarter to the right, a quarter to the left.
    const corner = { 3: [width - 1, height - 1], 6: [height - 1, 0], 8: [0, width - 1] }[orientation]!
    expect(at(upright, corner[0]!, corner[1]!)).toEqual(at(stored, 0, 0))
  })
})

describe('picture files', () => {
  const good = pngBytes({ width: 40, height: 40, channels: 3, data: Uint8Array.from(randomSamples(4800, 256, 1)) })
  const photo = jpeg.encode(
    { width: 64, height: 64, data: Uint8Array.from(randomSamples(64 * 64 * 4, 256, 2)) },
    90,
  ).data

  it.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(0), /cannot be read as a picture[\s\S]*an empty file/],
    ['text', Buffer.from('hello'), /PNG, JPEG, WebP, GIF, TIFF, AVIF or BMP[\s\S]*a text file[\s\S]*Name a picture/],
    ['noise', Buffer.from([200, 1, 2, 3]), /an unknown format[\s\S]*Save it as PNG or JPEG/],
    ...(
      [
        ['\0\0\0\x18ftypheic', 'a HEIC picture'],
        ['\0\0\0\x18ftypisom', 'a video'],
        ['\xff\x0a', 'a JPEG XL picture'],
        ['\0\0\0\x0cJXL \r\n', 'a JPEG XL picture'],
        ['\0\0\0\x0cjP  \r\n', 'a JPEG 2000 picture'],
        ['\0\0\x01\0', 'an ICO picture'],
        ['8BPS', 'a Photoshop \\(PSD\\) picture'],
        ['%PDF-1.4', 'a PDF file'],
        ['PK\x03\x04', 'a zip archive'],
        ['version https://git-lfs.github.com/spec/v1', 'a pointer of Git LFS, not the file itself\n.*git lfs pull'],
        ['\n<!DOCTYPE html><p>', 'a web page'],
        ['<HTML>', 'a web page'],
        ['<?xml version="1.0"?><svg>', 'an SVG drawing'],
        ['<?xml version="1.0"?><a>', 'an XML file'],
      ] as const
    ).map(
      ([start, kind]) =>
        [kind, Buffer.from(start, 'latin1'), new RegExp(`received: ${kind}`)] as [string, Buffer, RegExp],
    ),
    ...(
      [
        ['GIF89a....', 'GIF'],
        ['BM1234\0\0\0\0', 'BMP'],
        ['RIFF1234WEBPVP8 ', 'WebP'],
        ['II*\0', 'TIFF'],
        ['MM\0*', 'TIFF'],
        ['\0\0\0\x1cftypavif', 'AVIF'],
        ['\0\0\0\x18ftypmif1', 'HEIC or AVIF'],
      ] as const
    ).map(
      ([start, kind]) =>
        [`a ${kind} without content`, Buffer.from(start, 'latin1'), new RegExp(`damaged ${kind} file`)] as [
          string,
          Buffer,
          RegExp,
        ],
    ),
    ['truncated PNG', good.subarray(0, 2000), /damaged PNG[\s\S]*missing or wrong/],
    ['PNG with a wrong byte', good.with(1000, good[1000]! ^ 1), /damaged PNG[\s\S]*missing or wrong/],
    ['a header only', good.subarray(0, 8), /damaged PNG/],
    ['huge PNG', pngOf({ width: 1, height: 1, depth: 8, colourType: 0 }, [0]).with(16, 1), /damaged|too large/],
    ['truncated JPEG', photo.subarray(0, 700), /damaged JPEG/],
    ['only the first bytes of a JPEG', photo.subarray(0, 4), /damaged JPEG/],
  ])('refuses: %s', async (_, bytes, message) => {
    await expect(decodePicture(new Uint8Array(bytes), 'a')).rejects.toThrow(UserError)
    await expect(decodePicture(new Uint8Array(bytes), 'a')).rejects.toThrow(message)
  })

  it('refuses a picture that would need too much memory', async () => {
    const layout = { width: 1, height: 1, depth: 8, colourType: 0 }
    const file = Buffer.from(pngOf(layout, [0]))
    file.writeUInt32BE(20_000, 16)
    file.writeUInt32BE(20_000, 20)
    file.writeUInt32BE(crc32(file.subarray(12, 29)), 29)
    await expect(decodePicture(file, 'a')).rejects.toThrow(/too large[\s\S]*100 megapixels[\s\S]*20000×20000/)
  })

  it('reads and writes files', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'fovea-pictures-'))
    try {
      const picture = { width: 2, height: 1, channels: 1, data: Uint8Array.of(3, 4) } as const
      await writePng(path.join(folder, 'a.png'), picture)
      expect(await readPicture(path.join(folder, 'a.png'))).toEqual(picture)
      await writeFile(path.join(folder, 'b.jpg'), pngBytes(picture))
      expect(await readPicture(path.join(folder, 'b.jpg'))).toEqual(picture)
      await expect(readPicture(path.join(folder, 'c.png'))).rejects.toThrow(/no such file/)
      await expect(readPicture(folder)).rejects.toThrow(/a folder/)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
