import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import sharp from 'sharp'
import { afterAll, expect, it } from 'vitest'
import { thumbnail } from './thumbnail.ts'

const folder = mkdtempSync(join(tmpdir(), 'fovea-thumbnail-'))
afterAll(() => rmSync(folder, { recursive: true }))

const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 90 } } })
async function sizeOf(name: string, bytes: Uint8Array) {
  const file = join(folder, name)
  writeFileSync(file, bytes)
  const small = await thumbnail(file, 100)
  const { format, width, height } = await sharp(small).metadata()
  const [red] = await sharp(small).raw().toBuffer()
  return { format, width, height, red }
}

it('is upright, as large as wanted at most, and WebP', async () => {
  const turned = await plain(400, 200).withMetadata({ orientation: 6 }).jpeg().toBuffer()
  const { red, ...jpeg } = await sizeOf('turned.jpg', turned)
  expect(jpeg).toEqual({ format: 'webp', width: 50, height: 100 })
  expect(Math.abs(red! - 200)).toBeLessThan(6)
})

it('keeps small pictures as they are', async () => {
  const bytes = await plain(8, 6).png().toBuffer()
  expect(await sizeOf('small.png', bytes)).toEqual({ format: 'webp', width: 8, height: 6, red: 200 })
})

it('shows a BMP too, which the decoder does not read', async () => {
  // 2 × 1 pixels of 24 bits: blue, green, red, and two bytes that fill the row.
  const file = Buffer.alloc(62)
  file.write('BM')
  for (const [at, value] of [
    [2, 62],
    [10, 54],
    [14, 40],
    [18, 2],
    [22, 1],
  ] as const)
    file.writeInt32LE(value, at)
  file.writeInt16LE(1, 26)
  file.writeInt16LE(24, 28)
  file.set([90, 30, 200, 90, 30, 200], 54)
  expect(await sizeOf('own.bmp', file)).toEqual({ format: 'webp', width: 2, height: 1, red: 200 })
})

it.each([
  [
    'what is no picture',
    'text.png',
    Buffer.from('no picture at all, only text'),
    /text\.png cannot be read as a picture/,
  ],
  [
    'a drawing that might read other files',
    'own.svg',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    /own\.svg cannot be read/,
  ],
  ['half a file', 'half.jpg', undefined, /half\.jpg is a damaged JPEG file/],
])('refuses %s', async (_, name, given, message) => {
  const bytes = given ?? (await plain(300, 300).jpeg().toBuffer()).subarray(0, 400)
  writeFileSync(join(folder, name), bytes)
  const refused = thumbnail(join(folder, name), 100)
  await expect(refused).rejects.toThrow(UserError)
  await expect(refused).rejects.toThrow(message)
})
