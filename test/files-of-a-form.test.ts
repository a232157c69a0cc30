/** Files as a form or a request brings them to Node: a data set of them, with the pixels that reading them from disk gives. */
import { File } from 'node:buffer'
import { expect, test } from 'vitest'
import { type ChosenFile, datasetFromFiles, decodePicture, pictureToInput } from '../packages/fovea/src/index.ts'
import { pngBytes } from '../packages/pictures/src/png-bytes.testing.ts'

const png = (level: number) =>
  pngBytes({ width: 5, height: 4, channels: 3, data: Uint8Array.from({ length: 60 }, (_, at) => level + at) })
const file = (name: string, bytes: Uint8Array): ChosenFile => new File([bytes], name)

test('become a data set', async () => {
  const files = [
    file('cats/2.png', png(100)),
    file('cats/1.png', png(3)),
    file('dogs/torn.png', png(9).subarray(0, 50)),
  ]
  const { dataset, skipped } = await datasetFromFiles(files, { shape: [4, 4, 3] })
  expect([dataset.name, dataset.classNames, dataset.train.names]).toEqual([
    'files',
    ['cats'],
    ['cats/1.png', 'cats/2.png'],
  ])
  const { pixels } = pictureToInput(await decodePicture(png(3)), dataset.preprocess!)
  expect([...dataset.train.images.subarray(0, 48)]).toEqual([...pixels])
  expect(skipped).toEqual([{ path: 'dogs/torn.png', reason: expect.stringMatching(/^it is a damaged PNG file/) }])
})
