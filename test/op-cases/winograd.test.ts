/** Winograd's algorithms on the WebAssembly device: F(2×2) exact on whole numbers, F(4×4) within its bound, both with any row count and threads. */
import { describe, expect, it } from 'vitest'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { conv2d, dense, flatten, sequential } from '../../packages/fovea/src/index.ts'
import type { CompileSettings } from '../../packages/fovea/src/runtime/device.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import type { OpCase } from './case.ts'
import { convolutionCases } from './convolution-cases.ts'
import { runCases } from './run-case.ts'
import { largeFilters, winogradCase, winogradCases } from './winograd-cases.ts'

const run = (cases: readonly OpCase[], algorithm: NonNullable<CompileSettings['algorithm']>, threads: number) =>
  runCases(wasmDevice(nodeHost()), cases, { algorithm, threads })

describe('Winograd', () => {
  const exact = winogradCases(60, 'integers', { exact: true })
  it.each([1, 2])('F(2×2) equals the plain loop bit for bit on whole numbers, %i threads', async threads => {
    expect(await run(exact, 'winograd2', threads)).toEqual([])
  })
  const close = winogradCases(60, 'normal', { leastChannels: 4 })
  it.each([1, 2])('F(4×4) is within its bound, %i threads', async threads => {
    expect(await run(close, 'winograd4', threads)).toEqual([])
  })
  it('stays within its bound where one large number stands among zeros', async () => {
    const spike = (index: number): number => (index === 1171 ? 1000 : 0)
    expect(await run(winogradCases(40, spike, { leastChannels: 8 }), 'winograd4', 1)).toEqual([])
  })
  const cases = convolutionCases().filter(({ name }) =>
    /conv2d.*, (a spike|(9 to 7|8 to 16|16 to 32) channels)/.test(name),
  )
  it.each(['auto', 'winograd4'] as const)('%s: the convolutions of the op cases are within it', async algorithm => {
    expect(cases).toHaveLength(12)
    expect(await run(cases, algorithm, 2)).toEqual([])
  })
  it('transforms the whole batch where filters are large', async () => {
    const exact = largeFilters.map(shape => winogradCase('large', shape, 'integers', true))
    expect(await run(exact, 'winograd2', 2)).toEqual([])
    const close = largeFilters.map(shape => winogradCase('large', shape, 'normal'))
    expect(await run(close, 'winograd4', 2)).toEqual([])
  })
  it('gives a picture the same bits alone and in any batch, however many tiles are left over', async () => {
    const model = sequential([
      conv2d({ filters: 100, kernelSize: 3, padding: 'same', inputShape: [4, 4, 98] }),
      flatten(),
      dense({ units: 60 }),
    ])
    const size = 4 * 4 * 98
    const pixels = Float32Array.from({ length: 7 * size }, (_, index) => Math.sin(index))
    const outputs = async (from: number, to: number) => {
      const rows = { shape: [to - from, 4, 4, 98], data: pixels.subarray(from * size, to * size) }
      return (await model.predict(rows, { batchSize: 7 })).data
    }
    const all = await outputs(0, 7)
    for (const [from, to] of [
      [0, 1],
      [6, 7],
      [1, 3],
      [2, 5],
      [0, 5],
      [1, 7],
    ] as const)
      expect(await outputs(from, to)).toEqual(all.slice(from * 60, to * 60))
    await model.dispose()
  })
})
