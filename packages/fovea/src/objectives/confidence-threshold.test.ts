import { describe, expect, it } from 'vitest'
import { keyOf, uniform } from '../base/random.ts'
import { rightShare, thresholdFor } from './confidence-threshold.ts'

const held = (...pictures: readonly (readonly [best: number, right: boolean])[]) =>
  pictures.map(([best, right]) => ({ best, right }))

describe('the threshold', () => {
  const pictures = held([0.9, true], [0.8, true], [0.7, false], [0.6, true], [0.5, false])

  it('is the smallest at which the answers are right so often', () => {
    expect(thresholdFor({ held: pictures }, 0.75)).toEqual({
      ...{ reached: true, threshold: 0.6, answered: 4, right: 3, unknownAnswered: 0 },
    })
    expect(thresholdFor({ held: pictures }, 0.76)).toMatchObject({ threshold: 0.8, right: 2, answered: 2 })
  })

  it('is 0 where all answers together are right so often', () => {
    expect(thresholdFor({ held: pictures }, 0.6)).toMatchObject({ reached: true, threshold: 0, answered: 5 })
  })

  it('is raised by pictures of none of the classes that the model is sure of', () => {
    const unknown = [0.85, 0.55]
    expect(thresholdFor({ held: pictures, unknown }, 0.6)).toMatchObject({ threshold: 0.6, unknownAnswered: 1 })
    expect(thresholdFor({ held: pictures, unknown }, 0.9)).toMatchObject({ threshold: 0.9, unknownAnswered: 0 })
  })

  it('answers pictures of one probability together', () => {
    const equal = held([0.9, true], [0.9, false], [0.8, true])
    expect(thresholdFor({ held: equal }, 0.6)).toMatchObject({ threshold: 0, right: 2, answered: 3 })
    expect(thresholdFor({ held: equal }, 0.9)).toMatchObject({ reached: false })
  })

  it('that cannot be reached is the one with the most right answers, and says so', () => {
    const wrong = held([0.9, false], [0.8, true], [0.7, true], [0.6, false])
    expect(thresholdFor({ held: wrong }, 0.9)).toMatchObject({ reached: false, threshold: 0.7, right: 2 })
    expect(thresholdFor({ held: [] }, 0.5)).toBeUndefined()
  })
})

it('agrees with every threshold tried in turn', () => {
  let drawn = 0
  const random = (): number => uniform(keyOf(3), drawn++)
  for (let round = 0; round < 50; round++) {
    const many = Array.from({ length: 40 }, () => ({ best: Math.round(20 * random()) / 20, right: random() < 0.7 }))
    const unknown = Array.from({ length: 10 }, () => Math.round(20 * random()) / 20)
    const precisionAt = (least: number): number => {
      const answered = many.filter(({ best }) => best >= least)
      const strangers = unknown.filter(best => best >= least)
      return answered.filter(({ right }) => right).length / (answered.length + strangers.length)
    }
    const candidates = [...many.map(({ best }) => best), ...unknown].sort((a, b) => a - b)
    const smallest = candidates.find(candidate => precisionAt(candidate) >= 0.75)
    const found = thresholdFor({ held: many, unknown }, 0.75)!
    expect(found.reached).toBe(smallest !== undefined)
    if (smallest === undefined) continue
    expect(found.threshold).toBe(smallest === candidates[0] ? 0 : smallest)
    expect(rightShare(found)).toBe(precisionAt(found.threshold))
  }
})
