import { describe, expect, it } from 'vitest'
import { randomFlip } from '../layers/augmentation.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { add } from '../layers/merging.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { globalAveragePooling2d } from '../layers/pooling.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { apply } from '../layers/tensor.ts'
import { input, model } from './functional.ts'
import { withResizedPictures } from './resized-pictures.ts'
import { sequential } from './sequential.ts'

const conv = (filters: number) => conv2d({ filters, kernelSize: 3, padding: 'same' })

describe('a network on pictures of another size', () => {
  it('has the same weights, and resizes behind augmentation', () => {
    const whole = sequential([
      rescaling({ scale: 1 / 255, inputShape: [8, 8, 3] }),
      randomFlip({ mode: 'horizontal' }),
      conv(4),
      batchNormalization(),
      globalAveragePooling2d(),
      dense({ units: 2, activation: 'softmax' }),
    ])
    const small = withResizedPictures(whole, [6, 5])
    expect(small.weights).toEqual(whole.weights)
    expect(small.layers.map(({ layer }) => layer.type)).toEqual([
      ...['Rescaling', 'RandomFlip', 'Resizing', 'Conv2D', 'BatchNormalization', 'GlobalAveragePooling2D', 'Dense'],
    ])
    expect(small.layers.map(({ outputShape }) => outputShape)[3]).toEqual([6, 5, 4])
    expect(small.inputs).toEqual(whole.inputs)
    expect(small.outputs.map(({ name, shape }) => ({ name, shape }))).toEqual(
      whole.outputs.map(({ name, shape }) => ({ name, shape })),
    )
  })

  it('resizes for every branch', () => {
    const x = input({ shape: [8, 8, 3] })
    const scaled = apply(rescaling({ scale: 1 / 255 }), x)
    const sum = apply(add(), [apply(conv(3), scaled), scaled])
    const outputs = apply(dense({ units: 2, activation: 'softmax' }), apply(globalAveragePooling2d(), sum))
    const whole = model({ inputs: x, outputs })
    const small = withResizedPictures(whole, [4, 4])
    expect(small.weights).toEqual(whole.weights)
    expect(small.layers.find(({ layer }) => layer.type === 'Add')!.outputShape).toEqual([4, 4, 3])
  })

  it('is none where a weight or an output belongs to places, or where a layer does not fit', () => {
    const flat = sequential([
      conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1] }),
      flatten(),
      dense({ units: 2 }),
    ])
    expect(() => withResizedPictures(flat, [6, 6])).toThrow(
      /'dense\/kernel' belongs to places of the picture: \(72, 2\) would be \(32, 2\)[\s\S]*globalAveragePooling2d/,
    )
    expect(() => withResizedPictures(flat, [2, 2])).toThrow(/cannot be trained on pictures of 2 × 2/)
    const mlp = sequential([flatten({ inputShape: [8, 8, 1] }), dense({ units: 2 })])
    expect(() => withResizedPictures(mlp, [6, 6])).toThrow('its first weights are not of pictures')
    const local = sequential([conv2d({ filters: 2, kernelSize: 1, inputShape: [8, 8, 1] })])
    expect(() => withResizedPictures(local, [6, 6])).toThrow(/its output 'conv2d' is one of places/)
  })
})
