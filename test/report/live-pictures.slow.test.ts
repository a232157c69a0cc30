/**
 * Pictures with everything that says how they are to be turned or coloured: in Chromium, the page on which one tries a model sees what
 * the command line sees. The rule of both: upright by Exif, alpha on white, colours as the file's profile means them. What a PNG says of
 * gamma (gAMA) and by numbers of its colours (cICP) is minded by browsers alone.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveSection } from '../../packages/cli/src/report/live.ts'
import { liveModel } from '../../packages/cli/src/verbs/live-model.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { globalAveragePooling2d } from '../../packages/fovea/src/layers/pooling.ts'
import { rescaling } from '../../packages/fovea/src/layers/rescaling.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'
import { pictureToInput } from '../../packages/fovea/src/preprocess/input.ts'
import { exifCases } from '../../packages/pictures/src/exif.testing.ts'
import { adobe, exif, jfif, jpegFile, type Segment, segmentsOf } from '../../packages/pictures/src/jpeg-file.testing.ts'
import { decodePicture } from '../../packages/pictures/src/pictures.ts'
import { chunk, header, pngFile } from '../../packages/pictures/src/png-file.testing.ts'
import { ensureBuilt } from '../cli/fovea-process.testing.ts'
import { untrained } from '../cli/saved-model.testing.ts'
import { hasChromium, launchChromium } from '../package/chromium.testing.ts'
import { swappedProfile } from './colour-profile.testing.ts'
import { openLivePage } from './live-page.testing.ts'

const noBrowser = !hasChromium && !process.env['FOVEA_REQUIRE_BROWSER']
const model = sequential([
  rescaling({ scale: 1 / 255, inputShape: [16, 16, 3] }),
  globalAveragePooling2d(),
  dense({ units: 2, activation: 'softmax' }),
])
const saved = untrained(model, ['a', 'b'])

// JPEG: 3 × 2 blocks of one colour each.
const values = Array.from({ length: 6 }, (_, block) => [40 + 30 * block, 100 + 5 * block, 150 - 5 * block])
const jpegOf = (head: readonly Segment[], ids?: readonly number[]): Uint8Array =>
  jpegFile([...head, ...segmentsOf({ columns: 3, rows: 2, values, ...(ids && { ids }) })])
const four = (head: readonly Segment[]): Uint8Array =>
  jpegFile([...head, ...segmentsOf({ columns: 3, rows: 2, values: values.map(three => [...three, 200]) })])
const profileSegment: Segment = {
  code: 0xe2,
  content: [...Buffer.from('ICC_PROFILE\0'), 1, 1, ...swappedProfile()],
}

// PNG: 24 × 16, `samples` bytes a pixel.
function pngOf(colourType: number, depth: number, samples: number, ...chunks: readonly Uint8Array[]): Uint8Array {
  const line = 24 * samples
  const lines = Buffer.alloc(16 * (1 + line))
  for (let row = 0; row < 16; row++)
    for (let at = 0; at < line; at++)
      lines[row * (1 + line) + 1 + at] =
        colourType === 3 ? (row + at) % 4 : (40 * (at % samples) + 8 * row + 3 * at) & 255
  return pngFile(
    header({ width: 24, height: 16, depth, colourType }),
    ...chunks,
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND'),
  )
}
const rgb = (...chunks: readonly Uint8Array[]): Uint8Array => pngOf(2, 8, 3, ...chunks)
const palette = chunk('PLTE', [250, 10, 20, 30, 240, 50, 60, 70, 230, 128, 128, 128])
const profileChunk = chunk('iCCP', [...Buffer.from('swapped\0\0'), ...deflateSync(swappedProfile())])

const files: readonly (readonly [string, string, Uint8Array])[] = [
  ...[[], [jfif], [adobe(0)], [adobe(1)], [adobe(2)], [jfif, adobe(0)]].flatMap((head, index) => [
    ['jpg', `colours of head ${index}`, jpegOf(head)] as const,
    ['jpg', `colours of head ${index}, ids R G B`, jpegOf(head, [82, 71, 66])] as const,
    ['jpg', `four channels of head ${index}`, four(head)] as const,
  ]),
  ['jpg', 'colour profile', jpegOf([jfif, profileSegment])],
  ['jpg', 'colour profile of stored colours', jpegOf([adobe(0), profileSegment])],
  ...exifCases.flatMap(([name, tiff]) => [
    ['jpg', `Exif in a JPEG file: ${name}`, jpegOf([jfif, exif(tiff)])] as const,
    ['png', `Exif in a PNG file: ${name}`, rgb(chunk('eXIf', tiff))] as const,
  ]),
  ['png', 'nothing said', rgb()],
  ['png', 'gamma 1 / 2.2', rgb(chunk('gAMA', [0, 0, 0xb1, 0x8f]))],
  ['png', 'sRGB', rgb(chunk('sRGB', [0]))],
  ['png', 'colour profile', rgb(profileChunk)],
  ['png', 'grey', pngOf(0, 8, 1)],
  ['png', 'grey and alpha', pngOf(4, 8, 2)],
  ['png', 'alpha', pngOf(6, 8, 4)],
  ['png', 'palette', pngOf(3, 8, 1, palette)],
  ['png', 'palette with transparency', pngOf(3, 8, 1, palette, chunk('tRNS', [0, 128]))],
  ['png', 'transparent colour', rgb(chunk('tRNS', [0, 0, 0, 43, 0, 86]))],
  ['png', '16 bits', pngOf(2, 16, 6)],
  ['png', '16 bits with alpha', pngOf(6, 16, 8)],
]

describe.skipIf(noBrowser)('in Chromium', () => {
  let browser: Browser
  let live: Awaited<ReturnType<typeof openLivePage>>
  const folder = mkdtempSync(join(tmpdir(), 'fovea-test-'))

  beforeAll(async () => {
    ensureBuilt()
    browser = await launchChromium()
    live = await openLivePage(browser, join(folder, 'page.html'), liveSection(await liveModel(saved, 'run')))
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true })
  })

  test.each(files)('%s: %s', async (ending, name, bytes) => {
    const file = join(folder, `${name.replaceAll(/[^\w]/g, '-')}.${ending}`)
    writeFileSync(file, bytes)
    await live.choose(file)
    expect(await live.answer()).not.toBe('')
    const shown = await decodePicture(Buffer.from((await live.shown('#try-input')).split(',')[1]!, 'base64'), 'shown')
    const expected = pictureToInput(await decodePicture(bytes, name), saved.spec).pixels
    const far = expected.findIndex((value, at) => Math.abs(value - shown.data[4 * Math.floor(at / 3) + (at % 3)]!) > 2)
    expect(far).toBe(-1)
    expect(live.incidents).toEqual([])
  })

  test('a picture shown by its colour profile would look other: the test tells the two apart', async () => {
    const differs = await live.page.evaluate(
      async base64 => {
        const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
        const first = async (colorSpaceConversion: ColorSpaceConversion): Promise<number> => {
          const bitmap = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion })
          const context = new OffscreenCanvas(24, 16).getContext('2d')!
          context.drawImage(bitmap, 0, 0)
          return context.getImageData(20, 10, 1, 1).data[0]!
        }
        return Math.abs((await first('default')) - (await first('none')))
      },
      Buffer.from(rgb(profileChunk)).toString('base64'),
    )
    expect(differs).toBeGreaterThan(20)
  })
})
