import { expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts'

it('a checkpoint of 5 MB is refused with any of 1,000 bytes changed', () => {
  const data = Float32Array.from({ length: 625_000 }, (_, at) => Math.sin(at))
  const bytes = encodeCheckpoint({
    file: { weights: [{ name: 'dense/kernel', shape: [data.length], data }] },
    states: { 'dense/kernel@momentum': data },
    kept: {},
    progress: {
      ...{ seed: 1, batchSize: 4, epoch: 0, batch: 0, step: 0, learningRate: 0.1, rows: 0 },
      ...{ sums: {}, history: [], callbacks: {} },
    },
  })
  expect(bytes.length).toBeGreaterThan(5e6)
  for (let flip = 0; flip < 1000; flip++) {
    // Spread evenly, with a step that shares no factor with the length of a row.
    const at = (flip * 7919 * 631) % bytes.length
    bytes[at]! ^= 1 + ((flip * 31) % 255)
    expect(() => decodeCheckpoint(bytes), `byte ${at}`).toThrow(UserError)
    bytes[at]! ^= 1 + ((flip * 31) % 255)
  }
  expect(decodeCheckpoint(bytes).file.weights[0]!.data[1]).toBe(Math.fround(Math.sin(1)))
})
