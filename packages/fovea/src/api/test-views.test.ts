/** Test-time augmentation: the mean over views, by hand and by the model, the same bits everywhere. */
import { describe, expect, it } from 'vitest'
import type { TestViews } from '../base/test-views.ts'
import { nodeHost } from '../host/node/host.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { l2 } from '../layers/regularizers.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { wasmDevice } from '../runtime/wasm-device.ts'
import { place } from './tiny-classifier.testing.ts'

const [height, width, channels] = [5, 6, 3]
const shape = [height, width, channels]
const size = height * width * channels
const count = 7
const bytes = Uint8Array.from({ length: count * size }, (_, index) => (index * 7919 + (index >> 3)) % 251)
const labels = Array.from({ length: count }, (_, index) => index % 4)

function net(last: 'softmax' | 'linear' = 'softmax') {
  const { platform, sequential } = place()
  const model = sequential(
    [
      rescaling({ scale: 1 / 255, inputShape: shape }),
      conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu', kernelRegularizer: l2(0.05) }),
      batchNormalization(),
      flatten(),
      dense({ units: 4, activation: last }),
    ],
    { seed: 3 },
  )
  return { platform, model }
}

/** Every picture mirrored, then moved by `shift` pixels down and right; what comes in is the border again. */
function moved(mirrored: boolean, shift: number): Uint8Array {
  const inside = (at: number, extent: number) => Math.min(extent - 1, Math.max(0, at - shift))
  return Uint8Array.from(bytes, (_, index) => {
    const channel = index % channels
    const column = Math.floor(index / channels) % width
    const row = Math.floor(index / (channels * width)) % height
    const picture = Math.floor(index / size)
    const from = inside(mirrored ? width - 1 - column : column, width)
    return bytes[((picture * height + inside(row, height)) * width + from) * channels + channel]!
  })
}

const whole = (weight: number, mirror: boolean): [boolean, number, number][] =>
  mirror
    ? [
        [false, 0, weight / 2],
        [true, 0, weight / 2],
      ]
    : [[false, 0, weight]]
const both = (mirror: boolean): [boolean, number, number][] => [
  ...whole(0.5, mirror),
  ...whole(0.25, mirror).map(([side, , weight]): [boolean, number, number] => [side, -1, weight]),
  ...whole(0.25, mirror).map(([side, , weight]): [boolean, number, number] => [side, 1, weight]),
]
const byHand: Record<TestViews, [mirrored: boolean, shift: number, weight: number][]> = {
  mirror: whole(1, true),
  shifts: both(false),
  'mirror+shifts': both(true),
}

describe.each(Object.keys(byHand) as TestViews[])('%s', views => {
  it.each(['softmax', 'linear'] as const)(
    'is the weighted mean of what the model gives of each view: %s',
    async last => {
      const { model } = net(last)
      const x = { shape: [count, ...shape], data: bytes }
      const { data } = await model.predict(x, { views })
      const expected = new Float64Array(data.length)
      for (const [mirrored, shift, weight] of byHand[views]) {
        const seen = await model.predict({ ...x, data: moved(mirrored, shift) })
        for (const [index, value] of seen.data.entries()) expected[index]! += weight * value
      }
      for (const [index, value] of data.entries()) expect(value).toBeCloseTo(expected[index]!, 6)
      const plain = await model.predict(x)
      expect(Math.max(...data.map((value, index) => Math.abs(value - plain.data[index]!)))).toBeGreaterThan(1e-3)
      await model.dispose()
    },
  )
})

it('evaluate measures the mean: its loss with the penalties, its metrics', async () => {
  const { model } = net()
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  const x = { shape: [count, ...shape], data: bytes }
  const [plain, seen] = [await model.predict(x), await model.predict(x, { views: 'mirror' })]
  const lossOf = ({ data }: { data: Float32Array }) =>
    labels.reduce((sum, label, row) => sum - Math.log(data[4 * row + label]!), 0) / count
  const rightIn = ({ data }: { data: Float32Array }) =>
    labels.filter((label, row) => data[4 * row + label] === Math.max(...data.subarray(4 * row, 4 * row + 4))).length
  const [alone, both] = [await model.evaluate(x, labels), await model.evaluate(x, labels, { views: 'mirror' })]
  expect(alone.loss - lossOf(plain)).toBeGreaterThan(0.01)
  expect(both.loss - lossOf(seen)).toBeCloseTo(alone.loss - lossOf(plain), 5)
  expect(both['accuracy']).toBeCloseTo(rightIn(seen) / count, 6)
  await model.dispose()
})

it('gives the same bits on any threads, in any batch and beside calls without views', async () => {
  const of = async (threads: number) => {
    const { model } = net()
    const device = wasmDevice(nodeHost())
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', device, threads })
    const x = { shape: [count, ...shape], data: bytes }
    const [, data, single] = await Promise.all([
      model.predict(x),
      model.predict(x, { views: 'mirror+shifts' }),
      model.predict({ shape: [1, ...shape], data: bytes.subarray(0, size) }, { views: 'mirror+shifts', batchSize: 1 }),
    ])
    await model.dispose()
    expect(data.data.slice(0, 4)).toEqual(single.data)
    return data.data
  }
  expect(await of(3)).toEqual(await of(1))
})

it('classify asks of the views of the input; those of the picture are another option', async () => {
  const { model } = net()
  const picture = { width, height, channels: 3 as const, data: bytes.subarray(0, size) }
  const seen = await model.predict({ shape: [1, ...shape], data: picture.data }, { views: 'mirror+shifts' })
  const answer = await model.classify(picture, { views: 'mirror+shifts' })
  expect(answer.map(({ className, probability }) => [probability, seen.data[Number(className)]])).toEqual(
    [...seen.data].sort((a, b) => b - a).map(value => [value, value]),
  )
  await expect(model.classify(picture, { views: 'mirror', augment: true })).rejects.toThrow(/not both/)
})

it('is refused by name where it is none, and where there are no pictures', async () => {
  const { model } = net()
  const x = { shape: [count, ...shape], data: bytes }
  await expect(model.predict(x, { views: 'miror' as never })).rejects.toThrow(/did you mean "mirror"/)
  await expect(model.fit(x, labels, { views: 'mirror' } as never)).rejects.toThrow(/views/)
  const flat = place().sequential([dense({ units: 4, activation: 'softmax', inputShape: [size] })])
  await expect(flat.predict(bytes, { views: 'mirror' })).rejects.toThrow(/Views are for models that see pictures/)
  expect((await flat.predict(bytes)).shape).toEqual([count, 4])
})
