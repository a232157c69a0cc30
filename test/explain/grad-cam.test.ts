/** Grad-CAM against PyTorch on the same weights (recorded by record_grad_cam.py), on both devices. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { gradCamOf } from '../../packages/fovea/src/explain/grad-cam.ts'
import { openModel } from '../../packages/fovea/src/explain/open-model.ts'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { conv2d } from '../../packages/fovea/src/layers/conv.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { maxPooling2d } from '../../packages/fovea/src/layers/pooling.ts'
import { flatten } from '../../packages/fovea/src/layers/shaping.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'
import { referenceDevice } from '../../packages/fovea/src/runtime/reference.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'

interface Recorded {
  readonly weights: Readonly<Record<string, number[]>>
  readonly picture: number[]
  readonly shape: readonly [number, number]
  readonly cases: readonly { readonly class: number; readonly score: number; readonly map: number[] }[]
}
const recorded = JSON.parse(readFileSync(new URL('recorded-grad-cam.json', import.meta.url), 'utf8')) as Recorded

const model = sequential([
  conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [10, 8, 3] }),
  maxPooling2d({ poolSize: 2 }),
  conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' }),
  flatten(),
  dense({ units: 3, activation: 'softmax' }),
])

describe.each([
  ['reference', referenceDevice(), 1e-9],
  ['wasm', wasmDevice(nodeHost()), 1e-3],
] as const)('on %s', (_, device, tolerance) => {
  test('maps equal PyTorch’s', async () => {
    const opened = await openModel({ model, weights: recorded.weights, device })
    try {
      for (const { class: classIndex, map } of recorded.cases) {
        const found = await gradCamOf(opened, recorded.picture, classIndex)
        expect(found.layer).toBe('conv2d_1')
        expect([found.map.height, found.map.width]).toEqual(recorded.shape)
        const largest = Math.max(...map)
        expect(largest).toBeGreaterThan(0)
        for (const [index, value] of map.entries()) {
          expect(Math.abs(found.map.data[index]! - value)).toBeLessThanOrEqual(tolerance * largest)
        }
      }
    } finally {
      await opened.dispose()
    }
  })
})
