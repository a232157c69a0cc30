/** Rows of numbers, one after the other, whose columns are brought to one scale. What is no number counts as the mean of its column. */

export interface ColumnMoments {
  readonly means: Float64Array
  /** 0 of a column that never changes. */
  readonly deviations: Float64Array
}

export function columnMoments(rows: Float32Array, count: number): ColumnMoments {
  const size = rows.length / count
  const [sums, squares, known] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)]
  eachNumber(rows, size, (value, column) => {
    sums[column] = sums[column]! + value
    known[column] = known[column]! + 1
  })
  const means = sums.map((sum, column) => sum / Math.max(1, known[column]!))
  eachNumber(rows, size, (value, column) => {
    squares[column] = squares[column]! + (value - means[column]!) ** 2
  })
  const deviations = squares.map(sum => Math.sqrt(sum / count))
  return { means, deviations: deviations.map(deviation => (deviation > 1e-6 ? deviation : 0)) }
}

function eachNumber(rows: Float32Array, size: number, see: (value: number, column: number) => void): void {
  for (let at = 0, column = 0; at < rows.length; at++) {
    if (Number.isFinite(rows[at]!)) see(rows[at]!, column)
    if (++column === size) column = 0
  }
}

/** Every column with the mean 0 and the deviation 1; one that never changes is 0. */
export function standardised(rows: Float32Array, count: number): Float32Array {
  const { means, deviations } = columnMoments(rows, count)
  const size = means.length
  return rows.map((value, at) => {
    const column = at % size
    return deviations[column]! > 0 && Number.isFinite(value) ? (value - means[column]!) / deviations[column]! : 0
  })
}
