/** Weights that are computed from training pictures: by `adapt`, and by `fit` where nobody did. */
import { describe, expect, test } from 'vitest'
import { UserError } from '../base/errors.ts'
import { keyOf, uniform } from '../base/random.ts'
import type { NamedWeight } from '../store/model-file.ts'
import { compiled, place, quiet } from './tiny-classifier.testing.ts'
import { batchNormalization, conv2d, dense, flatten, randomFlip, rescaling } from './vocabulary.ts'

const [count, side, channels] = [40, 6, 2]
const size = 4 * channels
/** Neighbours are alike, and so are the channels of a pixel. */
const pictures = Uint8Array.from({ length: count * side * side * channels }, (_, at) => {
  const pixel = Math.floor(at / channels)
  return 60 + 120 * uniform(keyOf(5), pixel >> 1) + 60 * uniform(keyOf(6), pixel) + 15 * uniform(keyOf(7), at)
})
const labels = Int32Array.from({ length: count }, (_, at) => at % 2)
const x = { shape: [count, side, side, channels], data: pictures }

interface Choice {
  readonly filters?: number
  readonly trainable?: boolean
}
const network = ({ filters = 2 * size, trainable = false }: Choice = {}) => {
  const here = place()
  const whitening = conv2d({
    filters,
    kernelSize: 2,
    kernelInitializer: 'patchWhitening',
    name: 'whitening',
    trainable,
  })
  const model = here.sequential([
    rescaling({ scale: 1 / 255, inputShape: [side, side, channels] }),
    randomFlip({ mode: 'horizontal' }),
    whitening,
    flatten(),
    dense({ units: 2, activation: 'softmax' }),
  ])
  model.compile(compiled)
  return { ...here, model }
}
const kernelOf = (weights: readonly NamedWeight[]): number[] => [
  ...weights.find(({ name }) => name === 'whitening/kernel')!.data,
]

/** What the filters give for every patch: [patch][filter]. */
function answers(kernel: readonly number[], filters: number): number[][] {
  const all: number[][] = []
  for (let picture = 0; picture < count; picture++) {
    for (let row = 0; row + 1 < side; row++) {
      for (let column = 0; column + 1 < side; column++) {
        const sums = new Array<number>(filters).fill(0)
        for (let at = 0; at < size; at++) {
          const [line, pixel, channel] = [at >> 2, (at >> 1) & 1, at & 1]
          const place = ((picture * side + row + line) * side + column + pixel) * channels + channel
          for (let filter = 0; filter < filters; filter++)
            sums[filter] = sums[filter]! + (pictures[place]! / 255) * kernel[at * filters + filter]!
        }
        all.push(sums)
      }
    }
  }
  return all
}
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const covariance = (rows: readonly number[][], a: number, b: number): number =>
  mean(rows.map(row => row[a]! * row[b]!)) - mean(rows.map(row => row[a]!)) * mean(rows.map(row => row[b]!))

