import { describe, expect, it } from 'vitest'
import { keyOf, permutation, uniform } from '../base/random.ts'
import { labelsOfOthers } from './labels-of-others.ts'
import { looksMislabelled } from './looks-mislabelled.ts'

/** Points around the corners of a triangle, of three classes; some of them are called another class. */
function triangle(count: number, spread: number, wrong: readonly number[] = []) {
  const truth = Int32Array.from({ length: count }, (_, row) => row % 3)
  const features = new Float32Array(2 * count)
  const appearance = new Float32Array(count)
  for (let row = 0; row < count; row++) {
    const [x, y] = [
      [0, 0],
      [1, 0],
      [0, 1],
    ][truth[row]!] as [number, number]
    const noise = (at: number): number => spread * (uniform(keyOf(7), 3 * row + at) - 0.5)
    features.set([x + noise(0), 100 * (y + noise(1))], 2 * row)
    appearance[row] = x + 2 * y + noise(2)
  }
  const labels = truth.map((label, row) => (wrong.includes(row) ? (label + 1) % 3 : label))
  return { truth, given: { count, classes: 3, labels, features, appearance } }
}

const everyThird = (row: number): boolean => row % 3 === 1

describe('labelsOfOthers', () => {
  it('leaves each picture out, as fitting again without it does', () => {
    // Kernel and scales are those of all pictures, so the ridge regression of the other 8 is done here with them.
    const { given } = triangle(9, 1.5)
    const { support } = labelsOfOthers(given, everyThird)
    const without = (row: number, kernel: number[][]): number => {
      const others = [...Array(9).keys()].filter(other => other !== row)
      const target = others.map(other => (given.labels[other] === given.labels[row] ? 1 : 0) - 1 / 3)
      const alpha = solve(
        others.map(a => others.map(b => kernel[a]![b]! + (a === b ? 0.3 : 0))),
        target,
      )
      return others.reduce((sum, other, at) => sum + kernel[row]![other]! * alpha[at]!, 1 / 3)
    }
    // With looks or without, whichever is surer.
    const expected = [0, 2].map(weight => [...Array(9).keys()].map(row => without(row, kernelOf(given, weight))))
    const errors = expected.map(said => said.reduce((sum, value) => sum + (1 - value) ** 2, 0))
    const best = expected[errors.indexOf(Math.min(...errors))]!
    for (const [row, value] of best.entries()) expect(support[row]).toBeCloseTo(value, 4)
  })

  it('finds the labels that were changed, and the class each had', () => {
    const wrong = [...permutation(keyOf(3), 900).subarray(0, 20)]
    // More than there are landmarks.
    const { truth, given } = triangle(900, 0.8, wrong)
    const found = looksMislabelled({ labels: given.labels, ...labelsOfOthers(given, everyThird) }, 20)
    expect(found.map(({ row }) => row).sort((a, b) => a - b)).toEqual(wrong.sort((a, b) => a - b))
    for (const { row, label, suggested } of found)
      expect([label, suggested]).toEqual([(truth[row]! + 1) % 3, truth[row]])
    expect(found.map(({ support }) => support)).toEqual(found.map(({ support }) => support).sort((a, b) => a - b))
  })

  it('lets looks count where they help, and leaves them out where they say nothing', () => {
    const wrong = [...permutation(keyOf(4), 300).subarray(0, 15)]
    const { given } = triangle(300, 0.8, wrong)
    const noise = Float32Array.from({ length: 300 * 20 }, (_, at) => uniform(keyOf(8), at))
    const found = ({ features, appearance }: Pick<typeof given, 'features' | 'appearance'>): number =>
      looksMislabelled({ labels: given.labels, ...labelsOfOthers({ ...given, features, appearance }, everyThird) }, 15)
        .map(({ row }) => row)
        .filter(row => wrong.includes(row)).length
    expect(found({ features: given.features, appearance: noise })).toBe(15)
    expect(found({ features: noise, appearance: given.features })).toBeGreaterThan(7)
  })

  it('does with features that are no numbers, never change or are missing', () => {
    const { given } = triangle(60, 0.2, [5])
    const broken = { ...given, features: new Float32Array(120).fill(Number.NaN) }
    expect(
      looksMislabelled({ labels: given.labels, ...labelsOfOthers(broken, everyThird) }).map(({ row }) => row),
    ).toEqual([5])
    const none = { ...given, features: new Float32Array(), appearance: new Float32Array(60) }
    expect(labelsOfOthers(none, everyThird).support.every(Number.isFinite)).toBe(true)
  })
})

type Given = ReturnType<typeof triangle>['given']

/** Features at deviation 1 and looks, each with half of the pairs nearer than 1, squared, or what the looks weigh. */
function kernelOf({ count, features, appearance }: Given, weight: number): number[][] {
  const columns = [0, 1].map(column => Array.from({ length: count }, (_, row) => features[2 * row + column]!))
  const standard = columns.map(values => {
    const mean = values.reduce((sum, value) => sum + value, 0) / count
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count)
    return values.map(value => (value - mean) / deviation)
  })
  const pairs = (distance: (a: number, b: number) => number, times: number) => {
    const all = [...Array(count).keys()].flatMap(a => [...Array(a).keys()].map(b => distance(a, b)))
    const median = all.sort((a, b) => a - b)[all.length >> 1]!
    return (a: number, b: number): number => (times * distance(a, b)) / median
  }
  const seen = pairs((a, b) => standard.reduce((sum, values) => sum + (values[a]! - values[b]!) ** 2, 0), 1)
  const looks = pairs((a, b) => (appearance[a]! - appearance[b]!) ** 2, weight)
  return Array.from({ length: count }, (_, a) =>
    Array.from({ length: count }, (_, b) => Math.exp(-seen(a, b) - looks(a, b))),
  )
}

/** Gauss's elimination. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, at) => [...row, right[at]!])
  for (let at = 0; at < rows.length; at++) {
    const pivot = rows[at]!
    for (const [other, row] of rows.entries()) {
      if (other === at) continue
      const factor = row[at]! / pivot[at]!
      for (let column = at; column < row.length; column++) row[column] = row[column]! - factor * pivot[column]!
    }
  }
  return rows.map((row, at) => row.at(-1)! / row[at]!)
}
