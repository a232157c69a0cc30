import { expect, it } from 'vitest'
import { chanceMargin, standardDeviation } from './proportions.ts'

it('two models that are equally good differ by more than the margin about once in twenty times', () => {
  let [state, beyond] = [1, 0]
  const roll = (): number => {
    state = Math.imul(state, 1664525) + 1013904223
    return (state >>> 0) / 2 ** 32
  }
  for (let trial = 0; trial < 2000; trial++) {
    const [a, b] = [0.8, 0.8].map(
      share => Array.from({ length: 500 }, () => roll() < share).filter(Boolean).length / 500,
    )
    const margin = chanceMargin({ share: a!, count: 500 }, { share: b!, count: 500 })
    if (Math.abs(a! - b!) > margin) beyond++
  }
  expect(beyond / 2000).toBeGreaterThan(0.03)
  expect(beyond / 2000).toBeLessThan(0.06)
})

it('few pictures prove nothing, many prove little differences', () => {
  expect(chanceMargin({ share: 1, count: 1 }, { share: 0, count: 1 })).toBeGreaterThan(1)
  expect(chanceMargin({ share: 0.8, count: 1000 }, { share: 0.79, count: 1000 })).toBeCloseTo(0.0361, 4)
  expect(chanceMargin({ share: 0.99, count: 10_000 }, { share: 0.98, count: 10_000 })).toBeLessThan(0.01)
  expect(chanceMargin({ share: 1, count: 100 }, { share: 1, count: 100 })).toBe(0)
})

it('standard deviation of a sample; one value has none', () => {
  expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(2.138, 3)
  expect(standardDeviation([1])).toBeUndefined()
})
