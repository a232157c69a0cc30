/** The value of every layer, from the compiled device, against the float64 oracle. */
import { expect, test } from 'vitest'
import { type LayerValue, openModel } from '../../packages/fovea/src/explain/open-model.ts'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import type { Model } from '../../packages/fovea/src/network/model.ts'
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'
import { type ZooName, zoo } from '../../packages/fovea/src/network/zoo/zoo.ts'
import { referenceDevice } from '../../packages/fovea/src/runtime/reference.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'

/** Statistics as training leaves them: batch normalization of fresh weights would do next to nothing. */
function trainedLike(model: Model): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(initialWeights(model, 5)).map(([name, values]) => [
      name,
      Float32Array.from(values, (value, index) => (/variance$|gamma$/i.test(name) ? 0.5 + (index % 5) / 4 : value)),
    ]),
  )
}

async function look(model: Model, device: Parameters<typeof openModel>[0]['device'], picture: Float32Array) {
  const opened = await openModel({ model, weights: trainedLike(model), device })
  try {
    return await opened.look(picture)
  } finally {
    await opened.dispose()
  }
}

const largest = ({ data }: LayerValue): number => Math.max(...[...data].map(Math.abs))

/** Name in the zoo, picture, classes. */
export type Network = readonly [ZooName, readonly [number, number, number], number]

export function compareFeatureMaps(networks: readonly Network[]): void {
  test.each(networks)('feature maps equal the oracle’s: %s on %j', async (name, inputShape, classes) => {
    const model = zoo[name].build({ inputShape, classes })
    const size = inputShape.reduce((product, extent) => product * extent, 1)
    const picture = Float32Array.from({ length: size }, (_, index) => Math.round(127 + 120 * Math.sin(index * 0.7)))
    const [found, exact] = [
      await look(model, wasmDevice(nodeHost()), picture),
      await look(model, referenceDevice(), picture),
    ]
    expect(found.map(({ layer }) => layer)).toEqual(['input', ...model.layers.map(({ layer }) => layer.name)])
    for (const [index, value] of exact.entries()) {
      const scale = largest(value)
      expect(scale, value.layer).toBeGreaterThan(0)
      const own = found[index]!
      expect(own.shape).toEqual(value.shape)
      expect(own.data.length).toBe(value.data.length)
      const deviation = Math.max(...[...value.data].map((number, at) => Math.abs(number - own.data[at]!)))
      // Rounding of float32 (6e-8) through some dozen layers of sums.
      expect(deviation / scale, value.layer).toBeLessThan(1e-5)
    }
  })
}
