/** What the system or the engine refuses while a picture is unpacked is no damage of the picture. */

import { SystemRefusal } from 'fovea/internal/host/node/system-errors'
import jpeg from 'jpeg-js'
import { afterEach, expect, it, vi } from 'vitest'
import { decodePicture } from './pictures.ts'
import { encodePng } from './png.ts'

const refusals = vi.hoisted(() => ({ next: undefined as Error | undefined }))
vi.mock('node:zlib', async original => {
  const zlib = await original<typeof import('node:zlib')>()
  const inflateSync: typeof zlib.inflateSync = (...given) => {
    if (refusals.next) throw refusals.next
    return zlib.inflateSync(...given)
  }
  return { ...zlib, inflateSync }
})
afterEach(() => {
  refusals.next = undefined
  vi.restoreAllMocks()
})

const coded = (code: string): Error => Object.assign(new Error('insufficient memory'), { code })
const memory = [
  new RangeError('Array buffer allocation failed'),
  coded('ERR_MEMORY_ALLOCATION_FAILED'),
  coded('ENOMEM'),
]
const pixels = { width: 8, height: 8, data: new Uint8Array(256).fill(90) }
const png = encodePng({ ...pixels, channels: 4 })
const photo = new Uint8Array(jpeg.encode(pixels, 90).data)

it('a lack of memory is told as such', () => {
  for (const error of [...memory, coded('Z_MEM_ERROR')]) {
    refusals.next = error
    expect(() => decodePicture(png, 'a.png')).toThrow(SystemRefusal)
    expect(() => decodePicture(png, 'a.png')).toThrow(/a\.png needs more memory than there is/)
  }
  for (const error of memory) {
    vi.spyOn(jpeg, 'decode').mockImplementation(() => {
      throw error
    })
    expect(() => decodePicture(photo, 'a.jpg')).toThrow(/a\.jpg needs more memory than there is/)
  }
})

it('any other error of unpacking is damage', () => {
  refusals.next = coded('Z_DATA_ERROR')
  expect(() => decodePicture(png, 'a.png')).toThrow(/damaged PNG/)
  vi.spyOn(jpeg, 'decode').mockImplementation(() => {
    throw new RangeError('Offset is outside the bounds of the DataView')
  })
  expect(() => decodePicture(photo, 'a.jpg')).toThrow(/damaged JPEG/)
})
