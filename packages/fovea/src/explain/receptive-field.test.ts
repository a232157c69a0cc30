/** Receptive fields against brute force: every pixel is changed in turn, and the units whose values change see it. */
import { describe, expect, it } from 'vitest'
import { reLU } from '../layers/activation-layers.ts'
import { conv2d } from '../layers/conv.ts'
import { conv2dTranspose } from '../layers/conv-transpose.ts'
import { customLayer } from '../layers/custom-layer.ts'
import { dense } from '../layers/dense.ts'
import { depthwiseConv2d, separableConv2d } from '../layers/depthwise.ts'
import { localResponseNormalization } from '../layers/layer-normalization.ts'
import { add, concatenate } from '../layers/merging.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { averagePooling2d, globalAveragePooling2d, globalMaxPooling2d, maxPooling2d } from '../layers/pooling.ts'
import { cropping2d, permute, reshape, zeroPadding2d } from '../layers/rearranging.ts'
import { rescaling } from '../layers/rescaling.ts'
import { centerCrop, resizing, upSampling2d } from '../layers/resizing.ts'
import { flatten } from '../layers/shaping.ts'
import { apply } from '../layers/tensor.ts'
import { chain, model as functional, input } from '../network/functional.ts'
import type { Model } from '../network/model.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { openModel } from './open-model.ts'
import { receptiveField } from './receptive-field.ts'

/** All weights positive and no two alike, so that nothing cancels and every change goes through. */
async function opened(model: Model) {
  const weights = Object.fromEntries(
    Object.entries(initialWeights(model, 1)).map(([name, values]) => [
      name,
      Float64Array.from(values, (_, index) => 0.05 + 0.01 * (index % 7)),
    ]),
  )
  return openModel({ model, weights, device: referenceDevice() })
}

/** For every layer and unit the rectangle around the pixels that move it. */
async function bruteForce(model: Model) {
  const look = await opened(model)
  const [height, width, channels] = model.inputs[0]!.shape as [number, number, number]
  const rest = (await look.look(new Float64Array(height * width * channels))).slice(1)
  const fields = rest.map(({ data }) => Array.from(data, () => ({ top: height, left: width, bottom: -1, right: -1 })))
  for (let pixel = 0; pixel < height * width; pixel++) {
    const picture = new Float64Array(height * width * channels).fill(1, pixel * channels, (pixel + 1) * channels)
    const [row, column] = [Math.floor(pixel / width), pixel % width]
    for (const [index, { data }] of (await look.look(picture)).slice(1).entries()) {
      for (const [unit, value] of data.entries()) {
        if (value === rest[index]!.data[unit]) continue
        const field = fields[index]![unit]!
        field.top = Math.min(field.top, row)
        field.left = Math.min(field.left, column)
        field.bottom = Math.max(field.bottom, row)
        field.right = Math.max(field.right, column)
      }
    }
  }
  return fields.map(units =>
    units.map(({ top, left, bottom, right }) =>
      bottom < 0
        ? { top: 0, left: 0, height: 0, width: 0 }
        : { top, left, height: bottom - top + 1, width: right - left + 1 },
    ),
  )
}

function placeOf(shape: readonly number[], unit: number): number[] {
  const at: number[] = []
  for (let axis = shape.length - 1, rest = unit; axis >= 0; axis--) {
    at.unshift(rest % shape[axis]!)
    rest = Math.floor(rest / shape[axis]!)
  }
  return at
}

