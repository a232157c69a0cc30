/** Picture files as people have them, against what Pillow (libjpeg-turbo) and Chromium show of them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Picture } from '../../packages/fovea/src/preprocess/picture.ts'
import { readPicture } from '../../packages/pictures/src/pictures.ts'
import { missing } from './case-files.testing.ts'

const folder = 'field/pictures'
const names = [
  'rgb-colourspace.jpg',
  'rgb-colourspace.json',
  'exif6.jpg',
  'truncated.jpg',
  'lfs-pointer.png',
  'web-page.jpg',
]
const reason = missing(...names.map(name => join(folder, name)))
const at = (name: string): string => join(process.env['FOVEA_CASES']!, folder, name)

interface Recorded {
  readonly pixels_row_col_rgb: readonly (readonly [row: number, column: number, ...rgb: number[]])[]
  readonly tolerance: number
}

function pixel({ width, data }: Picture, row: number, column: number): number[] {
  return [...data.subarray(3 * (row * width + column), 3 * (row * width + column) + 3)]
}

describe.skipIf(reason !== undefined)(`pictures from the field${reason === undefined ? '' : ` (${reason})`}`, () => {
  test('colours stored as such', async () => {
    const picture = await readPicture(at('rgb-colourspace.jpg'))
    const { pixels_row_col_rgb, tolerance } = JSON.parse(readFileSync(at('rgb-colourspace.json'), 'utf8')) as Recorded
    for (const [row, column, ...rgb] of pixels_row_col_rgb)
      for (const [channel, value] of pixel(picture, row, column).entries())
        expect(Math.abs(value - rgb[channel]!), `row ${row}, column ${column}`).toBeLessThanOrEqual(tolerance)
  })

  test('turned upright', async () => {
    const picture = await readPicture(at('exif6.jpg'))
    expect([picture.width, picture.height]).toEqual([16, 24])
    const [red, green, blue] = pixel(picture, 0, 0) as [number, number, number]
    expect([red > 240, green < 15, blue < 15]).toEqual([true, true, true])
  })

  test.each([
    ['truncated.jpg', /damaged JPEG file[\s\S]*truncated/],
    ['lfs-pointer.png', /a pointer of Git LFS[\s\S]*git lfs pull/],
    ['web-page.jpg', /a web page/],
  ])('%s is refused', async (name, message) => {
    await expect(readPicture(at(name))).rejects.toThrow(message)
  })
})
