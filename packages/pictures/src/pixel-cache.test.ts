import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { PreprocessSpec } from 'fovea'
import { pictureToInput } from 'fovea/internal/preprocess/input'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { encodePng } from './encode.ts'
import type { DecodeProgress } from './own-dataset.ts'
import { signatureOf } from './picture-signature.ts'
import { readPicture } from './pictures.ts'
import { type PixelCacheOptions, pixelCache } from './pixel-cache.ts'

const preprocess: PreprocessSpec = { shape: [4, 4, 3], channels: 'rgb', resize: 'cover' }
let root: string
let cache: string
beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'fovea-pixels-'))
  cache = path.join(root, 'cache')
  mkdirSync(path.join(root, 'set'))
  for (let index = 0; index < 6; index++) await put(`${index}.png`, index)
  writeFileSync(path.join(root, 'set', 'broken.png'), 'no picture')
})
afterEach(() => rmSync(root, { recursive: true }))

async function put(name: string, seed: number): Promise<void> {
  const [width, height] = [5 + seed, 7]
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 31 + seed * 77) % 256)
  writeFileSync(path.join(root, 'set', name), await encodePng({ width, height, channels: 3, data }))
}

const names = ['0.png', '1.png', 'broken.png', '2.png', '3.png', '4.png', '5.png']

/** The cache, what of it was known before, and all pixels that can be read. */
async function opened(files: readonly string[] = names, options: PixelCacheOptions = {}) {
  let last: DecodeProgress | undefined
  const onProgress = (progress: DecodeProgress) => {
    last = progress
  }
  const found = await pixelCache(path.join(root, 'set'), files, preprocess, { cache, onProgress, ...options })
  const readable = files.map((_, index) => index).filter(index => found.files[index]!.row >= 0)
  const source = found.source(
    readable.map(index => ({ index, label: index % 2 })),
    ['even', 'odd'],
  )
  const pixels = new Uint8Array(source.count * 48)
  await source.read(
    Int32Array.from({ length: source.count }, (_, row) => row),
    pixels,
  )
  // Signatures come along, however the pixels came.
  for (const [row, index] of readable.entries())
    expect(found.signatures.subarray(index * 288, (index + 1) * 288)).toEqual(
      signatureOf(pixels.subarray(row * 48, (row + 1) * 48), [4, 4, 3]),
    )
  return { ...found, source, pixels, known: last!.known, total: last!.total }
}

async function expected(files: readonly string[]): Promise<Uint8Array> {
  const each = files.map(async file => pictureToInput(await readPicture(path.join(root, 'set', file)), preprocess))
  return Uint8Array.from((await Promise.all(each)).flatMap(({ pixels }) => [...pixels]))
}

const good = names.filter(name => name !== 'broken.png')

it('holds what the model takes, in any order of rows, and says what cannot be read', async () => {
  const { pixels, source, unread, files } = await opened()
  expect(pixels).toEqual(await expected(good))
  expect(source.names).toEqual(good)
  expect([...source.labels]).toEqual([0, 1, 1, 0, 1, 0])
  const some = new Uint8Array(3 * 48)
  await source.read(Int32Array.of(5, 0, 1), some)
  expect(some).toEqual(await expected(['5.png', '0.png', '1.png']))
  expect(unread).toEqual([
    { path: path.join(root, 'set', 'broken.png'), reason: expect.stringContaining('cannot be read as a picture') },
  ])
  expect(files[1]).toMatchObject({ width: 6, height: 7, isGrey: false })
})

it('knows files again, by name or by content, and notices what changed', async () => {
  const first = await opened()
  expect([first.known, (await opened()).known]).toEqual([0, 7])
  const set = (name: string) => path.join(root, 'set', name)
  // Moved, touched, changed, new, removed.
  renameSync(set('0.png'), set('moved.png'))
  utimesSync(set('1.png'), 1, 1)
  await put('2.png', 9)
  await put('new.png', 10)
  const now = ['moved.png', '1.png', '2.png', 'new.png', '4.png']
  const { known, pixels } = await opened(now)
  // 4 by name; moved and touched by content.
  expect(known).toBe(3)
  expect(pixels).toEqual(await expected(now))
  expect((await opened(now)).known).toBe(5)
  // One file of pixels, for whom nobody else reads.
  const [home] = readdirSync(cache)
  expect(readdirSync(path.join(cache, home!)).filter(name => name.endsWith('.pixels'))).toHaveLength(1)
})

it('goes on after an abort with what was decoded', async () => {
  const aborting = new AbortController()
  let done = 0
  const onProgress = () => {
    if (++done === 3) aborting.abort()
  }
  await expect(opened(names, { signal: aborting.signal, onProgress })).rejects.toThrow(/abort/i)
  const { known, pixels } = await opened()
  expect(known).toBeGreaterThanOrEqual(3)
  expect(known).toBeLessThan(7)
  expect(pixels).toEqual(await expected(good))
})

it('is decoded anew where its own files are damaged', async () => {
  await opened()
  const home = path.join(cache, readdirSync(cache)[0]!)
  writeFileSync(path.join(home, 'index.json'), '{"version": 1, "pixels": ')
  expect((await opened()).known).toBe(0)
  const pixels = readdirSync(home).find(name => name.endsWith('.pixels'))!
  rmSync(path.join(home, pixels))
  const again = await opened()
  expect(again.known).toBe(0)
  expect(again.pixels).toEqual(await expected(good))
})

it('reads on in pixels that a second call replaced', async () => {
  const { source } = await opened()
  await put('6.png', 6)
  await opened([...names, '6.png'])
  const pixels = new Uint8Array(48)
  await source.read(Int32Array.of(0), pixels)
  expect(pixels).toEqual(await expected(['0.png']))
})

it('refuses what would take too much room, before anything is decoded', async () => {
  await expect(opened(names, { most: 300 })).rejects.toThrow(/take too much room on disk[\s\S]*336/)
})

it('keeps the same picture twice', async () => {
  copyFileSync(path.join(root, 'set', '0.png'), path.join(root, 'set', 'twin.png'))
  const { pixels } = await opened(['0.png', 'twin.png'])
  expect(pixels).toEqual(await expected(['0.png', '0.png']))
})
