import { expect, it } from 'vitest'
import { keyOf, uniform } from '../base/random.ts'
import { pictureMap } from './principal-axes.ts'

it('the map shows the two directions in which features of one scale differ most, the same each time', () => {
  // Three features say the same in other units, two share another thing, one is noise.
  const count = 200
  const random = (row: number, at: number): number => uniform(keyOf(9), row * 3 + at) - 0.5
  const rows = Float32Array.from({ length: count }, (_, row) => row).reduce(
    (all, _, row) => {
      const [first, second, noise] = [random(row, 0), random(row, 1), random(row, 2)]
      all.set([first, 100 * first, 5 - first, second, 7 * second, noise], row * 6)
      return all
    },
    new Float32Array(count * 6),
  )
  const { places, shares } = pictureMap(rows, count)
  expect(shares[0]).toBeCloseTo(3 / 6, 1)
  expect(shares[1]).toBeCloseTo(2 / 6, 1)
  for (const [axis, own] of [0, 1].entries()) {
    const values = Array.from({ length: count }, (_, row) => places[2 * row + axis]!)
    const truth = Array.from({ length: count }, (_, row) => random(row, own))
    expect(Math.abs(correlation(values, truth))).toBeGreaterThan(0.97)
  }
  expect(pictureMap(rows, count).places).toEqual(places)
  expect([...pictureMap(new Float32Array(4), 2).places]).toEqual([0, 0, 0, 0])
})

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanA, meanB] = [mean(a), mean(b)]
  const product = (x: readonly number[], mx: number, y: readonly number[], my: number): number =>
    x.reduce((sum, value, at) => sum + (value - mx) * (y[at]! - my), 0)
  return product(a, meanA, b, meanB) / Math.sqrt(product(a, meanA, a, meanA) * product(b, meanB, b, meanB))
}
