import { describe, expect, it } from 'vitest'
import { keyOf, uniform } from '../base/random.ts'
import { headCurves } from './head-curves.ts'

/** Class 0 stands apart; classes 1 and 2 differ a little in each of 40 noisy features, which takes many pictures to learn. */
function noisy(count: number) {
  const labels = Int32Array.from({ length: count }, (_, row) => row % 3)
  const features = new Float32Array(count * 41)
  for (let row = 0; row < count; row++) {
    const label = labels[row]!
    features[row * 41] = label === 0 ? 8 : 0
    for (let at = 1; at < 41; at++) {
      features[row * 41 + at] = uniform(keyOf(5), row * 41 + at) - 0.5 + (label === 1 ? 0.06 : label === 2 ? -0.06 : 0)
    }
  }
  return { count, classes: 3, labels, features }
}

describe('headCurves', () => {
  it('rises for classes that need pictures, and is flat for one that needs none', () => {
    const curves = headCurves({ ...noisy(900), isTraining: row => row < 180 })!
    expect([curves.pictures, curves.heldOut]).toEqual([
      [60, 60, 60],
      [240, 240, 240],
    ])
    const [quarter, , , all] = curves.recall as [number[], number[], number[], number[]]
    expect(quarter[0]).toBeGreaterThan(0.9)
    expect(all[0]).toBe(1)
    for (const label of [1, 2]) expect(all[label]! - quarter[label]!).toBeGreaterThan(0.05)
    expect(headCurves({ ...noisy(900), isTraining: row => row < 180 })).toEqual(curves)
  })

  it('weighs rare classes like frequent ones', () => {
    const given = noisy(900)
    // Of class 2 every tenth picture alone is trained on.
    const { recall } = headCurves({ ...given, isTraining: row => row < 600 && (row % 3 !== 2 || row % 10 === 2) })!
    expect(recall[3]![2]).toBeGreaterThan(0.6)
  })

  it('finds nothing of a class that was not trained on', () => {
    const { recall, pictures } = headCurves({ ...noisy(300), isTraining: row => row < 150 && row % 3 !== 2 })!
    expect([pictures[2], recall[3]![2], recall[3]![0]]).toEqual([0, 0, 1])
  })

  it('is nothing without held-out pictures, or with hardly any to train on', () => {
    expect(headCurves({ ...noisy(60), isTraining: () => true })).toBeUndefined()
    expect(headCurves({ ...noisy(60), isTraining: row => row < 9 })).toBeUndefined()
  })
})
