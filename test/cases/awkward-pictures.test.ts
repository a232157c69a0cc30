/**
 * Picture files as the world makes them, against what Pillow shows of them: size upright, first picture, alpha over white, the upper
 * byte of 16 bits. Pillow leaves colour profiles aside; the two photographs with one of their own are compared in their size alone
 * (a browser judges their colours: test/package/classify-page.slow.test.ts).
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { opaque, rgb } from '../../packages/fovea/src/preprocess/picture.ts'
import { datasetFromFolder } from '../../packages/pictures/src/dataset-from-folder.ts'
import { readPicture, writePng } from '../../packages/pictures/src/pictures.ts'

interface Expected {
  readonly size_upright?: readonly [width: number, height: number]
  readonly rgb_mean?: readonly number[]
  /** By column,row. */
  readonly pixels?: Readonly<Record<string, readonly number[]>>
  readonly error?: string
}

const cases = process.env['FOVEA_CASES']
const folder = join(cases ?? '', '../pictures/awkward')
const found = cases !== undefined && existsSync(join(folder, 'expected.json'))
const files: Readonly<Record<string, Expected>> = found
  ? (JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as { files: Record<string, Expected> }).files
  : {}

const ownProfile = ['exif-orientation-2.jpg', 'exif-orientation-6.jpg']
/** Decoders of JPEG and AVIF differ by up to two levels. */
const [meanBy, pixelBy] = [1, 3]

const good = Object.entries(files).filter(([, { error }]) => error === undefined)
const refused = Object.keys(files).filter(name => files[name]!.error !== undefined)

describe.skipIf(!found)(`awkward pictures${found ? '' : ' (FOVEA_CASES has no pictures beside it)'}`, () => {
  test.each(good)('%s', async (name, { size_upright, rgb_mean, pixels }) => {
    const { width, height, data } = rgb(opaque(await readPicture(join(folder, name))))
    expect([width, height]).toEqual(size_upright)
    if (ownProfile.includes(name)) return
    const sums = [0, 0, 0]
    for (let at = 0; at < data.length; at++) sums[at % 3]! += data[at]!
    for (const [channel, mean] of rgb_mean!.entries())
      expect(Math.abs(sums[channel]! / (width * height) - mean)).toBeLessThan(meanBy)
    for (const [place, colour] of Object.entries(pixels!)) {
      const [column, row] = place.split(',').map(Number) as [number, number]
      for (const [channel, value] of colour.entries())
        expect(Math.abs(data[3 * (row * width + column) + channel]! - value), place).toBeLessThan(pixelBy)
    }
  })

  test.each(refused)('%s is refused', async name => {
    await expect(readPicture(join(folder, name))).rejects.toThrow(
      /damaged (PNG|JPEG|BMP) file|too large|cannot be read as a picture|of a kind that cannot be read/,
    )
  })

  test('a folder of them all is a data set: the readable ones in it, each other with its reason', async () => {
    const root = mkdtempSync(join(tmpdir(), 'fovea-awkward-'))
    try {
      const odd = ['a b', 'cats 🐈 ', 'x'.repeat(250)]
      for (const [at, name] of Object.keys(files).entries()) {
        const place = join(root, odd[at % 2]!)
        mkdirSync(place, { recursive: true })
        copyFileSync(join(folder, name), join(place, name))
      }
      mkdirSync(join(root, odd[2]!))
      for (let number = 0; number < 3; number++)
        await writePng(join(root, odd[2]!, `${number}.png`), {
          width: 1,
          height: 1,
          channels: 1,
          data: Uint8Array.of(number * 90),
        })
      writeFileSync(join(root, odd[2]!, 'notes.txt'), 'a text')
      mkdirSync(join(root, 'empty'))
      mkdirSync(join(root, 'A b'))
      symlinkSync(root, join(root, 'A b', 'circle'))
      copyFileSync(join(folder, 'lossy.webp'), join(root, 'A b', 'same.webp'))
      const options = { size: 8, validation: 0, test: 0, cache: join(root, '.cache') }
      const { train, classNames, skipped, findings } = await datasetFromFolder(root, options)
      expect(classNames).toEqual(['A b', 'a b', 'cats 🐈 ', odd[2]])
      const names = new Set(train.names!.map(name => basename(name)))
      expect(names).toEqual(new Set([...good.map(([name]) => name), '0.png', '1.png', '2.png', 'same.webp']))
      expect(skipped.map(({ path }) => basename(path)).sort()).toEqual(
        [...refused, 'notes.txt', 'empty', 'circle'].sort(),
      )
      for (const { reason } of skipped) expect(reason).toMatch(/^[a-z(]/)
      expect(findings.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(['alike-names', 'too-few', 'unread', 'small', 'two-labels']),
      )
    } finally {
      rmSync(root, { recursive: true })
    }
  })
})
