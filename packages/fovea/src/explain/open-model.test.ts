import { describe, expect, it } from 'vitest'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { globalAveragePooling2d, maxPooling2d } from '../layers/pooling.ts'
import { flatten } from '../layers/shaping.ts'
import type { Model } from '../network/model.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import { pictureToInput } from '../preprocess/input.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { convolutionByHand } from './convolution-by-hand.ts'
import { heatOver } from './drawing.ts'
import { gradCamOf } from './grad-cam.ts'
import { guidedGradient } from './guided-gradients.ts'
import { occlusion, occlusionByPixel } from './occlusion.ts'
import { openClassifier, openModel } from './open-model.ts'
import { enlarged } from './picture-grid.ts'

async function opened(model: Model) {
  const weights = initialWeights(model, 3)
  return { weights, look: await openModel({ model, weights, device: referenceDevice() }) }
}

const picture = (size: number): Float64Array =>
  Float64Array.from({ length: size }, (_, index) => Math.sin(index * 1.7) * 3)

describe('convolutionByHand', () => {
  it.each([
    ['plain', {}],
    ['same', { padding: 'same' }],
    ['strides', { strides: 2, padding: 'same' }],
    ['dilation', { dilationRate: 2 }],
    ['groups', { groups: 2, activation: 'tanh' }],
    ['an uneven kernel', { kernelSize: [2, 3], padding: 'same', activation: 'elu' }],
    ['no bias', { useBias: false, activation: { type: 'leakyRelu', negativeSlope: 0.2 } }],
  ] as const)('equals the network: %s', async (_, options) => {
    const model = sequential([
      conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [9, 8, 2] }),
      conv2d({ filters: 6, kernelSize: 3, ...options }),
    ])
    const { weights, look } = await opened(model)
    const values = await look.look(picture(9 * 8 * 2))
    const [rows, columns] = model.layers[1]!.outputShape as [number, number]
    for (const at of [
      [0, 0, 0],
      [rows - 1, columns - 1, 5],
      [1, 1, 3],
    ] as const) {
      const hand = convolutionByHand(model, weights, values, 'conv2d_1', at)
      expect(hand.value).toBeCloseTo(hand.networkValue, 12)
      expect(hand.sum).toBeCloseTo(
        hand.products.flat(2).reduce((a, b) => a + b, 0),
        12,
      )
      expect(hand.products[0]![0]![0]).toBe(hand.receptiveField[0]![0]![0]! * hand.kernel[0]![0]![0]!)
    }
    expect(values[2]!.data.some(value => value !== 0)).toBe(true)
  })

  it('says what cannot be written out', async () => {
    const model = sequential([
      conv2d({ filters: 2, kernelSize: 3, inputShape: [5, 5, 1] }),
      flatten(),
      dense({ units: 2 }),
    ])
    const { weights, look } = await opened(model)
    const values = await look.look(picture(25))
    expect(() => convolutionByHand(model, weights, values, 'dense', [0, 0, 0])).toThrow(
      /cannot be written out[\s\S]*conv2d/,
    )
    expect(() => convolutionByHand(model, weights, values, 'conv2d', [3, 0, 0])).toThrow(/below 3,3,2/)
    expect(() => convolutionByHand(model, weights, values, 'conv', [0, 0, 0])).toThrow(/conv2d/)
  })
})

describe('gradients and maps', () => {
  const model = sequential([
    conv2d({ filters: 3, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1] }),
    maxPooling2d({ poolSize: 2 }),
    flatten(),
    dense({ units: 4, activation: 'softmax' }),
  ])

  it('the score’s gradient by the layer before the last is the last layer’s kernel', async () => {
    const { weights, look } = await opened(model)
    const gradients = await look.scoreGradients(picture(36), 2)
    const kernel = weights['dense/kernel']!
    const flat = gradients.find(({ layer }) => layer === 'flatten')!
    for (const [index, value] of flat.data.entries()) expect(value).toBeCloseTo(kernel[index * 4 + 2]!, 12)
    expect(gradients[0]!.shape).toEqual([6, 6, 1])
    await expect(look.scoreGradients(picture(36), 4)).rejects.toThrow(/no such class/)
    await expect(look.look(picture(35))).rejects.toThrow(/36 numbers/)
  })

  it('one sigmoid unit tells two classes apart', async () => {
    const binary = sequential([
      flatten({ inputShape: [2, 2, 1] }),
      dense({ units: 3, activation: 'relu' }),
      dense({ units: 1, activation: 'sigmoid' }),
    ])
    const { weights, look } = await opened(binary)
    expect(look.classes).toBe(2)
    const kernel = weights['dense_1/kernel']!
    const [no, yes] = await Promise.all([0, 1].map(index => look.scoreGradients(picture(4), index)))
    for (const unit of [0, 1, 2]) {
      expect(yes![2]!.data[unit]).toBeCloseTo(kernel[unit]!, 12)
      expect(no![2]!.data[unit]).toBeCloseTo(-kernel[unit]!, 12)
    }
    const [p] = await look.predict([picture(4)])
    const own = (await look.look(picture(4))).at(-1)!.data[0]!
    expect([...p!]).toEqual([1 - own, own])
    const { probability, drops } = await occlusion(look, picture(4), 0, { patch: 1 })
    expect(probability).toBe(1 - own)
    expect([drops.height, drops.width]).toEqual([2, 2])
  })

  it('a unit that only sees the upper left is explained there, by Grad-CAM and by occlusion', async () => {
    const seeing = sequential([
      conv2d({ filters: 1, kernelSize: 1, useBias: false, inputShape: [8, 8, 1] }),
      globalAveragePooling2d(),
      dense({ units: 2, activation: 'softmax' }),
    ])
    const look = await openModel({
      model: seeing,
      weights: { 'conv2d/kernel': [1], 'dense/kernel': [20, -20], 'dense/bias': [0, 0] },
      device: referenceDevice(),
    })
    const bright = new Float64Array(64)
    for (const index of [0, 1, 8, 9]) bright[index] = 1
    const { map } = await gradCamOf(look, bright, 0)
    expect(map.data[0]).toBeGreaterThan(0)
    expect(map.data[63]).toBe(0)
    const { drops, patch } = await occlusion(look, bright, 0, { patch: 2, stride: 2 })
    expect([drops.height, drops.width, patch]).toEqual([4, 4, 2])
    expect(Math.max(...drops.data)).toBe(drops.data[0])
    expect(drops.data[0]).toBeGreaterThan(0.1)
    // The bright square is at rows and columns 0 and 1: so is the heat.
    const pixels = occlusionByPixel({ drops, patch, stride: 2, probability: 1 }, 8, 8)
    for (const index of [0, 1, 8, 9]) expect(pixels.data[index]).toBe(drops.data[0])
    expect(pixels.data[2]).toBe(drops.data[1])
    expect(pixels.data[63]).toBe(drops.data[15])
  })
})

