/** Rows of numbers whose columns are brought to one scale. In: [count, size], one row after the other. Out: the same, changed. */

/** Every column with the mean 0. What is no number counts as the mean. */
export function centred(rows: Float32Array, count: number): Float32Array {
  const size = rows.length / count
  const result = new Float32Array(rows.length)
  for (let column = 0; column < size; column++) {
    let [sum, known] = [0, 0]
    for (let at = column; at < rows.length; at += size) {
      if (!Number.isFinite(rows[at]!)) continue
      sum += rows[at]!
      known++
    }
    const mean = known === 0 ? 0 : sum / known
    for (let at = column; at < rows.length; at += size) {
      result[at] = Number.isFinite(rows[at]!) ? rows[at]! - mean : 0
    }
  }
  return result
}

/** Every column with the mean 0 and the deviation 1; one that never changes stays 0. */
export function standardised(rows: Float32Array, count: number): Float32Array {
  const result = centred(rows, count)
  const size = result.length / count
  for (let column = 0; column < size; column++) {
    let squares = 0
    for (let at = column; at < result.length; at += size) squares += result[at]! ** 2
    const deviation = Math.sqrt(squares / count)
    for (let at = column; at < result.length; at += size) {
      result[at] = deviation > 1e-6 ? result[at]! / deviation : 0
    }
  }
  return result
}
