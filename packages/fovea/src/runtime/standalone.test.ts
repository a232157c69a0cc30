import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { startPredictor } from '../engine/predictor.ts'
import { inputRows } from '../engine/rows.ts'
import { lookGraph, openModel } from '../explain/open-model.ts'
import { nodeHost } from '../host/node/host.ts'
import { dense } from '../layers/dense.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import type { Model } from '../network/model.ts'
import { sequential } from '../network/sequential.ts'
import { zooModel } from '../network/zoo/zoo.ts'
import { someWeights } from './some-weights.testing.ts'
import { standaloneProgram } from './standalone.ts'
import { startStandalone } from './standalone-run.ts'
import { wasmDevice } from './wasm-device.ts'

const device = wasmDevice(nodeHost())
const clock = { now: () => 0, yieldToEvents: async () => {} }

function pictures(model: Model, count: number): Uint8Array {
  const size = model.inputs[0]!.shape.reduce((a, b) => a * b, 1)
  return Uint8Array.from({ length: count * size }, (_, index) => 128 + 127 * Math.sin(index * 0.37))
}

const sha = ({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): string =>
  createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')

const normalized = sequential([
  rescaling({ scale: 1 / 255, inputShape: [4, 4, 1] }),
  flatten(),
  dense({ units: 12, activation: 'tanh' }),
  batchNormalization(),
  dense({ units: 3, activation: 'softmax' }),
])

describe.each([
  ['mnist-cnn-course', zooModel('mnist-cnn-course').build()],
  ['cifar10-cnn', zooModel('cifar10-cnn').build()],
  ['lenet5', zooModel('lenet5').build()],
  ['dense layers with batch norm', normalized],
] as const)('%s, compiled to stand alone', (_, model) => {
  const weights = someWeights(model)
  const count = 3
  const data = pictures(model, count)
  const size = data.length / count
  const rows = Array.from({ length: count }, (_, row) => data.subarray(row * size, (row + 1) * size))

  it('predicts the same bits as the model itself', async () => {
    const run = await startStandalone(await standaloneProgram(lookGraph(model, 'u8'), weights))
    const predictor = startPredictor({ model, device, clock, threads: 2, weights })
    const inputs = inputRows(model, { shape: [count, ...model.inputs[0]!.shape], data })
    const { predictions } = await predictor.predict(inputs)
    await predictor.dispose()
    const expected = predictions[model.outputs[0]!.name]!
    const classes = expected.length / count
    expect(new Set(expected).size).toBeGreaterThan(classes)
    for (const [row, pixels] of rows.entries()) {
      const values = await run(pixels)
      expect(values[model.outputs[0]!.value]).toEqual(expected.slice(row * classes, (row + 1) * classes))
    }
  })

  it('gives every layer the same bits as the opened model', async () => {
    const run = await startStandalone(await standaloneProgram(lookGraph(model, 'u8'), weights))
    const opened = await openModel({ model, weights, device })
    const expected = await opened.look(rows[1]!)
    await opened.dispose()
    const values = await run(rows[1]!)
    expect(values.length).toBe(model.layers.length + 1)
    for (const [index, { data, layer }] of expected.entries()) expect(sha(values[index]!), layer).toBe(sha(data))
  })
})
