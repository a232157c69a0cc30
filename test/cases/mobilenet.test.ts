/**
 * The zoo's MobileNetV2 against the trained one inside a Teachable Machine model: the same layers and weights by name, and with those
 * weights the features that TensorFlow.js computes.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sizeOf } from '../../packages/fovea/src/base/shape.ts'
import { openModel } from '../../packages/fovea/src/explain/open-model.ts'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { toCamel } from '../../packages/fovea/src/layers/options.ts'
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'
import { zoo } from '../../packages/fovea/src/network/zoo/zoo.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { missing } from './case-files.testing.ts'

const folder = 'outside/tm-tfjs/official-2019'
const reason = missing(`${folder}/model.json`, `${folder}/weights.bin`, `${folder}/expected.json`)
const json = (name: string) => JSON.parse(readFileSync(join(process.env['FOVEA_CASES']!, folder, name), 'utf8'))

interface StoredWeight {
  readonly name: string
  readonly shape: readonly number[]
}

/** Layers of the backbone, which has no nested model inside, in the file's order. */
function layerNames(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const { class_name: type, config } = value as { class_name?: string; config?: { name?: string; layers?: unknown } }
  const isLayer = typeof type === 'string' && config?.name !== undefined && config.layers === undefined
  return [...(isLayer ? [config.name!] : []), ...Object.values(value).flatMap(layerNames)]
}

describe.skipIf(reason !== undefined)(
  `MobileNetV2 0.35 of Teachable Machine${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    const model = zoo['mobilenet-v2'].build({ alpha: 0.35, classes: 2 })
    const read = () => {
      const { modelTopology, weightsManifest } = json('model.json')
      const stored = (weightsManifest as { weights: StoredWeight[] }[]).flatMap(({ weights }) => weights)
      const bytes = readFileSync(join(process.env['FOVEA_CASES']!, folder, 'weights.bin'))
      let at = 0
      const weights = stored.map(({ name, shape }) => {
        const values = new Float32Array(
          bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + 4 * sizeOf(shape)),
        )
        at += 4 * sizeOf(shape)
        const [layer, weight] = name.split('/') as [string, string]
        return { name: `${layer}/${toCamel(weight.replace('depthwise_', ''))}`, shape, values }
      })
      return { layers: layerNames(modelTopology), weights: weights.filter(({ name }) => !name.startsWith('dense')) }
    }

    test('has its layers and weights', () => {
      const { layers } = read()
      const own = model.layers.map(({ layer }) => layer.name)
      const last = own.indexOf('out_relu')
      expect(own.slice(own.indexOf('Conv1_pad'), last + 1)).toEqual(
        layers.slice(layers.indexOf('Conv1_pad'), layers.indexOf('out_relu') + 1),
      )
    })

    test('gives its features', async () => {
      const { weights } = read()
      const [ramp] = json('expected.json').cases as [{ features: { first16: number[]; sum: number; l2: number } }]
      const picture = Float32Array.from({ length: 224 * 224 * 3 }, (_, index) => (index * 7919) % 256)
      const own = initialWeights(model, 1)
      const trained = Object.fromEntries(weights.map(({ name, values }) => [name, values]))
      expect(
        Object.keys(own)
          .filter(name => !name.startsWith('predictions'))
          .sort(),
      ).toEqual(Object.keys(trained).sort())
      const opened = await openModel({ model, weights: { ...own, ...trained }, device: wasmDevice(nodeHost()) })
      const values = await opened.look(picture)
      await opened.dispose()
      const features = values.find(({ layer }) => layer === 'global_average_pooling2d')!.data as Float32Array
      const largest = Math.max(...features)
      for (const [index, value] of ramp.features.first16.entries()) {
        expect(Math.abs(features[index]! - value) / largest, `feature ${index}`).toBeLessThan(1e-4)
      }
      expect(features.reduce((sum, value) => sum + value, 0)).toBeCloseTo(ramp.features.sum, 2)
      expect(Math.hypot(...features)).toBeCloseTo(ramp.features.l2, 3)
    })
  },
)
