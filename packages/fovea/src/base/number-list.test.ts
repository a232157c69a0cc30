import { describe, expect, it } from 'vitest'
import { toCategorical } from '../data/one-hot.ts'
import {
  calibrationError,
  confusionMatrix,
  predictedClasses,
  topKAccuracy,
} from '../objectives/classification-report.ts'

const untyped = (value: unknown): never => value as never
const labels = [0, 1, 1]
const rows = Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.7, 0.3)
const asGiven = { shape: [3, 2], data: rows }

/** Every function of labels and predictions that takes plain lists. */
const uses: Record<string, (y: never, p: never) => unknown> = {
  toCategorical: y => toCategorical(y, 2).data,
  confusionMatrix: y => confusionMatrix(y, y, 2),
  predictedClasses: (_, p) => predictedClasses(p, 2),
  topKAccuracy: (y, p) => topKAccuracy(y, p, 2, 1),
  calibrationError: (y, p) => calibrationError(y, p, 2).error,
}

describe.each(Object.entries(uses))('%s', (name, use) => {
  it('takes what predict gives as it takes its data', () => {
    const expected = use(untyped(labels), untyped(rows))
    expect(use(untyped({ shape: [3], data: Int32Array.from(labels) }), untyped(asGiven))).toEqual(expected)
  })

  it.each([
    ['nothing', undefined],
    ['a set', new Set([1])],
    ['a record', { length: 3 }],
    ['text', ['0', '1', '1']],
    ['a view with strides', { shape: [3], stride: [-1], offset: 2, data: labels }],
    ['rows in lists', [[0.1, 0.9]]],
  ])('refuses %s', (_, value) => {
    const bad = untyped(value)
    expect(() => use(name === 'predictedClasses' ? untyped(labels) : bad, bad)).toThrow(/no list of numbers/)
  })
})

describe('rows', () => {
  it('must be as many as labels, and whole', () => {
    expect(() => predictedClasses(rows, 4)).toThrow(/4 values for each sample[\s\S]*6 values/)
    expect(() => topKAccuracy(labels, rows.subarray(2), 2, 1)).toThrow(/3 rows of 2 values[\s\S]*4 values/)
    expect(() => calibrationError(labels.slice(1), rows, 2)).toThrow(/2 rows of 2 values[\s\S]*6 values/)
  })
})
