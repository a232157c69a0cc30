import { expect, test } from 'vitest'
import { PictureError } from '../base/errors.ts'
import { isBlob, type OpenPicture } from '../base/picture.ts'
import { type ChosenFile, datasetOfChosen } from './dataset-from-files.ts'

/** Files whose bytes are one grey value, or text that is no picture. */
const file = (path: string, content: number | string, isChosenFolder = true): ChosenFile => ({
  name: path.split('/').at(-1)!,
  ...(isChosenFolder ? { webkitRelativePath: path } : { name: path }),
  arrayBuffer: async () =>
    (typeof content === 'number' ? Uint8Array.of(content) : new TextEncoder().encode(content)).buffer,
})

let open = 0
let most = 0
const openPicture: OpenPicture = async (given, name) => {
  most = Math.max(most, ++open)
  const bytes = new Uint8Array(await (given as ChosenFile).arrayBuffer())
  await new Promise(resolve => setTimeout(resolve, bytes[0]! % 3))
  open--
  if (!isBlob(given) || bytes.length !== 1)
    throw new PictureError({ what: `${name} is a damaged PNG file.`, received: `${bytes.length} bytes` })
  return { width: 3, height: 2, channels: 1, data: new Uint8Array(6).fill(bytes[0]!) }
}
const platform = { openPicture, yieldToEvents: async () => {} }
const shape = [2, 2, 1] as const

test('a folder is a class, in natural order whatever came first', async () => {
  const files = [
    file('pets/dogs/10.png', 30),
    file('pets/dogs/9.png', 20),
    file('pets/cats/old/1.png', 10),
    file('pets/cats/2.png', 11),
  ]
  const { dataset, skipped } = await datasetOfChosen(platform, files, { shape })
  expect(skipped).toEqual([])
  const { name, classNames, preprocess, train } = dataset
  expect({ name, classNames, preprocess }).toEqual({
    name: 'pets',
    classNames: ['cats', 'dogs'],
    preprocess: { shape, channels: 'grey', resize: 'cover' },
  })
  expect(train.names).toEqual(['pets/cats/2.png', 'pets/cats/old/1.png', 'pets/dogs/9.png', 'pets/dogs/10.png'])
  expect([...train.labels]).toEqual([0, 0, 1, 1])
  expect([...train.images]).toEqual([11, 10, 20, 30].flatMap(value => [value, value, value, value]))
  expect(dataset.test).toBeUndefined()
})

test('what is no picture of a class is passed over, with the reason', async () => {
  const files = [
    file('pets/cats/1.png', 1),
    file('pets/cats/torn.png', 'torn'),
    file('pets/cats/.DS_Store', 'x'),
    file('pets/.ipynb_checkpoints/1.png', 1),
    file('pets/@eaDir/1.png', 1),
    file('pets/readme.txt', 'x'),
    file('pets/unknown/1.png', 1),
  ]
  const { dataset, skipped } = await datasetOfChosen(platform, files, { shape })
  expect(dataset.train.count).toBe(1)
  expect(skipped).toEqual([
    { path: 'pets/.ipynb_checkpoints/1.png', reason: 'a hidden folder' },
    { path: 'pets/@eaDir/1.png', reason: 'left behind by a network drive' },
    { path: 'pets/cats/.DS_Store', reason: 'a hidden file' },
    { path: 'pets/cats/torn.png', reason: 'it is a damaged PNG file (4 bytes)' },
    { path: 'pets/readme.txt', reason: 'it lies beside the folders of the classes' },
    { path: 'pets/unknown/1.png', reason: 'it is none of the classes' },
  ])
})

test('folders called train, valid and test are parts', async () => {
  const files = ['train/cats/1', 'train/dogs/2', 'valid/cats/3', 'test/dogs/4', 'test/birds/5', '.DS_Store'].map(
    (path, at) => file(`pets/${path}`, at),
  )
  const { dataset, skipped } = await datasetOfChosen(platform, files, { shape })
  expect(dataset.classNames).toEqual(['cats', 'dogs'])
  expect([dataset.train.count, dataset.validation?.count, dataset.test?.count]).toEqual([2, 1, 1])
  expect([...dataset.test!.labels]).toEqual([1])
  expect(skipped.map(({ reason }) => reason)).toEqual(['a hidden file', 'there are no pictures of birds to train on'])
})

test('a class may be called train', async () => {
  const files = ['train/1', 'train/wagons/2', 'ship/3'].map((path, at) => file(`things/${path}`, at))
  expect((await datasetOfChosen(platform, files, { shape })).dataset.classNames).toEqual(['ship', 'train'])
})

test('dropped files say their folders in their names', async () => {
  const files = [file('cats/1.png', 1, false), file('dogs/1.png', 2, false)]
  const { dataset } = await datasetOfChosen(platform, files, { shape: [4, 4, 3], resize: 'stretch', name: 'dropped' })
  expect([dataset.name, dataset.classNames, dataset.shape]).toEqual(['dropped', ['cats', 'dogs'], [4, 4, 3]])
  expect(dataset.preprocess).toEqual({ shape: [4, 4, 3], channels: 'rgb', resize: 'stretch' })
})

test('progress is told, a few pictures are decoded at a time, and events are let in between', async () => {
  const files = Array.from({ length: 20 }, (_, at) => file(`a/${at % 2}/${at}.png`, at))
  const told: number[] = []
  let yields = 0
  most = 0
  const counting = { openPicture, yieldToEvents: async () => void yields++ }
  await datasetOfChosen(counting, files, { shape, onProgress: ({ done, total }) => told.push(done / total) })
  expect(told).toEqual(Array.from({ length: 20 }, (_, at) => (at + 1) / 20))
  expect(yields).toBe(20)
  expect(most).toBe(3)
})

test('aborting ends it', async () => {
  const abort = new AbortController()
  const files = Array.from({ length: 20 }, (_, at) => file(`a/b/${at}.png`, at))
  let last = 0
  const reading = datasetOfChosen(platform, files, {
    shape,
    signal: abort.signal,
    onProgress({ done }) {
      last = done
      if (done === 4) abort.abort(new Error('enough'))
    },
  })
  await expect(reading).rejects.toThrow('enough')
  expect(last).toBeLessThan(8)
})

test('what cannot be a set is refused', async () => {
  const options = { shape }
  await expect(datasetOfChosen(platform, [], options)).rejects.toThrow(/no files[\s\S]*webkitdirectory/)
  await expect(datasetOfChosen(platform, undefined as never, options)).rejects.toThrow(/no files/)
  await expect(datasetOfChosen(platform, ['a.png'] as never, options)).rejects.toThrow(/no files/)
  await expect(datasetOfChosen(platform, [file('a/1.png', 1)], options)).rejects.toThrow(
    /None of the files[\s\S]*beside the folders[\s\S]*choose the folder/,
  )
  const good = [file('a/b/1.png', 1)]
  await expect(datasetOfChosen(platform, good, {} as never)).rejects.toThrow(/shape/)
  await expect(datasetOfChosen(platform, good, { shape: [2, 2, 2] })).rejects.toThrow(/shape|channels/)
  await expect(datasetOfChosen(platform, good, { shape, resize: 'squash' as never })).rejects.toThrow(/resize/)
  await expect(datasetOfChosen(platform, good, { shape, signal: 1 as never })).rejects.toThrow(/signal/)
})
