/** The doors of the library to picture files in Node, and `classify` behind them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it, test } from 'vitest'
import { PictureError, UserError } from '../../base/errors.ts'
import type { AnyPicture } from '../../base/picture.ts'
import { dense, flatten, rescaling, sequential } from '../../index.ts'
import { decodePicture, openPicture, readPicture, writePng } from './pictures.ts'

const folder = mkdtempSync(join(tmpdir(), 'fovea-doors-'))
const file = join(folder, 'a picture.png')
const picture = {
  width: 6,
  height: 4,
  channels: 3 as const,
  data: Uint8Array.from({ length: 72 }, (_, at) => (at * 31) % 256),
}

beforeAll(() => writePng(file, { ...picture, data: Uint8ClampedArray.from(picture.data) }))
afterAll(() => rmSync(folder, { recursive: true }))

it('reads what it wrote, by path, by URL and from bytes', async () => {
  expect(await readPicture(file)).toEqual(picture)
  expect(await readPicture(pathToFileURL(file))).toEqual(picture)
  const bytes = readFileSync(file)
  expect(await decodePicture(bytes)).toEqual(picture)
  expect(await decodePicture(new Uint8Array(bytes).buffer)).toEqual(picture)
})

it('classifies it in every form', async () => {
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: [4, 6, 3] }),
    flatten(),
    dense({ units: 3, activation: 'softmax' }),
  ])
  const bytes = readFileSync(file)
  const expected = await model.classify(picture)
  const forms = [
    file,
    pathToFileURL(file),
    pathToFileURL(file).href,
    bytes,
    new Uint8Array(bytes).buffer,
    new Blob([bytes]),
  ]
  for (const form of forms) expect(await model.classify(form)).toEqual(expected)
  expect(await model.classify(forms)).toEqual(forms.map(() => expected))
  expect(await model.classify(new Response(bytes))).toEqual(expected)
  const request = new Request('http://localhost/classify', { method: 'POST', body: bytes })
  expect(await model.classify(request)).toEqual(expected)
  const { data } = await model.predict(picture)
  expect(expected.map(({ probability }) => probability)).toEqual([...data].sort((a, b) => b - a))
  await model.dispose()
})

/** As `classify` asks. */
const ask = (given: unknown) => openPicture(given as AnyPicture, 'the picture')

test.each<[string, () => Promise<unknown>, RegExp]>([
  ['bytes where a path belongs', () => readPicture(readFileSync(file) as never), /a path[\s\S]*received: a Buffer/],
  ['an address', () => readPicture('https://example.com/a.png'), /not fetched[\s\S]*fetch it/],
  ['a path where bytes belong', () => decodePicture(file as never), /bytes/],
  [
    'text in a picture',
    () => decodePicture(new TextEncoder().encode('hello')),
    /^These bytes are not a picture that is read/,
  ],
  ['a page where a path belongs', () => ask('<html>'), /text is the path[\s\S]*give the bytes: a Buffer, not a text/],
  ['JSON where a path belongs', () => ask('{"a": 1}'), /text is the path/],
  ['a stream', () => ask(Readable.from([Buffer.alloc(9)])), /await buffer\(stream\)/],
])('%s: refused, without a byte of it', async (_, refused, says) => {
  writeFileSync(join(folder, 'empty.png'), '')
  const told = await refused().then(
    () => '',
    (error: Error) => error.message,
  )
  expect(told).toMatch(says)
  expect(told).not.toMatch(/\d+, ?\d+, ?\d+/)
  expect(told.length).toBeLessThan(400)
})

it('tells what is wrong with a picture from what is wrong with the call', async () => {
  const faultOf = (given: unknown) =>
    ask(given).then(
      () => 'none',
      (error: unknown) => [error instanceof UserError, error instanceof PictureError],
    )
  const bytes = readFileSync(file)
  const missing = join(folder, '[1].png')
  for (const given of [Buffer.from('no'), Buffer.alloc(0), bytes.subarray(0, 50), { width: 1, height: 1, data: bytes }])
    expect(await faultOf(given)).toEqual([true, true])
  for (const given of [missing, 'https://example.com/a.png', '<html>', Readable.from([bytes]), 7])
    expect(await faultOf(given)).toEqual([true, false])
  await expect(ask(missing)).rejects.toThrow(/no such file/)
  expect(await ask(await buffer(Readable.from([bytes])))).toEqual(picture)
})
