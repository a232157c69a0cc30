/** What the system or the engine refuses while a picture is unpacked is no damage of the picture. */

import { SystemRefusal } from 'fovea/internal/host/node/system-errors'
import { expect, test, vi } from 'vitest'
import { decodePicture } from './pictures.ts'
import { pngBytes } from './png-bytes.testing.ts'

const refusals = vi.hoisted(() => ({ next: new Error() }))
vi.mock('./decode.ts', () => ({ decode: () => Promise.reject(refusals.next) }))

const png = pngBytes({ width: 8, height: 8, channels: 4, data: new Uint8Array(256).fill(90) })
const coded = (code: string): Error => Object.assign(new Error('insufficient memory'), { code })

test.each([
  new RangeError('Array buffer allocation failed'),
  coded('ERR_MEMORY_ALLOCATION_FAILED'),
  coded('ENOMEM'),
  new Error('vips_tracked: out of memory --- size == 36MB'),
])('a lack of memory is told as such: %s', async error => {
  refusals.next = error
  await expect(decodePicture(png, 'a.png')).rejects.toThrow(SystemRefusal)
  await expect(decodePicture(png, 'a.png')).rejects.toThrow(/a\.png needs more memory than there is/)
})

test('a decoder that has no program for this system says how to get one', async () => {
  refusals.next = new Error('Could not load the "sharp" module using the linux-x64 runtime\nPossible solutions: …')
  await expect(decodePicture(png, 'a.png')).rejects.toThrow(
    /no program for this system[\s\S]*npm install --include=optional sharp/,
  )
})

test('any other error of unpacking is damage', async () => {
  refusals.next = new RangeError('Offset is outside the bounds of the DataView')
  await expect(decodePicture(png, 'a.png')).rejects.toThrow(/damaged PNG/)
})
