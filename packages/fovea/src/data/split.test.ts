import { describe, expect, it } from 'vitest'
import type { Split } from './dataset.ts'
import { splitValidation } from './split.ts'

/** Picture i is the two bytes i, i + 1; labels 0 0 0 1 0 0 0 1 … */
function samples(count: number): Split {
  return {
    images: Uint8Array.from({ length: 2 * count }, (_, at) => Math.floor(at / 2) + (at % 2)),
    labels: Uint8Array.from({ length: count }, (_, index) => (index % 4 === 3 ? 1 : 0)),
    count,
  }
}

const onesOf = ({ labels }: Split): number => labels.filter((label: number) => label === 1).length
const numbersOf = (split: Split) => Array.from({ length: split.count }, (_, row) => split.images[2 * row]!)

describe('splitValidation', () => {
  it('holds out the first N by default, without copying', () => {
    const all = samples(10)
    const { train, validation } = splitValidation(all, { count: 3 })
    expect(numbersOf(validation)).toEqual([0, 1, 2])
    expect(numbersOf(train)).toEqual([3, 4, 5, 6, 7, 8, 9])
    expect([...train.labels]).toEqual([1, 0, 0, 0, 1, 0, 0])
    expect(train.images.buffer).toBe(all.images.buffer)
  })

  it.each(['seeded', 'stratified'] as const)('%s: parts the samples, the same way for the same seed', kind => {
    const all = samples(100)
    const options = { fraction: 0.2, kind, seed: 7 }
    const { train, validation } = splitValidation(all, options)
    expect(validation.count).toBe(20)
    const together = [...numbersOf(train), ...numbersOf(validation)].sort((a, b) => a - b)
    expect(together).toEqual(Array.from({ length: 100 }, (_, index) => index))
    expect([...validation.labels]).toEqual(numbersOf(validation).map(index => (index % 4 === 3 ? 1 : 0)))
    expect(numbersOf(splitValidation(all, options).validation)).toEqual(numbersOf(validation))
    expect(numbersOf(splitValidation(all, { ...options, seed: 8 }).validation)).not.toEqual(numbersOf(validation))
  })

  it('stratified keeps the proportions of the classes', () => {
    const { validation } = splitValidation(samples(100), { count: 22, kind: 'stratified' })
    expect(validation.count).toBe(22)
    // 16.5 and 5.5: of equal losses the first class is made good.
    expect(onesOf(validation)).toBe(5)
    // 10, 7 and 3 samples, of which a quarter is 2.5, 1.75 and 0.75.
    const labels = Uint8Array.from({ length: 20 }, (_, index) => (index < 10 ? 0 : index < 17 ? 1 : 2))
    const three = splitValidation({ images: labels, labels, count: 20 }, { count: 5, kind: 'stratified', seed: 3 })
    expect([...three.validation.labels]).toEqual([0, 0, 1, 1, 2])
  })

  it('seeded takes no notice of classes', () => {
    const ones = Array.from({ length: 20 }, (_, seed) =>
      onesOf(splitValidation(samples(100), { count: 22, kind: 'seeded', seed }).validation),
    )
    expect(Math.max(...ones) - Math.min(...ones)).toBeGreaterThan(2)
  })

  it('has the seed 0 unless another is given', () => {
    const [given, not] = [{ seed: 0 }, {}].map(seed =>
      numbersOf(splitValidation(samples(100), { count: 22, kind: 'seeded', ...seed }).validation),
    )
    expect(not).toEqual(given)
  })

  it.each([
    [{}, /neither/],
    [{ count: 1, fraction: 0.1 }, /both/],
    [{ count: 0 }, /at least 1/],
    [{ count: 10 }, /from 1 to 9/],
    [{ count: 2.5 }, /2.5/],
    [{ fraction: 0.01 }, /fraction 0.01, that is 0/],
  ])('refuses %j', (options, message) => {
    expect(() => splitValidation(samples(10), options)).toThrow(message)
  })
})
