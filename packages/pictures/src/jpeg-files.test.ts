/** Which JPEG files are read and which refused, segment by segment and rule by rule, as libjpeg-turbo decides. */

import { UserError } from 'fovea/internal/base/errors'
import type { Picture } from 'fovea/internal/base/picture'
import jpeg from 'jpeg-js'
import { describe, expect, it, test } from 'vitest'
import { exifData } from './exif.testing.ts'
import { dcTable, exif, jfif, jpegFile, quantizationTable, type Segment, segmentsOf } from './jpeg-file.testing.ts'
import { decodePicture } from './pictures.ts'

const read = (bytes: Uint8Array): Promise<Picture> => decodePicture(bytes, 'a.jpg')

describe('malformed files', () => {
  const values = Array.from({ length: 6 }, (_, block) => [30 + 30 * block, 100 + 5 * block, 140 - 5 * block])
  const good = segmentsOf({ columns: 3, rows: 2, values })
  const picture = read(jpegFile(good))
  const [quantization, frame, dc, ac, scan] = good as [Segment, Segment, Segment, Segment, Segment]
  const withFrame = (change: Partial<Segment> | ((content: number[]) => void)): Segment[] => edited(frame, change)
  const withScan = (change: Partial<Segment> | ((content: number[]) => void)): Segment[] => edited(scan, change)
  function edited(segment: Segment, change: Partial<Segment> | ((content: number[]) => void)): Segment[] {
    const content = [...segment.content]
    if (typeof change === 'function') change(content)
    const next = { ...segment, content, ...(typeof change === 'function' ? {} : change) }
    return good.map(each => (each === segment ? next : each))
  }
  const channels = (count: number): Segment[] => {
    const ids = Array.from({ length: count }, (_, index) => index)
    return [
      quantization,
      { ...frame, content: [...frame.content.slice(0, 5), count, ...ids.flatMap(id => [id, 0x11, 0])] },
      dc,
      ac,
      { ...scan, content: [count, ...ids.flatMap(id => [id, 0]), 0, 63, 0] },
    ]
  }
  const unusedDc = (counts: number[], symbols: number[]): Segment => ({
    code: 0xc4,
    content: [3, ...counts, ...new Array<number>(16 - counts.length).fill(0), ...symbols],
  })
  const usedDc = (counts: number[], symbols: number[]): Segment[] =>
    good.map(each => (each === dc ? { ...dc, content: [0, ...unusedDc(counts, symbols).content.slice(1)] } : each))
  const unit = (factors: number[]): Segment[] =>
    withFrame(content => {
      for (const [index, factor] of factors.entries()) content[7 + 3 * index] = factor
    })

  const refused: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ...[0, 7, 12, 16].map(
      bits =>
        [
          `${bits} bits`,
          jpegFile(withFrame(c => c.splice(0, 1, bits))),
          new RegExp(`kind that.*\n.*\n.* ${bits} bits`),
        ] as const,
    ),
    [
      '12 bits in an extended frame',
      jpegFile(good.map(s => (s === frame ? { ...s, code: 0xc1, content: s.content.with(0, 12) } : s))),
      /12 bits/,
    ],
    ...(
      [
        [0xc3, /lossless JPEG/],
        [0xc5, /hierarchical JPEG/],
        [0xc6, /hierarchical progressive JPEG/],
        [0xc7, /hierarchical lossless JPEG/],
        [0xc9, /arithmetic coding/],
        [0xca, /progressive JPEG with arithmetic coding/],
        [0xcb, /lossless JPEG with arithmetic coding/],
        [0xcd, /hierarchical JPEG with arithmetic coding/],
        [0xce, /hierarchical progressive JPEG with arithmetic coding/],
        [0xcf, /hierarchical lossless JPEG with arithmetic coding/],
        [0xde, /hierarchical JPEG/],
        [0xf7, /JPEG-LS/],
      ] as const
    ).map(([code, says]) => [`frame ${code.toString(16)}`, jpegFile(withFrame({ code })), says] as const),
    ['2 channels', jpegFile(channels(2)), /2 channels/],
    ['5 channels', jpegFile(channels(5)), /5 channels/],
    ['no channels', jpegFile(withFrame(c => c.splice(5, 10, 0))), /no channels/],
    ['more channels than described', jpegFile(withFrame(c => c.splice(5, 1, 4))), /frame header has 15 bytes, not 18/],
    ['fewer channels than described', jpegFile(withFrame(c => c.splice(5, 1, 1))), /frame header has 15 bytes, not 9/],
    ['a frame that is cut off', jpegFile(withFrame(c => c.splice(3))), /too short/],
    ['no width', jpegFile(withFrame(c => c.splice(3, 2, 0, 0))), /size is 0/],
    ['no height', jpegFile(withFrame(c => c.splice(1, 2, 0, 0))), /size is 0/],
    [
      'the height behind the picture',
      jpegFile([...withFrame(c => c.splice(1, 2, 0, 0)), { code: 0xdc, content: [0, 16] }]),
      /size is 0/,
    ],
    [
      'a size of 65535 × 65535',
      jpegFile(withFrame(c => c.splice(1, 4, 255, 255, 255, 255))),
      /too large[\s\S]*65535×65535/,
    ],
    ['millions of pixels in few bytes', jpegFile(withFrame(c => c.splice(1, 4, 30, 0, 30, 0))), /only \d+ bytes/],
    ...[0x00, 0x01, 0x10, 0x51, 0x15, 0xff].map(
      factors => [`sampling factors ${factors.toString(16)}`, jpegFile(unit([factors])), /1 to 4/] as const,
    ),
    ['sampling factors that do not divide', jpegFile(unit([0x31, 0x21, 0x11])), /sampling factors 3, 2, 1/],
    ['more than ten blocks together', jpegFile(unit([0x44])), /18 blocks together/],
    ['two frames', jpegFile([quantization, frame, frame, dc, ac, scan]), /two frames/],
    ['a second frame behind the picture', jpegFile([...good, frame]), /two frames/],
    ['no frame', jpegFile([quantization, dc, ac, scan]), /before its frame/],
    ['no frame and no scan', jpegFile([quantization, dc, ac]), /no picture data/],
    ['the scan before the frame', jpegFile([scan, ...good]), /before its frame/],
    ['no scan', jpegFile(good.slice(0, -1)), /no picture data/],
    ['the end before the scan', jpegFile([...good.slice(0, -1), [0xff, 0xd9], scan]), /no picture data/],
    ['two scans of everything', jpegFile([...good, scan]), /twice/],
    ['no quantization table', jpegFile(good.slice(1)), /quantization table is missing/],
    [
      'the quantization table behind the scan',
      jpegFile([...good.slice(1), quantization]),
      /quantization table is missing/,
    ],
    ['another quantization table', jpegFile([quantizationTable(1), ...good.slice(1)]), /quantization table is missing/],
    ['a quantization table 4', jpegFile([quantizationTable(4), ...good]), /quantization table of an impossible kind/],
    [
      'a quantization table that is cut off',
      jpegFile([{ code: 0xdb, content: new Array(30).fill(0) }, ...good]),
      /cut off/,
    ],
    [
      'a Huffman table 4',
      jpegFile([{ ...dcTable, content: dcTable.content.with(0, 4) }, ...good]),
      /Huffman table of an impossible kind/,
    ],
    [
      'a Huffman table of a third class',
      jpegFile([{ ...dcTable, content: dcTable.content.with(0, 0x20) }, ...good]),
      /Huffman table of an impossible kind/,
    ],
    [
      'a Huffman table that is cut off',
      jpegFile([{ ...dcTable, content: dcTable.content.slice(0, -1) }, ...good]),
      /cut off/,
    ],
    [
      'a Huffman table with a rest',
      jpegFile([{ ...dcTable, content: [...dcTable.content, 9] }, ...good]),
      /Huffman table/,
    ],
    [
      '257 Huffman codes',
      jpegFile([unusedDc([0, 0, 0, 0, 0, 0, 0, 0, 2, 255], new Array(257).fill(0)), ...good]),
      /cut off/,
    ],
    ['too many Huffman codes', jpegFile(usedDc([3], [1, 2, 3])), /more codes than there can be/],
    ['a Huffman code of all ones', jpegFile(usedDc([2], [1, 2])), /more codes than there can be/],
    ['a DC symbol above 15', jpegFile(usedDc([0, 2], [1, 16])), /impossible values/],
    ['no Huffman code in use', jpegFile(usedDc([], [])), /not valid/],
    ['a Huffman table that is not there', jpegFile(withScan(c => c.splice(2, 1, 0x22))), /Huffman table is missing/],
    ['a channel that is not there', jpegFile(withScan(c => c.splice(1, 1, 9))), /names the channel 9/],
    ['a channel twice in a scan', jpegFile(withScan(c => c.splice(3, 1, 1))), /names the channel 1/],
    ['a scan of no channels', jpegFile(withScan({ content: [0, 0, 63, 0] })), /header of its scan/],
    [
      'a scan of 5 channels',
      jpegFile(withScan({ content: [5, ...new Array(10).fill(1), 0, 63, 0] })),
      /header of its scan/,
    ],
    ['a scan header that is too long', jpegFile(withScan(c => c.push(0))), /header of its scan/],
    ['a scan header that is too short', jpegFile(withScan(c => c.pop())), /header of its scan/],
    ...(
      [
        [0, 5, 0x00],
        [5, 4, 0x00],
        [1, 64, 0x00],
        [1, 63, 0x00],
        [0, 0, 0x0e],
        [0, 0, 0x31],
      ] as const
    ).map(
      ([first, last, bits]) =>
        [
          `progressive parameters ${first} ${last} ${bits}`,
          jpegFile(
            good.map(each =>
              each === frame
                ? { ...frame, code: 0xc2 }
                : each === scan
                  ? { ...scan, content: [...scan.content.slice(0, -3), first, last, bits] }
                  : each,
            ),
          ),
          /progressive parameters/,
        ] as const,
    ),
    ['a restart interval of three bytes', jpegFile([{ code: 0xdd, content: [0, 0, 0] }, ...good]), /restart interval/],
    ['restart markers that are not there', jpegFile([{ code: 0xdd, content: [0, 1] }, ...good]), /not valid/],
    ['half of the coded data', jpegFile(withScan({ coded: scan.coded!.slice(0, 5) })), /not valid/],
    ['no coded data', jpegFile(withScan({ coded: [] })), /only 0 bytes/],
    ['a length beyond the end', jpegFile([{ code: 0xe5, content: [], length: 60000 }, ...good]), /truncated/],
    ['no end', jpegFile(good, []), /truncated/],
    ['half an end', jpegFile(good, [0xff]), /truncated/],
    ['two beginnings', jpegFile([[0xff, 0xd8], ...good]), /begins twice/],
    ['only a beginning', Uint8Array.of(0xff, 0xd8, 0xff), /truncated/],
    ['a beginning and an end', jpegFile([]), /no picture data/],
    ...[0x02, 0x4f, 0xbf, 0xc8, 0xf0].map(
      code => [`marker ${code.toString(16)}`, jpegFile([{ code, content: [1, 2] }, ...good]), /unknown kind/] as const,
    ),
  ]

  test.each(refused)('refused: %s', async (_, bytes, says) => {
    await expect(read(bytes)).rejects.toThrow(UserError)
    await expect(read(bytes)).rejects.toThrow(says)
  })

  const standard = new Uint8Array(jpeg.encode({ width: 16, height: 16, data: new Uint8Array(1024).fill(90) }, 90).data)
  const withoutHuffman = Buffer.concat([
    standard.subarray(0, Buffer.from(standard).indexOf(Buffer.from([0xff, 0xc4]))),
    standard.subarray(Buffer.from(standard).indexOf(Buffer.from([0xff, 0xda]))),
  ])
  const wide = (value: number): number[] => [0, value]
  const taken: readonly (readonly [string, Uint8Array, Picture | Promise<Picture>])[] = [
    ['an extended frame', jpegFile(withFrame({ code: 0xc1 })), picture],
    ['bytes behind the end', Uint8Array.from([...jpegFile(good), 1, 2, 0xff, 0xc0]), picture],
    ['bytes between segments', jpegFile([jfif, [1, 2, 3], ...good]), picture],
    ['bytes before the end', jpegFile([...good, [1, 2, 3]]), picture],
    ['fill bytes', jpegFile([[0xff, 0xff], jfif, [0xff], ...good, [0xff, 0xff]]), picture],
    [
      'lengths of 0, 1 and 2',
      jpegFile([0, 1, 2].map(length => ({ code: 0xe5, content: [], length })).concat(good as never)),
      picture,
    ],
    ['markers without content', jpegFile([[0xff, 0x01], [0xff, 0xd3], ...good]), picture],
    ['conditions of arithmetic coding', jpegFile([{ code: 0xcc, content: [0, 0x10] }, ...good]), picture],
    ['the number of lines behind the scan', jpegFile([...good, { code: 0xdc, content: [0, 8] }]), picture],
    ['an empty table segment', jpegFile([{ code: 0xdb, content: [] }, ...good]), picture],
    [
      'tables of two bytes a number',
      jpegFile([{ code: 0xdb, content: [0x10, ...quantization.content.slice(1).flatMap(wide)] }, ...good.slice(1)]),
      picture,
    ],
    ['an impossible Huffman table that no scan uses', jpegFile([unusedDc([3], [1, 2, 3]), ...good]), picture],
    [
      'a quantization table that changes behind the scan',
      jpegFile([...good, { ...quantization, content: quantization.content.with(1, 99) }]),
      picture,
    ],
    ['channels of one id', jpegFile([jfif, ...segmentsOf({ columns: 3, rows: 2, values, ids: [1, 1, 1] })]), picture],
    ['no Huffman tables: the standard ones', withoutHuffman, read(standard)],
    [
      'one channel with any sampling factors',
      jpegFile(
        segmentsOf({ columns: 3, rows: 2, values: values.map(([y]) => [y!]) }).map(s =>
          s.code === 0xc0 ? { ...s, content: s.content.with(7, 0x22) } : s,
        ),
      ),
      read(jpegFile(segmentsOf({ columns: 3, rows: 2, values: values.map(([y]) => [y!]) }))),
    ],
  ]

  test.each(taken)('taken as libjpeg-turbo takes it: %s', async (_, bytes, expected) => {
    expect(await read(bytes)).toEqual(await expected)
  })

  it('takes a last restart interval that is not full', async () => {
    const grey = values.map(([y]) => [y!])
    const whole = segmentsOf({ columns: 3, rows: 2, values: grey })
    const part = (from: number, to: number): readonly number[] =>
      segmentsOf({ columns: to - from, rows: 1, values: grey.slice(from, to) }).at(-1)!.coded!
    const coded = [...part(0, 4), 0xff, 0xd0, ...part(4, 6)]
    const file = jpegFile([{ code: 0xdd, content: [0, 4] }, ...whole.slice(0, -1), { ...whole.at(-1)!, coded }])
    expect(await read(file)).toEqual(await read(jpegFile(whole)))
  })

  describe('channels one after the other, the first in more blocks', () => {
    const luma = [30, 90, 150].map(value => [value])
    const chroma = [[110], [140]]
    const coded = (blocks: number[][]): readonly number[] =>
      segmentsOf({ columns: blocks.length, rows: 1, values: blocks }).at(-1)!.coded!
    const restarted = (blocks: number[][], interval: number): number[] =>
      blocks.flatMap((_, at) =>
        at % interval === 0 ? [...(at > 0 ? [0xff, 0xd0] : []), ...coded(blocks.slice(at, at + interval))] : [],
      )
    const file = (interval: number): Uint8Array => {
      const channel = (id: number, blocks: number[][]): Segment => ({
        ...{ code: 0xda, content: [1, id, 0, 0, 63, 0] },
        coded: interval > 0 ? restarted(blocks, interval) : coded(blocks),
      })
      return jpegFile([
        quantization,
        { code: 0xc0, content: [8, 0, 8, 0, 24, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0] },
        ...[dc, ac, { code: 0xdd, content: [0, interval] }],
        ...[channel(1, luma), channel(2, chroma), channel(3, chroma)],
      ])
    }

    it('are read, with restart intervals that divide each scan too', async () => {
      const plain = await read(file(0))
      // Red of the first block and blue of the last one (JFIF 1.02).
      expect(Math.abs(plain.data[0]! - (30 + 1.402 * (110 - 128)))).toBeLessThan(1)
      expect(Math.abs(plain.data[3 * 23 + 2]! - (150 + 1.772 * (140 - 128)))).toBeLessThan(1)
      expect(await read(file(1))).toEqual(plain)
      expect(await read(file(3))).toEqual(plain)
    })

    it('are refused by name with others, which the decoder does not read', async () => {
      await expect(read(file(2))).rejects.toThrow(
        /kind that cannot be read[\s\S]*restart interval that does not divide/,
      )
    })
  })

  it('refuses every part of a file from its beginning', async () => {
    const file = jpegFile([jfif, ...good])
    for (let length = 3; length < file.length; length++)
      await expect(read(file.subarray(0, length)), String(length)).rejects.toThrow(/damaged JPEG file[\s\S]*truncated/)
  })

  it('says in its own words what is wrong, whichever byte is', async () => {
    const file = jpegFile([jfif, exif(exifData({ entries: [{ value: 6 }] })), ...good])
    for (let at = 3; at < file.length; at++)
      for (const byte of [0, 1, 0x7f, 0xff, file[at]! ^ 0x10]) {
        try {
          read(file.with(at, byte))
        } catch (error) {
          expect(error, `${at}: ${byte}`).toBeInstanceOf(UserError)
          expect((error as Error).message).not.toMatch(/undefined|null|marker|Cannot|limit/)
        }
      }
  })
})
