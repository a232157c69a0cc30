/** Nothing of a damaged file is ever shown as a picture, and what only looks odd is read: JPEG and PNG, part by part and byte by byte. */
import { crc32 } from 'node:zlib'
import { UserError } from 'fovea/internal/base/errors'
import type { Picture } from 'fovea/internal/base/picture'
import jpeg from 'jpeg-js'
import { describe, expect, it, test } from 'vitest'
import { exifData } from './exif.testing.ts'
import { exif, jfif, jpegFile, type Segment, segmentsOf } from './jpeg-file.testing.ts'
import { decodePicture } from './pictures.ts'
import { pngBytes } from './png-bytes.testing.ts'

const read = (bytes: Uint8Array): Promise<Picture> => decodePicture(bytes, 'a file')
const values = Array.from({ length: 6 }, (_, block) => [30 + 30 * block, 100 + 5 * block, 140 - 5 * block])
const good = segmentsOf({ columns: 3, rows: 2, values })
const scan = good.at(-1)!
const photo = jpegFile([jfif, ...good])
const drawing = new Uint8Array(
  pngBytes({ width: 5, height: 4, channels: 3, data: Uint8Array.from({ length: 60 }, (_, at) => (at * 77) % 256) }),
)

describe('a file that ends too early', () => {
  it('is refused as truncated wherever a JPEG is cut off', async () => {
    for (let length = 3; length < photo.length; length++)
      await expect(read(photo.subarray(0, length)), String(length)).rejects.toThrow(/damaged JPEG file[\s\S]*truncated/)
  })

  it('is refused wherever a PNG is cut off before the end of its picture', async () => {
    // The last part, IEND, has 12 bytes and no picture; the four before are a checksum.
    for (let length = 8; length < drawing.length - 16; length++)
      await expect(read(drawing.subarray(0, length)), String(length)).rejects.toThrow(/damaged PNG file/)
  })
})

describe('a wrong byte', () => {
  it('of a PNG gives the same picture or an error', async () => {
    const expected = await read(drawing)
    for (let at = 8; at < drawing.length; at++)
      await read(drawing.with(at, drawing[at]! ^ 0x21)).then(
        picture => expect(picture, String(at)).toEqual(expected),
        error => expect(error, String(at)).toBeInstanceOf(UserError),
      )
  })

  it('of a JPEG is told in a sentence, if at all', async () => {
    const file = jpegFile([jfif, exif(exifData({ entries: [{ value: 6 }] })), ...good])
    for (let at = 3; at < file.length; at++)
      for (const byte of [0, 0x7f, 0xff])
        await read(file.with(at, byte)).catch(error => {
          expect(error, `${at}: ${byte}`).toBeInstanceOf(UserError)
          expect((error as Error).message).not.toMatch(/undefined|null|Vips|Input/)
        })
  })
})

const large = (file: Uint8Array, offset: number): Uint8Array => {
  const bytes = Buffer.from(file)
  bytes.writeUInt16BE(60_000, offset)
  bytes.writeUInt16BE(60_000, offset + 2)
  return new Uint8Array(bytes)
}

/** A PNG whose first part, with its checksum, says another size. */
function wide(file: Uint8Array, side: number): Uint8Array {
  const bytes = Buffer.from(file)
  bytes.writeUInt32BE(side, 16)
  bytes.writeUInt32BE(side, 20)
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29)
  return new Uint8Array(bytes)
}

test.each<[string, Uint8Array, RegExp]>([
  [
    'half of the coded data',
    jpegFile([...good.slice(0, -1), { ...scan, coded: scan.coded!.slice(0, 5) }]),
    /damaged JPEG/,
  ],
  ['no coded data', jpegFile([...good.slice(0, -1), { ...scan, coded: [] }]), /damaged JPEG/],
  ['no quantization table', jpegFile(good.slice(1)), /damaged JPEG/],
  ['two beginnings', jpegFile([[0xff, 0xd8], ...good]), /damaged JPEG/],
  ['a beginning and an end', jpegFile([]), /damaged JPEG/],
  ['a PNG of far fewer bytes than pixels', wide(drawing, 9000), /damaged PNG file[\s\S]*9000×9000 pixels do not fit/],
  [
    '60,000 times 60,000 pixels',
    large(photo, Buffer.from(photo).indexOf(Buffer.from([0xff, 0xc0])) + 5),
    /too large[\s\S]*60000×60000/,
  ],
])('refused: %s', async (_, bytes, says) => {
  await expect(read(bytes)).rejects.toThrow(says)
})

describe('what every viewer shows is read', () => {
  const standard = new Uint8Array(jpeg.encode({ width: 16, height: 16, data: new Uint8Array(1024).fill(90) }, 90).data)
  const huffman = Buffer.from(standard).indexOf(Buffer.from([0xff, 0xc4]))
  const withoutHuffman = Buffer.concat([
    standard.subarray(0, huffman),
    standard.subarray(Buffer.from(standard).indexOf(Buffer.from([0xff, 0xda]))),
  ])
  const [quantization, frame] = good as [Segment, Segment]
  test.each<[string, Uint8Array, Uint8Array]>([
    ['bytes between segments', jpegFile([jfif, [1, 2, 3], ...good]), photo],
    ['bytes before the end', jpegFile([...good, [1, 2, 3]]), photo],
    ['bytes behind the end', Uint8Array.from([...photo, 1, 2, 0xff, 0xc0]), photo],
    ['fill bytes', jpegFile([[0xff, 0xff], jfif, [0xff], ...good, [0xff, 0xff]]), photo],
    ['an extended frame', jpegFile(good.map(each => (each === frame ? { ...frame, code: 0xc1 } : each))), photo],
    ['channels of one id', jpegFile([jfif, ...segmentsOf({ columns: 3, rows: 2, values, ids: [1, 1, 1] })]), photo],
    [
      'a table that changes behind the scan',
      jpegFile([...good, { ...quantization, content: quantization.content.with(1, 99) }]),
      photo,
    ],
    ['no Huffman tables: the standard ones', withoutHuffman, standard],
    ['bytes behind the end of a PNG', Uint8Array.from([...drawing, 1, 2, 3]), drawing],
  ])('%s', async (_, bytes, same) => {
    expect(await read(bytes)).toEqual(await read(same))
  })

  it('a last restart interval that is not full', async () => {
    const grey = values.map(([y]) => [y!])
    const whole = segmentsOf({ columns: 3, rows: 2, values: grey })
    const part = (from: number, to: number): readonly number[] =>
      segmentsOf({ columns: to - from, rows: 1, values: grey.slice(from, to) }).at(-1)!.coded!
    const coded = [...part(0, 4), 0xff, 0xd0, ...part(4, 6)]
    const file = jpegFile([{ code: 0xdd, content: [0, 4] }, ...whole.slice(0, -1), { ...whole.at(-1)!, coded }])
    expect(await read(file)).toEqual(await read(jpegFile(whole)))
  })
})
