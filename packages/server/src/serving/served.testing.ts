/** Models to be served in tests: one that halves and adds two, as TensorFlow Serving's docs have it, and a small classifier of pictures. */
import { conv2d, dense, flatten, maxPooling2d, rescaling, sequential } from 'fovea'
import type { Servable } from './contract.ts'

/** x / 2 + 2 of every number. */
export const halfPlusTwo: Servable = {
  model: { inputs: [{ name: 'x', shape: [] }], outputs: [{ name: 'y', shape: [] }] },
  classNames: undefined,
  async predict(x) {
    const { shape, data } = x as { readonly shape: readonly number[]; readonly data: Float32Array }
    return { shape, data: Float32Array.from(data, value => value / 2 + 2) }
  },
  classify: (() => Promise.reject(new Error('it knows no classes'))) as Servable['classify'],
}

export const classNames = ['red', 'green', 'blue']

/** Of 4×4 colour pictures; dispose of it afterwards. */
export function colours() {
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: [4, 4, 3] }),
    conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu' }),
    maxPooling2d(),
    flatten(),
    dense({ units: 3, activation: 'softmax' }),
  ])
  model.classNames = classNames
  return model
}

/** A picture of 4×4 pixels, each in this colour. */
export const plainPicture = (red: number, green: number, blue: number) => ({
  width: 4,
  height: 4,
  data: Array.from({ length: 16 }, () => [red, green, blue]).flat(),
})
