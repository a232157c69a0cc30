import { describe, expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import { inMemory } from '../data/memory-source.ts'
import type { StoredTensor } from '../store/safetensors.ts'
import { encodeSafetensors } from '../store/safetensors-encoder.ts'
import { decodeSafetensors } from '../store/tensor-file.ts'
import { decodeTestFile, encodeTestFile } from './test-file.ts'

const pictures = (given: Omit<Parameters<typeof inMemory>[0], 'classNames'>) =>
  inMemory({ ...given, classNames: ['a', 'b'] })

describe('the test file', () => {
  it('keeps the first eight pictures of every pair of true and predicted class', async () => {
    const images = Uint8Array.from({ length: 30 }, (_, index) => index)
    const labels = Uint8Array.from({ length: 30 }, (_, index) => Number(index >= 20))
    // Class 1 is predicted for every third sample, a tie (class 0) for sample 0.
    const predictions = Float32Array.from({ length: 60 }, (_, at) =>
      at < 2 ? 0.5 : Number((at >> 1) % 3 === 0) ^ (at & 1) ^ 1,
    )
    const bytes = await encodeTestFile(predictions, pictures({ images, labels, shape: [1, 1, 1] }))
    const { tensors } = decodeSafetensors(bytes)
    const kept = [...tensors[2]!.data]
    expect(kept).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])
    expect([...tensors[3]!.data]).toEqual(kept)
  })

  it('keeps the mistakes of which the model was most sure, the worst first', async () => {
    const images = Uint8Array.from({ length: 40 }, (_, index) => index)
    // Class 1 is predicted throughout, with 0.51, 0.52 … ; every fourth sample is one. Sample 38 is as sure as 39.
    const sure = (index: number): number => (index === 38 ? 0.9 : 0.51 + index / 100)
    const predictions = Float32Array.from({ length: 40 }, (_, index) => sure(index))
    const labels = Uint8Array.from({ length: 40 }, (_, index) => Number(index % 4 === 0))
    const file = decodeTestFile(
      await encodeTestFile(predictions, pictures({ images, labels, shape: [1, 1, 1] })),
      'test',
    )
    const wrong = Array.from({ length: 40 }, (_, index) => 39 - index).filter(index => index % 4 !== 0)
    expect(Array.from(file.mistakeIndices)).toEqual([38, 39, ...wrong.slice(2, 25)])
    expect([...file.mistakePictures]).toEqual(Array.from(file.mistakeIndices))
  })

  it('keeps large pictures scaled down', async () => {
    const images = Uint8Array.from({ length: 2 * 128 * 96 * 3 }, (_, at) => 20 + 100 * Math.floor(at / (128 * 96 * 3)))
    const predictions = Float32Array.of(0.2, 0.8, 0.3, 0.7)
    const file = decodeTestFile(
      await encodeTestFile(predictions, pictures({ images, labels: Uint8Array.of(0, 1), shape: [128, 96, 3] })),
      'test',
    )
    expect(file.pictureShape).toEqual([64, 48, 3])
    expect(file.pictures.length).toBe(2 * 64 * 48 * 3)
    expect([...file.mistakePictures.subarray(0, 3), file.pictures.at(-1)]).toEqual([20, 20, 20, 120])
  })

  it('of an older version has no mistakes apart', () => {
    const older = encodeSafetensors({
      metadata: {},
      tensors: [
        { name: 'predictions', shape: [1, 2], data: Float32Array.of(0.2, 0.8) },
        { name: 'labels', shape: [1], data: Uint8Array.of(0) },
        { name: 'pictureIndices', shape: [1], data: Int32Array.of(0) },
        { name: 'pictures', shape: [1, 1, 1, 1], data: Uint8Array.of(7) },
      ],
    })
    expect(decodeTestFile(older, 'test')).toMatchObject({
      count: 1,
      mistakeIndices: [],
      mistakePictures: new Uint8Array(),
    })
  })

  describe('read again, takes nothing that does not fit', () => {
    const fitting: Readonly<Record<string, StoredTensor>> = Object.fromEntries(
      [
        { name: 'predictions', shape: [2, 3], data: Float32Array.of(0.2, 0.7, 0.1, 1, 0, 0) },
        { name: 'labels', shape: [2], data: Uint8Array.of(0, 2) },
        { name: 'pictureIndices', shape: [2], data: Int32Array.of(0, 1) },
        { name: 'pictures', shape: [2, 1, 2, 1], data: Uint8Array.of(1, 2, 3, 4) },
        { name: 'mistakeIndices', shape: [1], data: Int32Array.of(0) },
        { name: 'mistakePictures', shape: [1, 1, 2, 1], data: Uint8Array.of(1, 2) },
      ].map(tensor => [tensor.name, tensor]),
    )
    const read = (change: Partial<Record<string, Omit<StoredTensor, 'name'> | undefined>>) => {
      const all = Object.entries({ ...fitting, ...change })
      const tensors = all.flatMap(([name, tensor]) => (tensor ? [{ ...tensor, name }] : []))
      return decodeTestFile(encodeSafetensors({ metadata: {}, tensors }), 'test')
    }

    it('reads what fits', () => {
      expect(read({})).toMatchObject({ count: 2, classes: 3, pictureShape: [1, 2, 1] })
    })

    it.each(Object.keys(fitting).filter(name => name !== 'mistakeIndices'))('without %s', name => {
      expect(() => read({ [name]: undefined })).toThrow(new RegExp(`test is no test of a run: it has no ${name}`))
    })

    it.each(
      Object.values(fitting).flatMap(({ name, shape, data }) => [
        { name, how: 'with an axis more', tensor: { shape: [...shape, 1], data } },
        { name, how: 'as one row', tensor: { shape: [1, 1, 1, 1, data.length], data } },
        { name, how: 'of another type', tensor: { shape, data: Float64Array.from(data) } },
      ]),
    )('$name $how', ({ name, tensor }) => {
      expect(() => read({ [name]: tensor })).toThrow(UserError)
      expect(() => read({ [name]: tensor })).toThrow(new RegExp(`its ${name} cannot be used`))
    })

    it.each([
      [
        'a label too many',
        { labels: { shape: [3], data: Uint8Array.of(0, 1, 2) } },
        /its labels.*\n.*2 whole numbers below 3/,
      ],
      ['a label out of range', { labels: { shape: [2], data: Uint8Array.of(0, 3) } }, /its labels/],
      ['a negative label', { labels: { shape: [2], data: Int32Array.of(0, -1) } }, /its labels/],
      ['an index out of range', { pictureIndices: { shape: [2], data: Int32Array.of(0, 2) } }, /its pictureIndices/],
      ['an index too few', { pictureIndices: { shape: [1], data: Int32Array.of(0) } }, /its pictureIndices/],
      ['a mistake out of range', { mistakeIndices: { shape: [1], data: Int32Array.of(2) } }, /its mistakeIndices/],
      [
        'mistakes of another size',
        { mistakePictures: { shape: [1, 2, 1, 1], data: Uint8Array.of(1, 2) } },
        /its mistakePictures/,
      ],
      ['pictures of five channels', { pictures: { shape: [2, 1, 1, 5], data: new Uint8Array(10) } }, /its pictures/],
      ['pictures of no width', { pictures: { shape: [2, 1, 0, 1], data: new Uint8Array() } }, /its pictures/],
      ['predictions of no classes', { predictions: { shape: [2, 0], data: new Float32Array() } }, /its predictions/],
    ])('%s', (_, change, message) => {
      expect(() => read(change)).toThrow(message)
    })
  })
})
