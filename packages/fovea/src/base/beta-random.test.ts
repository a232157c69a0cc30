import { describe, expect, it } from 'vitest'
import { betaRandom } from './beta-random.ts'
import { keyOf, randomBits } from './random.ts'

function drawn(alpha: number, count: number): number[] {
  let index = 0
  const next = () => ((randomBits(keyOf(3), index++) >>> 0) + 0.5) * 2 ** -32
  return Array.from({ length: count }, () => betaRandom(next, alpha))
}

describe('numbers from Beta(α, α)', () => {
  // The variance is 1 / (4 (2 α + 1)); below, four standard errors of 20,000 draws.
  it.each([0.05, 0.2, 1, 1.5, 8])('α = %d has its mean, variance and symmetry', alpha => {
    const count = 20_000
    const values = drawn(alpha, count)
    const variance = 1 / (4 * (2 * alpha + 1))
    const mean = values.reduce((sum, value) => sum + value, 0) / count
    const spread = values.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / count
    expect(values.every(value => value >= 0 && value <= 1)).toBe(true)
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(variance / count))
    expect(Math.abs(spread - variance)).toBeLessThan((4 * 0.25) / Math.sqrt(count))
    const low = values.filter(value => value < 0.1).length / count
    const high = values.filter(value => value > 0.9).length / count
    expect(Math.abs(low - high)).toBeLessThan(0.02)
  })

  it('α = 1 is uniform', () => {
    const values = drawn(1, 20_000)
    for (const tenth of [1, 3, 5, 7, 9]) {
      expect(values.filter(value => value < tenth / 10).length / 20_000).toBeCloseTo(tenth / 10, 1)
    }
  })

  it('the least α of all gives numbers', () => {
    expect(drawn(0.01, 2000).every(value => value >= 0 && value <= 1)).toBe(true)
  })
})
