/** What a page says of bytes that its browser does not decode; real browsers are asked in test/package. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { decodePicture, openPicture } from './pictures.ts'

beforeEach(() => {
  vi.stubGlobal('createImageBitmap', async () => {
    throw new DOMException('The source image could not be decoded.')
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const of = (signs: string): Uint8Array => Uint8Array.from(signs, sign => sign.charCodeAt(0))

test.each([
  ['a JPEG cut off', of('\xff\xd8\xff\xe0'), /the picture is a damaged JPEG file[\s\S]*4 bytes[\s\S]*Save it again/],
  ['a PNG cut off', of('\x89PNG\r\n\x1a\n'), /the picture is a damaged PNG file/],
  [
    'a HEIC',
    of('\0\0\0\x18ftypheic'),
    /cannot be read by this browser[\s\S]*a HEIC picture[\s\S]*Save it as PNG or JPEG/,
  ],
  ['a text', of('hello'), /cannot be read by this browser[\s\S]*a text file[\s\S]*Name a picture/],
])('%s', async (_, bytes, says) => {
  await expect(decodePicture(bytes)).rejects.toThrow(says)
  await expect(openPicture(new Blob([bytes.slice()]), 'the picture')).rejects.toThrow(says)
  await expect(decodePicture(bytes)).rejects.not.toThrow(/the picture is not a picture/)
})
