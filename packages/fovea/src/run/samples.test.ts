import { describe, expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import { inMemory } from '../data/memory-source.ts'
import type { PictureShape } from '../data/picture-source.ts'
import { randomFlip } from '../layers/augmentation.ts'
import { dense } from '../layers/dense.ts'
import { flatten } from '../layers/shaping.ts'
import { sequential } from '../network/sequential.ts'
import type { StoredTensor } from '../store/safetensors.ts'
import { encodeSafetensors } from '../store/safetensors-encoder.ts'
import { decodeSamples, encodeSamples } from './samples.ts'

function datasetOf(shape: PictureShape, train: number, test: number) {
  const size = shape[0] * shape[1] * shape[2]
  const pictures = (count: number, factor: number) =>
    inMemory({
      images: Uint8Array.from({ length: count * size }, (_, at) => (Math.floor(at / size) * factor + at) % 251),
      labels: Uint8Array.from({ length: count }, (_, index) => index % 2),
      shape,
      classNames: ['a', 'b'],
    })
  return { shape, train: pictures(train, 3), test: pictures(test, 7) }
}

const plain = (inputShape: PictureShape) => sequential([flatten({ inputShape }), dense({ units: 2 })])
const pictureBytes = ({ images }: { readonly images: Uint8Array }, size: number, index: number) => [
  ...images.subarray(index * size, (index + 1) * size),
]

describe('the samples of a run', () => {
  it('are the first pictures of each class in turn, and test pictures drawn by the seed', async () => {
    const dataset = datasetOf([8, 8, 1], 100, 80)
    const [one, same, other] = await Promise.all(
      [1, 1, 2].map(async seed => decodeSamples(await encodeSamples(dataset, plain(dataset.shape), seed), 'samples')),
    )
    expect(one!.first.length).toBe(36)
    for (const index of [0, 35]) expect([...one!.first[index]!.data]).toEqual(pictureBytes(dataset.train, 64, index))
    expect(Array.from(one!.firstLabels)).toEqual(Array.from({ length: 36 }, (_, index) => index % 2))
    expect(new Set(Array.from(one!.drawnIndices)).size).toBe(50)
    for (const [place, picture] of one!.drawn.entries()) {
      expect([...picture.data]).toEqual(pictureBytes(dataset.test, 64, one!.drawnIndices[place]!))
    }
    expect(same).toEqual(one)
    expect(other!.drawnIndices).not.toEqual(one!.drawnIndices)
    expect(one!.testCount).toBe(80)
    expect(one!.variants).toEqual([])
    expect(one!.pixels).toEqual(one!.first[0])
  })

  it('are of all classes where the data stand class by class, as folders do', async () => {
    const labelsOf = async (classes: number, each: number) => {
      const shape = [1, 1, 1] as const
      const labels = Int32Array.from({ length: classes * each }, (_, index) => Math.floor(index / each))
      const images = Uint8Array.from(labels, label => label % 251)
      const classNames = Array.from({ length: classes }, (_, index) => String(index))
      const train = inMemory({ images, labels, shape, classNames })
      const samples = decodeSamples(await encodeSamples({ train }, plain(shape), 1), 'samples')
      expect(samples.first.map(({ data }) => data[0])).toEqual(Array.from(samples.firstLabels, label => label % 251))
      expect(samples.pixels.data[0]).toBe(samples.first[0]!.data[0])
      return Array.from(samples.firstLabels)
    }
    expect(await labelsOf(3, 50)).toEqual(Array.from({ length: 36 }, (_, place) => place % 3))
    expect(await labelsOf(40, 2)).toEqual(Array.from({ length: 40 }, (_, label) => label))
    // The smallest classes end first, and the others fill their places.
    expect(await labelsOf(5, 2)).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
    const many = await labelsOf(1000, 1)
    expect(many.length).toBe(100)
    expect(many.every((label, place) => place === 0 || label - many[place - 1]! === 10)).toBe(true)
  })

  it('are all there is of a small data set', async () => {
    const dataset = datasetOf([2, 3, 3], 4, 5)
    const samples = decodeSamples(await encodeSamples(dataset, plain(dataset.shape), 1), 'samples')
    expect(samples.first.map(({ width, height, channels }) => [width, height, channels])).toEqual(
      new Array(4).fill([3, 2, 3]),
    )
    expect(Array.from(samples.drawnIndices).sort()).toEqual([0, 1, 2, 3, 4])
  })

  it('without a test part have none drawn from it', async () => {
    const { shape, train } = datasetOf([2, 3, 3], 4, 5)
    const samples = decodeSamples(await encodeSamples({ train }, plain(shape), 1), 'samples')
    expect(samples.first.length).toBe(4)
    expect(samples).toMatchObject({ drawn: [], testCount: 0 })
  })

  it('of large pictures are scaled down, but for the true pixels of the middle, and stay below 2 MB', async () => {
    const shape = [128, 128, 3] as const
    const dataset = datasetOf([...shape], 40, 60)
    const model = sequential([randomFlip({ inputShape: shape }), flatten(), dense({ units: 1 })])
    const bytes = await encodeSamples(dataset, model, 1)
    expect(bytes.length).toBeLessThan(2_000_000)
    const { first, drawn, variants, pixels } = decodeSamples(bytes, 'samples')
    for (const picture of [...first, ...drawn, ...variants]) expect([picture.height, picture.width]).toEqual([64, 64])
    expect(variants.length).toBe(8)
    expect([pixels.height, pixels.width]).toEqual([28, 28])
    expect(pixels.data[0]).toBe(dataset.train.images[(50 * 128 + 50) * 3])
  })

  it('say what is missing', () => {
    const empty = encodeSafetensors({ metadata: {}, tensors: [] })
    expect(() => decodeSamples(empty, 'runs/a/samples.safetensors')).toThrow(/runs\/a\/samples.*no first/)
  })

  describe('read again, take nothing that does not fit', () => {
    const stack = { shape: [2, 1, 2, 1], data: Uint8Array.of(1, 2, 3, 4) }
    const two = { shape: [2], data: Int32Array.of(0, 4) }
    const fitting: Readonly<Record<string, Omit<StoredTensor, 'name'>>> = {
      first: stack,
      firstLabels: two,
      drawn: stack,
      drawnIndices: two,
      pixels: stack,
      variants: stack,
    }
    const read = (change: Partial<Record<string, Omit<StoredTensor, 'name'> | undefined>>, testCount = '5') => {
      const all = Object.entries({ ...fitting, ...change })
      const tensors = all.flatMap(([name, tensor]) => (tensor ? [{ ...tensor, name }] : []))
      return decodeSamples(encodeSafetensors({ metadata: { testCount }, tensors }), 'samples')
    }

    it('reads what fits', () => {
      expect(read({}).drawn.length).toBe(2)
    })

    it.each(Object.keys(fitting).filter(name => name !== 'variants'))('without %s', name => {
      expect(() => read({ [name]: undefined })).toThrow(
        new RegExp(`samples holds no samples of a run: it has no ${name}`),
      )
    })

    it.each(
      Object.entries(fitting).flatMap(([name, { shape, data }]) => [
        { name, how: 'with an axis more', tensor: { shape: [...shape, 1], data } },
        { name, how: 'of another type', tensor: { shape, data: Float32Array.from(data) } },
      ]),
    )('$name $how', ({ name, tensor }) => {
      expect(() => read({ [name]: tensor })).toThrow(UserError)
      expect(() => read({ [name]: tensor })).toThrow(new RegExp(`its ${name} cannot be used`))
    })

    it('a place beyond the test set, labels that are too many, no pixels, no test count', () => {
      expect(() => read({}, '4')).toThrow(/its drawnIndices.*\n.*2 whole numbers below 4/)
      expect(() => read({ firstLabels: { shape: [3], data: new Uint8Array(3) } })).toThrow(/its firstLabels/)
      expect(() => read({ firstLabels: { shape: [2], data: Int32Array.of(0, -1) } })).toThrow(/its firstLabels/)
      expect(() => read({ pixels: { shape: [0, 1, 2, 1], data: new Uint8Array() } })).toThrow(/pixels are missing/)
      for (const count of ['', 'many', '1.5', '-1']) expect(() => read({}, count)).toThrow(UserError)
    })
  })
})
