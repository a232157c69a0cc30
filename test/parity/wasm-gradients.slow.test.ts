/** First training step of the seven models: every gradient tensor of the WebAssembly device within 2e-4 of the float64 reference. */
import { describe, expect, it } from 'vitest'
import { loadDataset } from '../../packages/fovea/src/host/node/datasets.ts'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { gradientDistances } from './gradient-parity.ts'
import { hasPictures, recordedModels } from './recorded.ts'

describe.skipIf(!hasPictures)('first gradients of the WebAssembly device', () => {
  for (const threads of [1, 2]) {
    it.each(recordedModels)(`%s, threads: ${threads}`, async (name, { dataset, batch }) => {
      const { train } = await loadDataset(dataset, { offline: true })
      const distances = await gradientDistances(wasmDevice(nodeHost()), name, train, batch, { threads })
      for (const { tensor, relative } of distances) expect(relative, tensor).toBeLessThanOrEqual(2e-4)
      console.info(`${name}: ${Math.max(...distances.map(({ relative }) => relative)).toExponential(1)}`)
    })
  }
})
