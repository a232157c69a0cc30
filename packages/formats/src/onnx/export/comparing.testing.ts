/** Samples for models that are compared, and how far answers are apart. */
import { loadModel } from 'fovea'
import { fold, keyOf, uniform } from 'fovea/internal/base/random'
import { sizeOf } from 'fovea/internal/base/shape'
import type { Trial } from './written-models.testing.ts'

export interface Samples {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

const rows = 3

/** Small numbers where a layer or an activation is looked at alone, bytes for networks. */
export function samplesOf({ model, name }: Trial, bytes: boolean): Samples[] {
  const pictures = bytes || !/^(\d|activation)/.test(name)
  return model.inputs.map(({ shape }, input) => {
    const key = fold(keyOf(11), input)
    const number = (index: number): number =>
      pictures && shape.length === 3 ? Math.floor(256 * uniform(key, index)) : 3 * uniform(key, index) - 1.5
    return { shape: [rows, ...shape], data: Float32Array.from({ length: rows * sizeOf(shape) }, (_, i) => number(i)) }
  })
}

/** As a share of the largest number, or of 1. */
export function farthest(actual: Float32Array, expected: Float32Array): number {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
  return expected.reduce((most, value, index) => {
    const off = Math.abs(actual[index]! - value) / largest
    return Number.isNaN(off) ? Number.POSITIVE_INFINITY : Math.max(most, off)
  }, 0)
}

/** The answers of a model in a file of any format, for the samples of a trial. */
export async function answersOf(bytes: Uint8Array, trial: Trial, isBytes = false): Promise<readonly Samples[]> {
  const classifier = await loadModel(bytes)
  const samples = samplesOf(trial, isBytes)
  const given = await classifier.predict(samples.length === 1 ? samples[0]! : samples)
  await classifier.dispose()
  return (Array.isArray(given) ? given : [given]) as readonly Samples[]
}