describe('patchWhitening', () => {
  test('what the filters give for patches is uncorrelated, of variance λ / (λ + epsilon), the largest λ first', async () => {
    const { model } = network()
    expect(kernelOf(await model.getWeights()).every(value => value === 0)).toBe(true)
    await model.adapt(x)
    const kernel = kernelOf(await model.getWeights())
    const rows = answers(kernel, 2 * size)
    const lengths = Array.from({ length: size }, (_, filter) =>
      Array.from({ length: size }, (_, at) => kernel[at * 2 * size + filter]! ** 2).reduce(
        (sum, value) => sum + value,
        0,
      ),
    )
    for (let filter = 0; filter < size; filter++) {
      // A filter has the length 1 / √(λ + ε).
      const lambda = 1 / lengths[filter]! - 5e-4
      expect(covariance(rows, filter, filter)).toBeCloseTo(lambda / (lambda + 5e-4), 4)
      for (let other = 0; other < filter; other++) expect(covariance(rows, filter, other)).toBeCloseTo(0, 4)
      for (let at = 0; at < size; at++) {
        expect(kernel[at * 2 * size + size + filter]).toBe(-kernel[at * 2 * size + filter]! || 0)
      }
    }
    expect(lengths.toSorted((a, b) => a - b)).toEqual(lengths)
  })

  test('of fewer filters the leading ones, half of them negated', async () => {
    const [all, five] = [network(), network({ filters: 5 })]
    await all.model.adapt(x)
    await five.model.adapt(x)
    const [whole, part] = [kernelOf(await all.model.getWeights()), kernelOf(await five.model.getWeights())]
    for (let at = 0; at < size; at++) {
      const from = (filter: number): number => whole[at * 2 * size + filter]!
      expect(part.slice(at * 5, at * 5 + 5)).toEqual([from(0), from(1), from(2), -from(0), -from(1)])
    }
  })

  test('fit, trainOnBatch and kept features compute it where it is missing, and leave it where it is there', async () => {
    const { model: adapted, files, loadModel } = network()
    await adapted.adapt(x)
    const expected = kernelOf(await adapted.getWeights())
    for (const train of [
      (each: typeof adapted) => each.fit(x, labels, { ...quiet, epochs: 2 }),
      (each: typeof adapted) => each.fit(x, labels, { ...quiet, cacheFeatures: true }),
      (each: typeof adapted) => each.trainOnBatch(x, labels),
    ]) {
      const { model } = network()
      await train(model)
      expect(kernelOf(await model.getWeights())).toEqual(expected)
    }
    await adapted.save('whitened.safetensors')
    expect(files.exists('whitened.safetensors')).toBeTruthy()
    const loaded = await loadModel('whitened.safetensors')
    loaded.compile(compiled)
    const others = { ...x, data: pictures.map(value => 255 - value / 2) }
    await loaded.fit(others, labels, quiet)
    expect(kernelOf(await loaded.getWeights())).toEqual(expected)
    // Asked for, it is computed again.
    await loaded.adapt(others)
    expect(kernelOf(await loaded.getWeights())).not.toEqual(expected)
  })

  test('a training that is stopped and resumed ends with the same bits', async () => {
    const whole = network({ trainable: true })
    const options = { ...quiet, batchSize: 16, seed: 3 }
    await whole.model.fit(x, labels, { ...options, epochs: 3 })
    const first = network({ trainable: true })
    await first.model.fit(x, labels, { ...options, epochs: 1, checkpoint: 'last.ckpt' })
    const second = network({ trainable: true })
    await second.model.fit(x, labels, { ...options, epochs: 3, resumeFrom: await first.files.read('last.ckpt') })
    expect(await second.model.getWeights()).toEqual(await whole.model.getWeights())
  })

  test('of a data set the training part is taken', async () => {
    const { model } = network()
    await model.adapt(x)
    const { model: other } = network()
    const half = pictures.slice(pictures.length / 2)
    await other.adapt({
      name: 'patches',
      shape: [side, side, channels],
      classNames: ['a', 'b'],
      train: { images: pictures, labels: Uint8Array.from(labels), count },
      test: { images: half, labels: Uint8Array.from(labels.slice(count / 2)), count: count / 2 },
    })
    expect(await other.getWeights()).toEqual(await model.getWeights())
  })

  test('what cannot be whitened is refused before anything is trained', async () => {
    const here = place()
    const whitening = (options: object) =>
      conv2d({ filters: 4, kernelSize: 2, kernelInitializer: 'patchWhitening', padding: 'same', ...options })
    expect(() => whitening({ biasInitializer: 'patchWhitening' })).toThrow('for the kernel of a Conv2D alone')
    expect(() => dense({ units: 2, kernelInitializer: 'patchWhitening' as never })).toThrow(
      'for the kernel of a Conv2D',
    )
    const adapted = (options: object, inputShape = [8, 8, 2]) => {
      const model = here.sequential([whitening({ inputShape, ...options })])
      return model.adapt(new Float32Array(inputShape.reduce((product, extent) => product * extent)))
    }
    await expect(adapted({ groups: 2 })).rejects.toThrow('a plain convolution')
    await expect(adapted({ dilationRate: 2 })).rejects.toThrow('a plain convolution')
    await expect(adapted({ dataFormat: 'channelsFirst' })).rejects.toThrow('a plain convolution')
    await expect(adapted({ filters: 17 })).rejects.toThrow('at most 16 filters')
    await expect(adapted({ kernelSize: 3 }, [2, 8, 1])).rejects.toThrow('pictures of ≥ 3 × 3')
    const behind = here.sequential([batchNormalization({ inputShape: [8, 8, 2] }), whitening({})])
    await expect(behind.adapt(new Float32Array(128))).rejects.toThrow('layers with weights stand before it')
    const { model } = network()
    for (const nothing of [undefined, null, {}, [], 'x', Number.NaN, new Float32Array(3)]) {
      await expect(model.adapt(nothing as never)).rejects.toThrow(UserError)
    }
    const holed = Float32Array.from(pictures, (value, at) => (at === 99 ? Number.NaN : value))
    await expect(model.adapt({ ...x, data: holed })).rejects.toThrow('not a finite number')
    const plain = here.sequential([dense({ units: 2, inputShape: [3] })])
    await expect(plain.adapt(new Float32Array(3))).rejects.toThrow('nothing that is computed from pictures')
  })
})

test('a search for a learning rate whitens first, and leaves the model as it was', async () => {
  const [adapted, untouched] = [network().model, network().model]
  await adapted.adapt(x)
  const options = { batchSize: 8, steps: 12 }
  const known = await adapted.findLearningRate(x, labels, options)
  const found = await untouched.findLearningRate(x, labels, options)
  expect(found.points).toEqual(known.points)
  expect(kernelOf(await untouched.getWeights()).every(value => value === 0)).toBe(true)
  await adapted.dispose()
  await untouched.dispose()
})

test('gradients are those of the step that trainOnBatch would do', async () => {
  const [adapted, untouched] = [network({ trainable: true }).model, network({ trainable: true }).model]
  await adapted.adapt(x)
  const expected = await adapted.gradients(x, labels)
  expect(await untouched.gradients(x, labels)).toEqual(expected)
  await adapted.dispose()
  await untouched.dispose()
})
