/**
 * Eigenvalues and eigenvectors of a small symmetric matrix, all of them, by Jacobi's rotations: each makes one element beside the diagonal
 * zero, and a few sweeps over all of them leave nothing there. Only + − · / and square roots, so the bits are the same everywhere. Source:
 * Golub and Van Loan, "Matrix Computations", section 8.5.
 */

const { abs, sqrt } = Math

/** Each sweep squares what is left; published bounds are far below. */
const mostSweeps = 50

export interface Eigen {
  /** The largest first. */
  readonly values: Float64Array
  /** [size, size]: row i belongs to value i, has length 1, and its largest element is positive. */
  readonly vectors: Float64Array
}

/** Of a matrix [size, size]. */
export function symmetricEigen(symmetric: Float64Array, size: number): Eigen {
  const matrix = symmetric.slice()
  const basis = new Float64Array(size * size)
  for (let at = 0; at < size; at++) basis[at * size + at] = 1
  const scale = matrix.reduce((sum, value) => sum + value * value, 0)
  for (let sweep = 0; sweep < mostSweeps && besideDiagonal(matrix, size) > scale * 1e-32; sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(matrix, basis, size, p, q)
  }
  const order = Array.from({ length: size }, (_, at) => at).sort(
    (a, b) => matrix[b * size + b]! - matrix[a * size + a]! || a - b,
  )
  const vectors = new Float64Array(size * size)
  for (const [row, at] of order.entries()) vectors.set(pointed(basis.subarray(at * size, (at + 1) * size)), row * size)
  return { values: Float64Array.from(order, at => matrix[at * size + at]!), vectors }
}

/** The sum of the squares there. */
function besideDiagonal(matrix: Float64Array, size: number): number {
  let sum = 0
  for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) sum += 2 * matrix[p * size + q]! ** 2
  return sum
}

/** Turns axes p and q by the angle that makes element (p, q) zero: t = tan of it, the smaller root of t² + 2θt − 1. */
function rotate(matrix: Float64Array, basis: Float64Array, size: number, p: number, q: number): void {
  const between = matrix[p * size + q]!
  if (between === 0) return
  const theta = (matrix[q * size + q]! - matrix[p * size + p]!) / (2 * between)
  const t = (theta < 0 ? -1 : 1) / (abs(theta) + sqrt(theta * theta + 1))
  const c = 1 / sqrt(t * t + 1)
  turn(matrix, p, q, size, size, c, t * c)
  turn(matrix, p * size, q * size, 1, size, c, t * c)
  turn(basis, p * size, q * size, 1, size, c, t * c)
  matrix[p * size + q] = 0
  matrix[q * size + p] = 0
}

/** Two rows or columns: x, y ↦ cx − sy, sx + cy. */
function turn(
  values: Float64Array,
  first: number,
  second: number,
  step: number,
  count: number,
  c: number,
  s: number,
): void {
  for (let at = 0; at < count * step; at += step) {
    const [x, y] = [values[first + at]!, values[second + at]!]
    values[first + at] = c * x - s * y
    values[second + at] = s * x + c * y
  }
}

/** An eigenvector's sign is free. */
function pointed(vector: Float64Array): Float64Array {
  const largest = vector.reduce((most, value) => (abs(value) > abs(most) ? value : most), 0)
  return largest < 0 ? vector.map(value => -value) : vector
}
