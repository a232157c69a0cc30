/** Guided gradients against PyTorch on the same weights (recorded by record_guided_gradients.py), on both devices. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type GradientTarget, guidedGradient } from '../../packages/fovea/src/explain/guided-gradients.ts'
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
  readonly cases: readonly (GradientTarget & { readonly gradient: number[] })[]
}
const recorded = JSON.parse(
  readFileSync(new URL('recorded-guided-gradients.json', import.meta.url), 'utf8'),
) as Recorded

const model = sequential([
  conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [10, 9, 3] }),
  maxPooling2d({ poolSize: 2 }),
  conv2d({ filters: 5, kernelSize: 3, activation: 'tanh' }),
  conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' }),
  flatten(),
  dense({ units: 7, activation: 'relu' }),
  dense({ units: 3, activation: 'softmax' }),
])

describe.each([
  ['reference', referenceDevice(), 1e-12],
  ['wasm', wasmDevice(nodeHost()), 1e-5],
] as const)('on %s', (_, device, tolerance) => {
  test('gradients of classes and units equal PyTorch’s', async () => {
    const opened = await openModel({ model, weights: recorded.weights, device })
    try {
      for (const { gradient, ...target } of recorded.cases) {
        const found = await guidedGradient(opened, recorded.picture, target as GradientTarget)
        const largest = Math.max(...gradient.map(Math.abs))
        expect(largest).toBeGreaterThan(0)
        expect(found.length).toBe(gradient.length)
        const deviation = Math.max(...gradient.map((value, index) => Math.abs(found[index]! - value)))
        expect(deviation / largest, JSON.stringify(target)).toBeLessThanOrEqual(tolerance)
      }
    } finally {
      await opened.dispose()
    }
  })

  test('says which classes, layers and units there are', async () => {
    const opened = await openModel({ model, weights: recorded.weights, device })
    try {
      const of = (target: GradientTarget) => guidedGradient(opened, recorded.picture, target)
      await expect(of({ class: 3 })).rejects.toThrow(/0 to 2/)
      await expect(of({ layer: 'conv2d_1', at: [3, 0, 0] })).rejects.toThrow(/below 3,2,5/)
      await expect(of({ layer: 'dense', at: [0, 0, 0] })).rejects.toThrow(/below 7/)
      await expect(of({ layer: 'conv2d_9', at: [0, 0, 0] })).rejects.toThrow(/Did you mean 'conv2d/)
    } finally {
      await opened.dispose()
    }
  })
})