describe('openClassifier', () => {
  it('looks into the weights that the classifier has now', async () => {
    const model = sequential([dense({ units: 2, useBias: false, inputShape: [2] })])
    const data = [1, 2, 3, 4]
    const classifier = { model, getWeights: async () => [{ name: 'dense/kernel', data }] }
    const look = await openClassifier(classifier, referenceDevice())
    expect(look.weights).toEqual({ 'dense/kernel': data })
    expect((await look.look([1, 10])).map(({ data }) => [...data])).toEqual([
      [1, 10],
      [31, 42],
    ])
  })
})

describe('a photograph', () => {
  const model = sequential([
    conv2d({ filters: 3, kernelSize: 3, activation: 'relu', inputShape: [8, 6, 3] }),
    flatten(),
    dense({ units: 3, activation: 'softmax' }),
  ])
  const data = Uint8Array.from({ length: 20 * 30 * 3 }, (_, index) => (index * 31) % 256)
  const photo = { width: 20, height: 30, channels: 3, data } as const
  const preprocess = { shape: [8, 6, 3], channels: 'rgb', resize: 'stretch' } as const
  const classNames = ['glass', 'metal', 'paper']
  const look = () =>
    openModel({ model, weights: initialWeights(model, 3), device: referenceDevice(), preprocess, classNames })

  it('is made to fit as classify does, and classes go by their names', async () => {
    const opened = await look()
    const { pixels } = pictureToInput(photo, preprocess)
    expect(opened.fitting(photo)).toEqual({ width: 6, height: 8, channels: 3, data: pixels })
    // What fits already is left as it is, whatever the specification would do to it.
    expect(opened.fitting(opened.fitting(photo)).data).toEqual(pixels)
    expect(await opened.predict([photo])).toEqual(await opened.predict([pixels]))
    expect(await opened.look(photo)).toEqual(await opened.look(pixels))
    expect(await gradCamOf(opened, photo, 'metal')).toEqual(await gradCamOf(opened, pixels, 1))
    expect(await occlusion(opened, photo, 'metal')).toEqual(await occlusion(opened, pixels, 1))
    expect(await guidedGradient(opened, photo, { class: 'metal' })).toEqual(
      await guidedGradient(opened, pixels, { class: 1 }),
    )
    await expect(gradCamOf(opened, photo, 'metall')).rejects.toThrow(/glass, metal, paper[\s\S]*Did you mean 'metal'/)
    await expect(gradCamOf(opened, photo, 3)).rejects.toThrow(/0 to 2/)
  })

  it('is refused with a way on where nothing says how to make it fit', async () => {
    const opened = await openModel({ model, weights: initialWeights(model, 3), device: referenceDevice() })
    await expect(gradCamOf(opened, photo, 0)).rejects.toThrow(/\(8, 6, 3\)[\s\S]*\(30, 20, 3\)[\s\S]*model\.preprocess/)
    await expect(gradCamOf(opened, photo.data, 0)).rejects.toThrow(/does not fit[\s\S]*pictureToInput/)
    await expect(gradCamOf(opened, photo, 'metal')).rejects.toThrow(/no such class/)
    await expect(gradCamOf(opened, 'photo.jpg' as never, 0)).rejects.toThrow(/a picture \{width/)
  })

  it('of other proportions is not drawn over', async () => {
    const opened = await look()
    const { map } = await gradCamOf(opened, photo, 'metal')
    expect(() => heatOver(photo, map)).toThrow(/6×8[\s\S]*20×30[\s\S]*opened\.fitting/)
    expect(heatOver(enlarged(opened.fitting(photo)), map).width % 6).toBe(0)
    const byPixel = occlusionByPixel(await occlusion(opened, photo, 0), 8, 6)
    expect(() => heatOver(photo, byPixel)).toThrow(/proportions/)
    expect(heatOver(opened.fitting(photo), byPixel).height).toBe(8)
  })

  it('comes with what the classifier knows', async () => {
    const own = await openClassifier(
      {
        model,
        preprocess,
        classNames,
        getWeights: async () => Object.entries(initialWeights(model, 3)).map(([name, data]) => ({ name, data })),
      },
      referenceDevice(),
    )
    expect((await gradCamOf(own, photo, 'paper')).layer).toBe('conv2d')
  })
})
