import { describe, expect, it } from 'vitest'
import { randomFlip, randomTranslation } from '../layers/augmentation.ts'
import { conv2d } from '../layers/conv.ts'
import type { Layer } from '../layers/layer.ts'
import { normalization, rescaling } from '../layers/rescaling.ts'
import { resizing } from '../layers/resizing.ts'
import { apply } from '../layers/tensor.ts'
import { augmentedPictures } from './augmentation.ts'
import { model as functional, input } from './functional.ts'
import { sequential } from './sequential.ts'

const inputShape = [3, 4, 1]
const picture = Uint8Array.from({ length: 12 }, (_, index) => index * 23)
const mirrored = Uint8Array.from(picture, (_, at) => picture[4 * Math.floor(at / 4) + 3 - (at % 4)]!)
const convolution = conv2d({ filters: 1, kernelSize: 3, padding: 'same' })

function variantsOf(layers: readonly Layer[], count = 16): number[][] {
  const variants = augmentedPictures(sequential(layers), picture, { count, seed: 1 })!
  const size = variants.data.length / count
  return Array.from({ length: count }, (_, index) => [...variants.data.subarray(index * size, (index + 1) * size)])
}

describe('augmented pictures', () => {
  it.each([
    ['alone', [randomFlip({ mode: 'horizontal', inputShape })]],
    [
      'behind a z-score',
      [normalization({ mean: 120.7, variance: 4115, inputShape }), randomFlip({ mode: 'horizontal' })],
    ],
    [
      'before a rescaling',
      [randomFlip({ mode: 'horizontal', inputShape }), rescaling({ scale: 1 / 127.5, offset: -1 })],
    ],
  ])('are the picture or its mirror image, to the byte, where the head mirrors: %s', (_, head) => {
    const variants = variantsOf([...head, convolution])
    const plain = variants.filter(variant => variant.join() === picture.join()).length
    const turned = variants.filter(variant => variant.join() === mirrored.join()).length
    expect(plain + turned).toBe(16)
    expect(Math.min(plain, turned)).toBeGreaterThan(0)
  })

  it('go through every random layer of the head', () => {
    const shift = randomTranslation({
      heightFactor: [0.34, 0.34],
      widthFactor: 0,
      fillMode: 'constant',
      interpolation: 'nearest',
    })
    const variants = variantsOf([
      rescaling({ scale: 1 / 255, inputShape }),
      randomFlip({ mode: 'horizontal' }),
      shift,
      convolution,
    ])
    const down = (bytes: Uint8Array) => [0, 0, 0, 0, ...bytes.subarray(0, 8)].join()
    expect(new Set(variants.map(variant => variant.join()))).toEqual(new Set([down(picture), down(mirrored)]))
  })

  it('have the size the head gives', () => {
    const head = [resizing({ height: 6, width: 8, inputShape }), randomFlip({ mode: 'vertical' })]
    const variants = augmentedPictures(sequential([...head, convolution]), picture, { count: 2, seed: 1 })!
    expect(variants.shape).toEqual([6, 8, 1])
    expect(variants.data.length).toBe(2 * 48)
  })

  it('do not exist where the head has nothing random', () => {
    const none = (layers: readonly Layer[]) => augmentedPictures(sequential(layers), picture, { count: 2, seed: 1 })
    expect(none([rescaling({ scale: 1 / 255, inputShape }), convolution])).toBeUndefined()
    expect(none([conv2d({ filters: 1, kernelSize: 3, inputShape }), randomFlip()])).toBeUndefined()
    const pictures = input({ shape: inputShape })
    const flipped = apply(randomFlip(), pictures)
    const branched = functional({ inputs: pictures, outputs: apply(convolution, flipped) })
    expect(augmentedPictures(branched, picture, { count: 3, seed: 1 })!.data.length).toBe(36)
  })
})
