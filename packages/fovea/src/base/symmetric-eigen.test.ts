import { expect, test } from 'vitest'
import { keyOf, uniform } from './random.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

const product = (vectors: Float64Array, size: number, row: number, other: Float64Array): number =>
  other.reduce((sum, value, at) => sum + value * vectors[row * size + at]!, 0)

test('of a small matrix, by hand', () => {
  const { values, vectors } = symmetricEigen(Float64Array.of(2, -1, -1, 2), 2)
  expect([...values].map(value => Number(value.toFixed(14)))).toEqual([3, 1])
  const half = Math.SQRT1_2
  // Of equal elements the first is the largest one.
  for (const [at, value] of [half, -half, half, half].entries()) expect(vectors[at]).toBeCloseTo(value, 14)
})

test('a random matrix with an eigenvalue twice and one of zero is put together again', () => {
  const size = 27
  const values = Float64Array.from({ length: size }, (_, at) => (at < 2 ? 5 : at === size - 1 ? 0 : 4 / (at + 1)))
  // Any orthonormal basis: that of another random symmetric matrix.
  const random = new Float64Array(size * size)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      const value = uniform(keyOf(3), row * size + column) - 0.5
      random[row * size + column] = value
      random[column * size + row] = value
    }
  }
  const basis = symmetricEigen(random, size).vectors
  const matrix = Float64Array.from({ length: size * size }, (_, at) =>
    values.reduce((sum, value, row) => {
      return sum + value * basis[row * size + Math.floor(at / size)]! * basis[row * size + (at % size)]!
    }, 0),
  )
  const found = symmetricEigen(matrix, size)
  for (const [at, value] of found.values.entries()) expect(value).toBeCloseTo(values[at]!, 12)
  for (let row = 0; row < size; row++) {
    const own = found.vectors.subarray(row * size, (row + 1) * size)
    const stretched = Float64Array.from({ length: size }, (_, at) => product(matrix, size, at, own))
    for (const [at, value] of stretched.entries()) expect(value).toBeCloseTo(found.values[row]! * own[at]!, 12)
    for (let other = 0; other < size; other++) {
      expect(product(found.vectors, size, other, own)).toBeCloseTo(other === row ? 1 : 0, 12)
    }
  }
})
