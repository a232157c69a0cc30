import { describe, expect, it } from 'vitest'
import type { Dataset } from '../data/dataset.ts'
import { randomFlip } from '../layers/augmentation.ts'
import { dense } from '../layers/dense.ts'
import { flatten } from '../layers/shaping.ts'
import { sequential } from '../model/sequential.ts'
import { encodeSafetensors } from '../store/safetensors.ts'
import { decodeSamples, encodeSamples } from './samples.ts'

function datasetOf(shape: Dataset['shape'], train: number, test: number): Dataset {
  const size = shape[0] * shape[1] * shape[2]
  const split = (count: number, factor: number) => ({
    images: Uint8Array.from({ length: count * size }, (_, at) => (Math.floor(at / size) * factor + at) % 251),
    labels: Uint8Array.from({ length: count }, (_, index) => index % 2),
    count,
  })
  return { name: 'any', shape, classNames: ['a', 'b'], train: split(train, 3), test: split(test, 7) }
}

const plain = (inputShape: Dataset['shape']) => sequential([flatten({ inputShape }), dense({ units: 2 })])
const pictureBytes = ({ images }: Dataset['train'], size: number, index: number) => [
  ...images.subarray(index * size, (index + 1) * size),
]

describe('the samples of a run', () => {
  it('are the first pictures of training, and test pictures drawn by the seed', () => {
    const dataset = datasetOf([8, 8, 1], 100, 80)
    const [one, same, other] = [1, 1, 2].map(seed =>
      decodeSamples(encodeSamples(dataset, plain(dataset.shape), seed), 'samples'),
    )
    expect(one!.first.length).toBe(36)
    for (const index of [0, 35]) expect([...one!.first[index]!.data]).toEqual(pictureBytes(dataset.train, 64, index))
    expect(Array.from(one!.firstLabels)).toEqual(Array.from({ length: 36 }, (_, index) => index % 2))
    expect(new Set(Array.from(one!.drawnIndices)).size).toBe(57)
    for (const [place, picture] of one!.drawn.entries()) {
      expect([...picture.data]).toEqual(pictureBytes(dataset.test, 64, one!.drawnIndices[place]!))
    }
    expect(same).toEqual(one)
    expect(other!.drawnIndices).not.toEqual(one!.drawnIndices)
    expect(one!.testCount).toBe(80)
    expect(one!.variants).toEqual([])
    expect(one!.pixels).toEqual(one!.first[0])
  })

  it('are all there is of a small data set', () => {
    const dataset = datasetOf([2, 3, 3], 4, 5)
    const samples = decodeSamples(encodeSamples(dataset, plain(dataset.shape), 1), 'samples')
    expect(samples.first.map(({ width, height, channels }) => [width, height, channels])).toEqual(
      new Array(4).fill([3, 2, 3]),
    )
    expect(Array.from(samples.drawnIndices).sort()).toEqual([0, 1, 2, 3, 4])
  })

  it('of large pictures are scaled down, but for the true pixels of the middle, and stay below 2 MB', () => {
    const shape = [128, 128, 3] as const
    const dataset = datasetOf([...shape], 40, 60)
    const model = sequential([randomFlip({ inputShape: shape }), flatten(), dense({ units: 1 })])
    const bytes = encodeSamples(dataset, model, 1)
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
})
