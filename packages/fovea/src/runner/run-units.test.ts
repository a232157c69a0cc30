import { describe, expect, it } from 'vitest'
import { inMemory } from '../data/memory-source.ts'
import { reLU } from '../layers/activation-layers.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import type { Layer } from '../layers/layer.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { flatten } from '../layers/shaping.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { countUnits } from './run-units.ts'

/** 40 pictures of one pixel: 0, 6 … 234. One more than a batch holds. */
const pixels = Uint8Array.from({ length: 40 }, (_, index) => index * 6)
const onePixel = { labels: new Uint8Array(40), shape: [1, 1, 1], classNames: ['any'] } as const
const pictures = inMemory({ ...onePixel, images: pixels })

async function counted(layers: readonly Layer[], set: Readonly<Record<string, readonly number[]>>) {
  const model = sequential([...layers, flatten(), dense({ units: 2, activation: 'sigmoid' })])
  const values: Record<string, ArrayLike<number>> = { ...initialWeights(model, 1), ...set }
  const weights = model.weights.map(({ name, shape }) => ({ name, shape, data: Float32Array.from(values[name]!) }))
  return countUnits(model, weights, pictures, referenceDevice())
}

describe('countUnits', () => {
  it('a relu is dead when no picture wakes it at any place', async () => {
    // Wake for pixels: all but 0; all; never; those above 200; none, since pixels end at 234.
    const units = await counted([conv2d({ filters: 5, kernelSize: 1, activation: 'relu', inputShape: [1, 1, 1] })], {
      'conv2d/kernel': [1, 1, -1, 1, 1],
      'conv2d/bias': [0, 1, 0, -200, -234],
    })
    expect(units).toEqual({
      type: 'units',
      pictures: 40,
      layers: [{ layer: 'conv2d', activation: 'relu', units: 5, dead: 2, saturated: 0 }],
    })
  })

  it('a tanh is saturated when it is near an end for 95 % of the pictures; outputs are not counted', async () => {
    // |x| > 1.95 (tanh 0.96): for all; for none; for 39 of 40 (all but pixel 0); for 23 of 40 (from pixel 102 on).
    const units = await counted([flatten({ inputShape: [1, 1, 1] }), dense({ units: 4, activation: 'tanh' })], {
      'dense/kernel': [1, 0.001, -1, 0.02],
      'dense/bias': [5, 0, 0, 0],
    })
    expect(units?.layers).toEqual([{ layer: 'dense', activation: 'tanh', units: 4, dead: 0, saturated: 2 }])
  })

  it('activations as layers of their own count, those with a slope everywhere do not', async () => {
    const layers = [conv2d({ filters: 2, kernelSize: 1, inputShape: [1, 1, 1] }), batchNormalization()]
    const set = { 'conv2d/kernel': [1, 1], 'conv2d/bias': [0, 0], 'batch_normalization/beta': [-300, 1] }
    const units = await counted([...layers, reLU()], set)
    expect(units?.layers).toEqual([{ layer: 're_lu', activation: 'relu', units: 2, dead: 1, saturated: 0 }])
    expect(await counted([...layers, reLU({ negativeSlope: 0.1 })], set)).toBeUndefined()
  })

  it('places of a filter are taken together, in either order of axes', async () => {
    const wide = inMemory({ images: pixels, labels: new Uint8Array(10), shape: [1, 2, 2], classNames: ['any'] })
    const model = sequential([
      conv2d({
        filters: 2,
        kernelSize: 1,
        activation: 'relu',
        dataFormat: 'channelsFirst',
        inputShape: [1, 2, 2],
      }),
      flatten(),
      dense({ units: 2 }),
    ])
    const values = { ...initialWeights(model, 1), 'conv2d/kernel': [1, 1], 'conv2d/bias': [-230, -234] }
    const weights = model.weights.map(({ name, shape }) => ({
      name,
      shape,
      data: Float32Array.from(values[name as keyof typeof values] as ArrayLike<number>),
    }))
    const units = await countUnits(model, weights, wide, referenceDevice())
    expect(units?.layers).toMatchObject([{ units: 2, dead: 1 }])
  })
})
