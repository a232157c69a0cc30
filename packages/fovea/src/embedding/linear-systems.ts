/** Symmetric systems of equations by Cholesky's factors, in double precision. Matrices are square, one row after the other. */

/** The lower triangle L of a symmetric matrix L Lᵀ, whose lower triangle is given. */
export function cholesky(matrix: Float64Array, m: number): Float64Array {
  const lower = new Float64Array(m * m)
  for (let row = 0; row < m; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * m + column]!
      for (let at = 0; at < column; at++) sum -= lower[row * m + at]! * lower[column * m + at]!
      lower[row * m + column] = row === column ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[column * m + column]!
    }
  }
  return lower
}

/** X of L Lᵀ X = B, B [m, columns]. */
export function solved(lower: Float64Array, right: Float64Array, m: number, columns: number): Float64Array {
  const x = Float64Array.from(right)
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < m; row++) {
      let sum = x[row * columns + column]!
      for (let at = 0; at < row; at++) sum -= lower[row * m + at]! * x[at * columns + column]!
      x[row * columns + column] = sum / lower[row * m + row]!
    }
    for (let row = m - 1; row >= 0; row--) {
      let sum = x[row * columns + column]!
      for (let at = row + 1; at < m; at++) sum -= lower[at * m + row]! * x[at * columns + column]!
      x[row * columns + column] = sum / lower[row * m + row]!
    }
  }
  return x
}

/** kᵀ (L Lᵀ)⁻¹ k. */
export function leverage(lower: Float64Array, k: Float64Array, m: number): number {
  const z = new Float64Array(m)
  let sum = 0
  for (let row = 0; row < m; row++) {
    let value = k[row]!
    const line = row * m
    for (let at = 0; at < row; at++) value -= lower[line + at]! * z[at]!
    z[row] = value / lower[line + row]!
    sum += z[row]! ** 2
  }
  return sum
}
