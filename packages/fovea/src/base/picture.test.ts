/** Pixels as others hold them: those of a canvas are taken wherever pixels are. */
import { expect, test } from 'vitest'
import { drawHalfBlocks } from '../../../cli/src/terminal/half-blocks.ts'
import { generatedSource } from '../data/generated-source.ts'
import { memorySource } from '../data/memory-source.ts'
import { readPictures } from '../data/read-pictures.ts'
import { heatOver } from '../explain/drawing.ts'
import { enlarged, outlined, pictureGrid } from '../explain/picture-grid.ts'
import { channelPlane, planeFrom } from '../explain/plane.ts'
import { pictureToInput } from '../preprocess/input.ts'
import { pictureFromPixels } from './picture.ts'

const picture = { width: 2, height: 2, channels: 4, data: Uint8Array.from({ length: 16 }, (_, at) => 9 * at) } as const
/** As `ImageData` has them: clamped, the channels not told. */
const image = { width: 2, height: 2, data: Uint8ClampedArray.from(picture.data) }

test('the pixels of a canvas are the same picture, and their bytes stay where they are', () => {
  const taken = pictureFromPixels(image, 'it')
  expect(taken).toEqual(picture)
  expect(taken.data.buffer).toBe(image.data.buffer)
})

test.each<[string, (given: typeof image) => unknown]>([
  ['pictureToInput', given => pictureToInput(given, { shape: [3, 3, 3], channels: 'rgb', resize: 'stretch' })],
  ['pictureGrid', given => pictureGrid([{ ...given, data: given.data.subarray(0, 4) }])],
  ['enlarged', given => enlarged(given, 2)],
  [
    'outlined',
    given =>
      outlined({ ...given, data: given.data.subarray(0, 12) }, { top: 0, left: 0, height: 1, width: 1 }, 1, [1, 2, 3]),
  ],
  [
    'heatOver',
    given =>
      heatOver(
        given,
        planeFrom(1, 1, () => 1),
      ),
  ],
  ['channelPlane', given => channelPlane(given, 'red')],
  ['drawHalfBlocks', given => drawHalfBlocks(given)],
])('%s takes them as it takes a picture', (_, call) => {
  expect(call(image)).toEqual(call({ ...image, data: picture.data as never }))
})

test('sources of pictures take them', async () => {
  const rest = { shape: [2, 2, 2] as const, classNames: ['a'], labels: Uint8Array.of(0, 0) }
  const read = async (source: ReturnType<typeof generatedSource>) => [...(await readPictures(source, Int32Array.of(1)))]
  const { data } = image
  expect(await read(memorySource({ ...rest, images: data }))).toEqual([...data.subarray(8)])
  expect(await read(generatedSource({ ...rest, picture: index => data.subarray(8 * index, 8 * index + 8) }))).toEqual([
    ...data.subarray(8),
  ])
})

test.each([
  [undefined, 'undefined'],
  [{ width: 2, height: 2, data: new Float32Array(16) }, 'a Float32Array of 16 values'],
  [{ width: 2, height: 2, data: new Uint8Array(17) }, 'channels not told, a Uint8Array of 17 values'],
  [{ width: 0, height: 2, channels: 1, data: new Uint8Array(0) }, '0×2'],
])('%o is none', (given, received) => {
  expect(() => pictureFromPixels(given as never, 'it')).toThrow(received)
})
