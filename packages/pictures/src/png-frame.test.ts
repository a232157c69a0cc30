import sharp from 'sharp'
import { expect, test } from 'vitest'
import { chunk, header, headerContent, pngFile } from './png-file.testing.ts'
import { pngFrame } from './png-frame.ts'

const raw = (channels: 1 | 2 | 3 | 4) =>
  sharp(Buffer.from(Uint8Array.from({ length: 7 * 5 * channels }, (_, at) => at * 3)), {
    raw: { width: 7, height: 5, channels },
  })
/** Without the mark of sharp itself, whose files are as other programs write them. */
const end = chunk('IEND')
const pixels = chunk('IDAT', [1, 2, 3])

test('plain pictures: what libvips says of them', async () => {
  for (const file of [
    await raw(3).png().toBuffer(),
    await raw(1).toColourspace('b-w').png().toBuffer(),
    await raw(3).png({ progressive: true }).toBuffer(),
    pngFile(header(), chunk('gAMA', [0, 0, 0, 1]), chunk('pHYs', Array(9).fill(1)), pixels, end),
  ]) {
    const frame = pngFrame(new Uint8Array(file))
    const { width, height, space } = await sharp(file).metadata()
    expect(frame).toEqual({ width, height, space })
  }
})

test.each<[string, Buffer]>([
  ['turned', pngFile(header(), chunk('eXIf', [1]), pixels, end)],
  ['turned, said behind the pixels', pngFile(header(), pixels, chunk('eXIf', [1]), end)],
  ['with a profile', pngFile(header(), chunk('iCCP', [1]), pixels, end)],
  ['transparent', pngFile(header(), chunk('tRNS', [0, 0, 0, 0, 0, 0]), pixels, end)],
  ['with Exif data as text', pngFile(header(), chunk('zTXt', [1]), pixels, end)],
  ['with a palette', pngFile(header({ colourType: 3 }), pixels, end)],
  ['with alpha', pngFile(header({ colourType: 6 }), pixels, end)],
  ['of sixteen bits', pngFile(header({ depth: 16 }), pixels, end)],
  ['without width', pngFile(header({ width: 0 }), pixels, end)],
  ['cut off', pngFile(header(), pixels, end).subarray(0, -6)],
  ['with a chunk longer than the file', pngFile(header(), chunk('IDAT', [1], { length: 2 ** 31 }), end)],
  ['of nothing', pngFile()],
  ['without a header', pngFile(chunk('IDAT', headerContent({})), pixels, end)],
])('%s: libvips is asked', (_, file) => {
  expect(pngFrame(new Uint8Array(file))).toBeUndefined()
})
