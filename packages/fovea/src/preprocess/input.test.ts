import { describe, expect, it } from 'vitest'
import type { Picture } from '../base/picture.ts'
import { type PreprocessSpec, parseSpec, specOf } from '../base/preprocess-spec.ts'
import { withSources } from '../data/dataset.ts'
import { readPictures } from '../data/read-pictures.ts'
import { epochOrder } from './epoch-order.ts'
import { pictureToInput } from './input.ts'
import { prepareDataset } from './prepared-pictures.ts'

const even = (width: number, height: number, ...colour: number[]): Picture => ({
  width,
  height,
  channels: colour.length as Picture['channels'],
  data: Uint8Array.from({ length: width * height * colour.length }, (_, at) => colour[at % colour.length]!),
})

const colourSpec: PreprocessSpec = { shape: [4, 4, 3], channels: 'rgb', resize: 'cover' }
const greySpec: PreprocessSpec = { shape: [4, 6, 1], channels: 'grey', resize: 'stretch' }
const mnistSpec = specOf({ name: 'mnist', shape: [28, 28, 1] })

describe('pictureToInput', () => {
  it('fits channels and size', () => {
    expect([...pictureToInput(even(9, 5, 10, 20, 30), colourSpec).pixels.subarray(0, 6)]).toEqual([
      10, 20, 30, 10, 20, 30,
    ])
    expect(pictureToInput(even(9, 5, 10, 20, 30), colourSpec).pixels.length).toBe(48)
    expect([...pictureToInput(even(9, 5, 255, 0, 0, 255), greySpec).pixels]).toEqual(new Array(24).fill(76))
    expect([...pictureToInput(even(3, 3, 7), colourSpec).pixels]).toEqual(new Array(48).fill(7))
  })

  it('says what covering cuts away', () => {
    expect(pictureToInput(even(100, 7, 1), colourSpec).notes).toEqual(['only the middle was looked at: 7×7 of 100×7'])
    expect(pictureToInput(even(50, 50, 1), colourSpec).notes).toEqual([])
  })

  it("with 'none' takes the one size only", () => {
    const spec: PreprocessSpec = { ...greySpec, resize: 'none' }
    expect(pictureToInput(even(6, 4, 9), spec).pixels.length).toBe(24)
    expect(() => pictureToInput(even(4, 6, 9), spec)).toThrow(/another size[\s\S]*6×4[\s\S]*4×6/)
  })

  it('reads a digit drawn on transparency, in dark or in white', () => {
    for (const ink of [0, 255]) {
      const picture = even(50, 50, ink, ink, ink, 0)
      for (let row = 10; row < 40; row++)
        for (let column = 20; column < 26; column++) picture.data[(row * 50 + column) * 4 + 3] = 255
      const { pixels, notes } = pictureToInput(picture, mnistSpec)
      expect(pixels.filter(value => value === 255).length).toBe(4 * 20)
      expect(notes.join()).toContain(ink === 0 ? 'inverted' : 'laid on black')
    }
  })

  it('raw only stretches', () => {
    const picture = even(56, 28, 200)
    const { pixels, notes } = pictureToInput(picture, mnistSpec, { raw: true })
    expect(pixels.every(value => value === 200)).toBe(true)
    expect(notes).toEqual(['stretched from 56×28 to 28×28'])
    expect(pictureToInput(even(28, 28, 200), mnistSpec, { raw: true }).notes).toEqual([])
  })

  it('pads last', () => {
    const spec = specOf({ name: 'mnist', shape: [28, 28, 1] }, 2)
    expect(spec.shape).toEqual([32, 32, 1])
    const { pixels } = pictureToInput(even(28, 28, 9), spec, { raw: true })
    expect(pixels.length).toBe(1024)
    expect([pixels[0], pixels[2 * 32 + 1], pixels[2 * 32 + 2], pixels[29 * 32 + 29], pixels[30 * 32 + 29]]).toEqual([
      0, 0, 9, 9, 0,
    ])
  })
})

describe('prepareDataset', () => {
  const split = { images: Uint8Array.from({ length: 12 }, (_, at) => at + 1), labels: Uint8Array.of(1, 0, 1), count: 3 }
  const dataset = withSources({ name: 'mnist', shape: [2, 2, 1], classNames: ['a', 'b'], train: split, test: split })

  it('gives the same pictures when they fit already', () => {
    const spec: PreprocessSpec = { shape: [2, 2, 1], channels: 'grey', resize: 'contain', digit: { box: 2 } }
    const prepared = prepareDataset(dataset, spec)
    expect(prepared.train).toBe(dataset.train)
    expect(prepared.test).toBe(dataset.test)
  })

  it('pads every picture and never runs the digit recipe', async () => {
    const spec: PreprocessSpec = { shape: [4, 4, 1], channels: 'grey', resize: 'contain', digit: { box: 2 }, pad: 1 }
    const { shape, train } = prepareDataset(dataset, spec)
    expect(shape).toEqual([4, 4, 1])
    expect([...(await readPictures(train, Int32Array.of(1)))]).toEqual([0, 0, 0, 0, 0, 5, 6, 0, 0, 7, 8, 0, 0, 0, 0, 0])
    expect(train.labels).toBe(split.labels)
  })
})

describe('specification', () => {
  it('suits the data set', () => {
    expect(mnistSpec).toEqual({ shape: [28, 28, 1], channels: 'grey', resize: 'contain', digit: { box: 20 } })
    expect(specOf({ name: 'cifar-10', shape: [32, 32, 3] })).toEqual({
      shape: [32, 32, 3],
      channels: 'rgb',
      resize: 'cover',
    })
    expect(specOf({ name: 'fashion-mnist', shape: [28, 28, 1] }).digit).toBeUndefined()
  })

  it('survives JSON and is checked', () => {
    const padded = specOf({ name: 'mnist', shape: [28, 28, 1] }, 2)
    expect(parseSpec(JSON.parse(JSON.stringify(padded)))).toEqual(padded)
    expect(() => parseSpec(null)).toThrow(/takes a record/)
    expect(() => parseSpec({ shape: [1, 2, 0], channels: 'red' })).toThrow(
      /"shape\[2\]"[\s\S]*"channels"[\s\S]*"resize"/,
    )
    expect(() => parseSpec({ ...greySpec, shape: [1e9, 1e9, 1] })).toThrow(/16384/)
    expect(() => parseSpec({ ...colourSpec, channels: 'grey' })).toThrow(/grey goes with 1 channels/)
    expect(() => parseSpec({ ...colourSpec, digit: { box: 2 } })).toThrow(/digit goes with channels 'grey'/)
    expect(() => parseSpec({ ...greySpec, pad: 2 })).toThrow(/larger than pad/)
    expect(() => parseSpec({ ...greySpec, digit: { box: 5 } })).toThrow(/digit box/)
    expect(() => parseSpec({ ...greySpec, resize: 'crop' })).toThrow(/"none", "stretch"/)
  })
})

describe('epochOrder', () => {
  it('is a pure function of key and epoch', () => {
    const first = epochOrder([1, 2], 0, 100)
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index))
    expect(epochOrder([1, 2], 0, 100)).toEqual(first)
    expect(epochOrder([1, 2], 1, 100)).not.toEqual(first)
    expect(epochOrder([1, 3], 0, 100)).not.toEqual(first)
    expect([...epochOrder([1, 2], 5, 4, false)]).toEqual([0, 1, 2, 3])
  })
})
