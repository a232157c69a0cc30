import { describe, expect, it } from 'vitest'
import { nodeHost } from '../host/node/host.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { maxPooling2d } from '../layers/pooling.ts'
import { flatten } from '../layers/shaping.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { wasmDevice } from '../runtime/wasm-device.ts'
import { guidedGradient } from './guided-gradients.ts'
import { openModel } from './open-model.ts'
import { strongestPatches } from './strongest-patches.ts'

const model = sequential([
  conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [8, 7, 2] }),
  maxPooling2d(),
  conv2d({ filters: 4, kernelSize: 2, activation: 'relu' }),
  flatten(),
  dense({ units: 3, activation: 'softmax' }),
])
const dead = [2]
const weights = { ...initialWeights(model, 2), 'conv2d_1/bias': [1, 1, -1e3, 1] }
const pictures = Array.from({ length: 70 }, (_, picture) =>
  Float32Array.from({ length: 8 * 7 * 2 }, (_, index) => Math.abs(Math.sin(picture * 37.1 + index * 1.7)) * 2),
)

describe.each([
  ['reference', referenceDevice(), 12],
  ['wasm', wasmDevice(nodeHost()), 4],
] as const)('strongestPatches on %s', (_, device, digits) => {
  it.each(['conv2d', 'conv2d_1', 'dense'])('equals a look at every picture: %s', async layer => {
    const opened = await openModel({ model, weights, device })
    try {
      const index = 1 + model.layers.findIndex(call => call.layer.name === layer)
      const channels = model.layers[index - 1]!.outputShape.at(-1)!
      const values = []
      for (const picture of pictures) values.push((await opened.look(picture))[index]!.data)
      const found = await strongestPatches(opened, layer, pictures, { count: 5 })
      expect(found.map(({ filter }) => filter)).toEqual(Array.from({ length: channels }, (_, filter) => filter))
      for (const { filter, patches } of found) {
        const strongest = values.map((data, picture) => {
          const own = data.filter((_, number) => number % channels === filter)
          const value = Math.max(...own)
          return { picture, value, place: own.indexOf(value) }
        })
        const excited = strongest.filter(({ value }) => value > 0)
        const expected = excited.sort((a, b) => b.value - a.value).slice(0, 5)
        expect(patches.length === 0).toBe(layer === 'conv2d_1' && dead.includes(filter))
        expect(patches.map(({ picture }) => picture)).toEqual(expected.map(({ picture }) => picture))
        for (const [rank, { at, value }] of patches.entries()) {
          expect(value).toBeCloseTo(expected[rank]!.value, digits)
          const [, columns] = model.layers[index - 1]!.outputShape
          expect(at.length === 1 ? 0 : at[0]! * columns! + at[1]!).toBe(expected[rank]!.place)
        }
      }
    } finally {
      await opened.dispose()
    }
  })

  it('cuts out what the unit sees, with its guided gradient', async () => {
    const opened = await openModel({ model, weights, device })
    try {
      const { patches } = (await strongestPatches(opened, 'conv2d', pictures, { filters: [1] }))[0]!
      expect(patches).toHaveLength(9)
      for (const { picture, at, window, field, pixels, guided } of patches) {
        expect(window).toEqual({ top: at[0]! - 1, left: at[1]! - 1, height: 3, width: 3 })
        expect(field.uncut).toEqual(window)
        const gradient = await guidedGradient(opened, pictures[picture]!, { layer: 'conv2d', at })
        for (let number = 0; number < 18; number++) {
          const [row, column] = [window.top + Math.floor(number / 6), window.left + (Math.floor(number / 2) % 3)]
          const inside = row >= 0 && row < 8 && column >= 0 && column < 7
          const source = (row * 7 + column) * 2 + (number % 2)
          expect(pixels[number]).toBe(inside ? pictures[picture]![source] : 0)
          expect(guided[number]).toBeCloseTo(inside ? gradient[source]! : 0, 5)
        }
      }
      // What sees everything is shown everything.
      const [whole] = await strongestPatches(opened, 'dense', pictures, { filters: [0], count: 1 })
      expect(whole!.patches[0]!.window).toEqual({ top: 0, left: 0, height: 8, width: 7 })
      expect([...whole!.patches[0]!.pixels]).toEqual([...pictures[whole!.patches[0]!.picture]!])
    } finally {
      await opened.dispose()
    }
  })

  it('says which filters there are, and stops when told', async () => {
    const opened = await openModel({ model, weights, device })
    try {
      await expect(strongestPatches(opened, 'conv2d', pictures, { filters: [3] })).rejects.toThrow(/0 to 2/)
      const signal = AbortSignal.abort()
      await expect(strongestPatches(opened, 'conv2d', pictures, { signal })).rejects.toThrow(/abort/)
      const done: number[] = []
      await strongestPatches(opened, 'conv2d', pictures, { filters: [0], onProgress: count => done.push(count) })
      expect(done).toEqual([70])
    } finally {
      await opened.dispose()
    }
  })
})