const inputShape = [11, 9, 2]
const branches = (): Model => {
  const picture = input({ shape: inputShape })
  const stem = apply(conv2d({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' }), picture)
  const narrow = apply(conv2d({ filters: 2, kernelSize: 1 }), stem)
  const wide = chain(stem, conv2d({ filters: 2, kernelSize: 3, padding: 'same' }), batchNormalization())
  const joined = apply(concatenate(), [apply(add(), [narrow, wide]), stem])
  return functional({
    inputs: picture,
    outputs: chain(joined, conv2d({ filters: 2, kernelSize: 2 }), globalAveragePooling2d(), dense({ units: 2 })),
  })
}

const models: readonly (readonly [string, Model])[] = [
  [
    'convolutions and poolings, valid',
    sequential([
      rescaling({ scale: 0.5, inputShape }),
      conv2d({ filters: 2, kernelSize: 3, activation: 'relu' }),
      maxPooling2d(),
      conv2d({ filters: 2, kernelSize: 2, activation: 'relu' }),
      flatten(),
      dense({ units: 2, activation: 'relu' }),
    ]),
  ],
  [
    'padding, strides, dilation, windows that overlap',
    sequential([
      conv2d({ filters: 2, kernelSize: [3, 2], padding: 'same', inputShape }),
      maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      conv2d({ filters: 2, kernelSize: 3, padding: 'same', dilationRate: 2 }),
      averagePooling2d({ poolSize: 2, strides: 1 }),
      reLU(),
      globalMaxPooling2d(),
    ]),
  ],
  [
    'strides that leave pixels out',
    sequential([
      conv2d({ filters: 2, kernelSize: 1, strides: 2, inputShape }),
      conv2d({ filters: 2, kernelSize: 2, strides: 3 }),
    ]),
  ],
  [
    'zeros around, borders cut, groups and single channels',
    sequential([
      zeroPadding2d({
        padding: [
          [2, 0],
          [1, 3],
        ],
        inputShape,
      }),
      depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2 }),
      localResponseNormalization({ depthRadius: 1 }),
      cropping2d({
        cropping: [
          [1, 2],
          [0, 1],
        ],
      }),
      conv2d({ filters: 4, kernelSize: 2, groups: 2 }),
      separableConv2d({ filters: 2, kernelSize: 2, padding: 'same' }),
    ]),
  ],
  [
    'pixels spread apart',
    sequential([
      conv2d({ filters: 2, kernelSize: 2, strides: 2, inputShape }),
      conv2dTranspose({ filters: 2, kernelSize: [3, 2], strides: [2, 1], padding: 'same' }),
      conv2dTranspose({ filters: 2, kernelSize: 2, strides: 3 }),
      conv2dTranspose({ filters: 1, kernelSize: [2, 3], dilationRate: 2, padding: 'same', outputPadding: 0 }),
    ]),
  ],
  [
    'other sizes and orders',
    sequential([
      resizing({ height: 6, width: 7, inputShape }),
      upSampling2d({ size: [2, 1] }),
      conv2d({ filters: 2, kernelSize: 2 }),
      centerCrop({ height: 8, width: 4 }),
      permute({ dims: [2, 1, 3] }),
      reshape({ targetShape: [8, 4, 2] }),
      resizing({ height: 4, width: 4, interpolation: 'nearest' }),
    ]),
  ],
  [
    'channels first',
    sequential([
      permute({ dims: [3, 1, 2], inputShape }),
      conv2d({ filters: 3, kernelSize: 3, padding: 'same', dataFormat: 'channelsFirst' }),
      maxPooling2d({ dataFormat: 'channelsFirst' }),
      globalMaxPooling2d({ dataFormat: 'channelsFirst' }),
    ]),
  ],
  ['branches', branches()],
]

describe('receptiveField', () => {
  it.each(models)('equals brute force for every unit: %s', async (_, model) => {
    const fields = await bruteForce(model)
    for (const [index, { layer, outputShape }] of model.layers.entries()) {
      for (const [unit, expected] of fields[index]!.entries()) {
        const at = placeOf(outputShape, unit)
        const { top, left, height, width } = receptiveField(model, layer.name, at)
        expect({ top, left, height, width }, `${layer.name} at ${at}`).toEqual(expected)
      }
    }
  })

  it('without borders: size, stride and centre of every unit of a layer', () => {
    const model = sequential([
      conv2d({ filters: 1, kernelSize: 3, padding: 'same', inputShape: [28, 28, 1] }),
      maxPooling2d(),
      conv2d({ filters: 1, kernelSize: 3, padding: 'same' }),
      maxPooling2d(),
      flatten(),
      dense({ units: 2 }),
    ])
    // Sizes by hand: 3; + 1 = 4; + 2 · 2 = 8; + 1 · 2 = 10.
    expect(receptiveField(model, 'conv2d_1', [0, 3, 0])).toEqual({
      layer: 'conv2d_1',
      at: [0, 3, 0],
      ...{ top: 0, left: 3, height: 5, width: 8 },
      uncut: { top: -3, left: 3, height: 8, width: 8 },
      stride: [2, 2],
      centre: [0.5, 6.5],
    })
    const { uncut, stride } = receptiveField(model, 'max_pooling2d_1', [2, 2, 0])
    expect([uncut.height, uncut.width, ...stride]).toEqual([10, 10, 4, 4])
    expect(receptiveField(model, 'dense', [1])).toMatchObject({
      top: 0,
      left: 0,
      height: 28,
      width: 28,
      stride: [0, 0],
    })
  })

  it('is the whole picture behind a layer that is not known', () => {
    const own = customLayer('Own', (graph, x) => graph.mul(x, 2))
    const model = sequential([conv2d({ filters: 1, kernelSize: 2, inputShape: [4, 5, 1] }), own])
    const { layer } = model.layers[1]!
    expect(receptiveField(model, layer.name, [0, 0, 0])).toMatchObject({ top: 0, left: 0, height: 4, width: 5 })
    expect(receptiveField(model, 'conv2d', [1, 1, 0])).toMatchObject({ top: 1, left: 1, height: 2, width: 2 })
  })

  it('says which units there are', () => {
    const model = sequential([conv2d({ filters: 1, kernelSize: 2, inputShape: [4, 5, 1] })])
    expect(() => receptiveField(model, 'conv2d', [3, 0, 0])).toThrow(/below 3,4,1/)
    expect(() => receptiveField(model, 'conv', [0, 0, 0])).toThrow(/Did you mean 'conv2d'/)
    const pair = [input({ shape: [2] }), input({ shape: [2] })]
    const two = functional({ inputs: pair, outputs: apply(add({ name: 'sum' }), pair) })
    expect(() => receptiveField(two, 'sum', [0])).toThrow(/one input and one output/)
  })
})
