/** The module that needs nothing: its interface, its bits, its weights in fewer bits. */
import { describe, expect, it } from 'vitest'
import { predictEntry } from '../engine/predict-entry.ts'
import { startPredictor } from '../engine/predictor.ts'
import { inputRows } from '../engine/rows.ts'
import { nodeHost } from '../host/node/host.ts'
import type { Model } from '../network/model.ts'
import { zooModel } from '../network/zoo/zoo.ts'
import type { WeightBits } from './packed-weights.ts'
import { packedState, weightBits } from './packed-weights.ts'
import { someWeights } from './some-weights.testing.ts'
import { packedStates, standaloneModule } from './standalone-module.ts'
import { wasmDevice } from './wasm-device.ts'

const clock = { now: () => 0, yieldToEvents: async () => {} }

interface Exports {
  readonly memory: WebAssembly.Memory
  start(): void
  classify(): void
  readonly [constant: string]: unknown
}

async function started(model: Model, packing: WeightBits) {
  const { graph } = predictEntry(model).make(1, ['u8'])
  const bytes = await standaloneModule(graph, someWeights(model), { packing, about: { classNames: ['a', 'b'] } })
  const module = new WebAssembly.Module(bytes)
  const exports = new WebAssembly.Instance(module).exports as unknown as Exports
  const constant = (name: string): number => (exports[name] as WebAssembly.Global).value
  exports.start()
  const run = (pixels: Uint8Array): Float32Array => {
    expect(pixels.length).toBe(constant('input_bytes'))
    new Uint8Array(exports.memory.buffer, constant('input')).set(pixels)
    exports.classify()
    return new Float32Array(exports.memory.buffer, constant('output'), constant('outputs')).slice()
  }
  return { bytes, module, exports, constant, run }
}

describe.each(['mnist-cnn-course', 'cifar10-cnn', 'mnist-mlp', 'lenet5'] as const)('%s as a module', name => {
  const model = zooModel(name).build()
  const size = model.inputs[0]!.shape.reduce((a, b) => a * b, 1)
  const pictures = [3, 7].map(seed =>
    Uint8Array.from({ length: size }, (_, index) => 128 + 127 * Math.sin(index * 0.37 * seed)),
  )

  it('gives the bits of the model, call after call', async () => {
    const { run, exports } = await started(model, 'float32')
    const predictor = startPredictor({
      model,
      device: wasmDevice(nodeHost()),
      clock,
      threads: 2,
      weights: someWeights(model),
    })
    const data = new Uint8Array(2 * size)
    for (const [row, picture] of pictures.entries()) data.set(picture, row * size)
    const rows = inputRows(model, { shape: [2, ...model.inputs[0]!.shape], data })
    const predictions = (await predictor.predict(rows)).predictions[model.outputs[0]!.name]!
    await predictor.dispose()
    const classes = predictions.length / 2
    for (const row of [0, 1, 0])
      expect(run(pictures[row]!)).toEqual(predictions.slice(row * classes, (row + 1) * classes))
    expect(Object.keys(exports).sort()).toEqual(
      [
        'about',
        'about_bytes',
        'classify',
        'input',
        'input_bytes',
        'interface_version',
        'memory',
        'output',
        'outputs',
        'start',
      ].sort(),
    )
  })

  it('says of itself what it was given, in its memory and in a section', async () => {
    const { module, exports, constant } = await started(model, 'float16')
    const inMemory = new Uint8Array(exports.memory.buffer, constant('about'), constant('about_bytes'))
    const [section] = WebAssembly.Module.customSections(module, 'fovea')
    for (const bytes of [inMemory, new Uint8Array(section!)])
      expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual({ classNames: ['a', 'b'] })
    expect(WebAssembly.Module.imports(module)).toEqual([])
  })

  it('is smaller with weights in fewer bits, and close', async () => {
    const all = await Promise.all(weightBits.map(packing => started(model, packing)))
    const [whole, half, byte] = all.map(({ bytes }) => bytes.length)
    expect(half! / whole!).toBeLessThan(0.8)
    expect(byte! / half!).toBeLessThan(0.85)
    const [exact, ...others] = all.map(({ run }) => run(pictures[0]!))
    for (const [index, bound] of [2e-3, 6e-2].entries()) {
      const most = Math.max(...others[index]!.map((value, place) => Math.abs(value - exact![place]!)))
      expect(most).toBeGreaterThan(0)
      expect(most).toBeLessThan(bound)
    }
  })
})

it.each(['float16', 'int8'] as const)('%s: the host unpacks to the very weights of the module', async packing => {
  const model = zooModel('lenet5').build()
  const { graph } = predictEntry(model).make(1, ['u8'])
  const { run } = await started(model, packing)
  const picture = Uint8Array.from({ length: 784 }, (_, index) => (index * 7) % 256)
  const weights = await packedStates(graph, someWeights(model), packing)
  const predictor = startPredictor({ model, device: wasmDevice(nodeHost()), clock, threads: 1, weights })
  const rows = inputRows(model, { shape: [1, ...model.inputs[0]!.shape], data: picture })
  expect(run(picture)).toEqual((await predictor.predict(rows)).predictions[model.outputs[0]!.name])
  await predictor.dispose()
})

it('weights that half precision cannot hold, and few of them, stay as they are', () => {
  const state = (values: number[]) => ({ offset: 0, values: Float32Array.from(values), isKernel: true })
  expect(packedState(state([1e6, 1]), 'float16').packing).toBe('float32')
  expect(packedState(state([1, 2, 3]), 'int8').packing).toBe('float32')
  expect(packedState({ ...state(Array(64).fill(1)), isKernel: false }, 'int8').packing).toBe('float32')
})
