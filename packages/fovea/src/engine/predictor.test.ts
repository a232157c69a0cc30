/** Calls are computed together, each gets its own, and nobody waits for all the rows of another. */
import { describe, expect, it } from 'vitest'
import { nodeHost } from '../host/node/host.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { flatten } from '../layers/shaping.ts'
import { modelToConfig } from '../network/config.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import { wasmDevice } from '../runtime/wasm-device.ts'
import { encodeModelFile } from '../store/model-encoder.ts'
import { loadPredictor } from './load-predictor.ts'
import { startPredictor } from './predictor.ts'
import { recording } from './recording-device.testing.ts'
import { inputRows } from './rows.ts'

const host = nodeHost()
const model = sequential([
  conv2d({ filters: 9, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
  flatten(),
  dense({ units: 10, activation: 'softmax' }),
])
const weights = initialWeights(model, 2)
const size = 64
const pictures = (count: number) => Uint8Array.from({ length: count * size }, (_, index) => (index * 7919) % 251)
const pictureAt = (all: Uint8Array, row: number) => all.subarray(row * size, (row + 1) * size)

function started() {
  const recorded = recording(wasmDevice(host))
  const predictor = startPredictor({ model, device: recorded.device, clock: host, threads: 2, weights })
  const ask = async (data: Uint8Array, options = {}) =>
    (await predictor.predict(inputRows(model, data), options)).predictions['dense']!
  return { recorded, predictor, ask }
}

describe('calls that arrive together', () => {
  it('are computed in one step, with the bits of each alone', async () => {
    const { recorded, predictor, ask } = started()
    const all = pictures(12)
    const rows = Array.from({ length: 12 }, (_, row) => pictureAt(all, row))
    const together = await Promise.all(rows.map(row => ask(row)))
    expect(recorded.runs).toEqual([{ entry: 'predict', steps: 1, rows: [12] }])
    for (const [row, picture] of rows.entries()) expect(await ask(picture)).toEqual(together[row])
    const whole = await ask(all)
    expect(new Set(whole).size).toBeGreaterThan(50)
    for (const [row, given] of together.entries()) expect(given).toEqual(whole.slice(row * 10, (row + 1) * 10))
    await predictor.dispose()
  })

  it('of any size get their own rows', async () => {
    const { predictor, ask } = started()
    const all = pictures(90)
    const expected = await ask(all, { batchSize: 90 })
    const sizes = [1, 40, 3, 33, 13]
    let begin = 0
    const parts = sizes.map(count => {
      const part = all.subarray(begin * size, (begin + count) * size)
      begin += count
      return ask(part, { batchSize: 8 })
    })
    expect(Float32Array.from((await Promise.all(parts)).flatMap(part => [...part]))).toEqual(expected)
    await predictor.dispose()
  })

  it('while others are computed: a small one does not wait for all rows of a large one', async () => {
    const { predictor, ask } = started()
    const told: string[] = []
    const large = ask(pictures(4000), {
      batchSize: 8,
      onProgress: (batch: number) => {
        if (batch === 1) void ask(pictures(1)).then(() => told.push('small'))
      },
    }).then(() => told.push('large'))
    await large
    expect(told).toEqual(['small', 'large'])
    await predictor.dispose()
  })
})

it('a call whose signal is aborted ends incomplete; others go on', async () => {
  const { predictor } = started()
  const controller = new AbortController()
  const rows = inputRows(model, pictures(4000))
  const stopped = predictor.predict(rows, {
    batchSize: 8,
    signal: controller.signal,
    onProgress: batch => batch === 2 && controller.abort(),
  })
  const other = predictor.predict(inputRows(model, pictures(3)))
  expect((await stopped).complete).toBe(false)
  expect((await other).complete).toBe(true)
  expect((await predictor.predict(rows, { signal: controller.signal })).complete).toBe(false)
  await predictor.dispose()
})

it('a call that fails does not take others with it', async () => {
  const { predictor, ask } = started()
  const failing = ask(pictures(2), {
    onProgress: () => {
      throw new Error('nobody listens')
    },
  })
  await expect(failing).rejects.toThrow('nobody listens')
  expect((await ask(pictures(2))).length).toBe(20)
  await predictor.dispose()
})

describe('a saved model', () => {
  const file = encodeModelFile({
    weights: model.weights.map(({ name, shape }) => ({ name, shape, data: weights[name]! })),
    model: modelToConfig(model) as never,
    classNames: Array.from({ length: 10 }, (_, index) => `class ${index}`),
  })
  const platform = { device: () => wasmDevice(host), clock: host }

  it('is asked without anything else', async () => {
    const loaded = await loadPredictor(platform, file, { threads: 1 })
    const { ask, predictor } = started()
    const data = pictures(5)
    expect(loaded.classNames?.[3]).toBe('class 3')
    expect(await loaded.predict({ shape: [5, 8, 8, 1], data })).toEqual({ shape: [5, 10], data: await ask(data) })
    expect(loaded.info).toMatchObject({ device: 'wasm', threads: 1 })
    await loaded.dispose()
    await predictor.dispose()
  })

  it('that is none, or options that do not exist, are refused', async () => {
    const alone = encodeModelFile({ weights: [{ name: 'a', shape: [1], data: Float32Array.of(1) }] })
    await expect(loadPredictor(platform, alone)).rejects.toThrow(/not the model they belong to/)
    await expect(loadPredictor(platform, 'model.safetensors')).rejects.toThrow(/no files here/)
    await expect(loadPredictor(platform, file, { thread: 1 } as never)).rejects.toThrow(/threads/)
    const loaded = await loadPredictor(platform, file)
    const stopped = loaded.predict(pictures(1), { signal: AbortSignal.abort('enough') })
    await expect(stopped).rejects.toBe('enough')
    await loaded.dispose()
  })
})
