/** The oracle's softmax (last axis) and batch normalization (statistics over all but the last axis, real rows only). */
import type { OracleTensor } from './evaluate-elementwise.ts'

const { exp, log, max, sqrt } = Math

export function evaluateSoftmax(x: OracleTensor, logarithm: boolean): Float64Array {
  const width = x.shape.at(-1)!
  const result = new Float64Array(x.data.length)
  for (let begin = 0; begin < result.length; begin += width) {
    const row = x.data.subarray(begin, begin + width)
    const largest = row.reduce((a, b) => max(a, b))
    const total = row.reduce((sum, value) => sum + exp(value - largest), 0)
    for (let column = 0; column < width; column++) {
      const shifted = row[column]! - largest
      result[begin + column] = logarithm ? shifted - log(total) : exp(shifted) / total
    }
  }
  return result
}

/** [2, C]: mean, then biased variance (two passes). */
export function evaluateBatchMoments(x: OracleTensor): Float64Array {
  const channels = x.shape.at(-1)!
  const count = x.data.length / channels
  const result = new Float64Array(2 * channels)
  x.data.forEach((value, index) => {
    result[index % channels]! += value / count
  })
  x.data.forEach((value, index) => {
    const channel = index % channels
    result[channels + channel]! += (value - result[channel]!) ** 2 / count
  })
  return result
}

export function evaluateBatchNorm(
  x: OracleTensor,
  moments: OracleTensor,
  gamma: OracleTensor,
  beta: OracleTensor,
  epsilon: number,
): Float64Array {
  const channels = x.shape.at(-1)!
  const normalized = standardize(x, moments, epsilon)
  return normalized.map((value, index) => gamma.data[index % channels]! * value + beta.data[index % channels]!)
}

/** [2, C]: Σ dy and Σ dy·x̂. */
export function evaluateBatchNormSums(
  x: OracleTensor,
  dy: OracleTensor,
  moments: OracleTensor,
  epsilon: number,
): Float64Array {
  const channels = x.shape.at(-1)!
  const normalized = standardize(x, moments, epsilon)
  const result = new Float64Array(2 * channels)
  dy.data.forEach((value, index) => {
    const channel = index % channels
    result[channel]! += value
    result[channels + channel]! += value * normalized[index]!
  })
  return result
}

export function evaluateBatchNormInputGrad(
  x: OracleTensor,
  dy: OracleTensor,
  gamma: OracleTensor,
  moments: OracleTensor,
  sums: OracleTensor,
  epsilon: number,
): Float64Array {
  const channels = x.shape.at(-1)!
  const count = x.data.length / channels
  const normalized = standardize(x, moments, epsilon)
  return dy.data.map((value, index) => {
    const channel = index % channels
    const scale = gamma.data[channel]! / sqrt(moments.data[channels + channel]! + epsilon)
    const common = (sums.data[channel]! + normalized[index]! * sums.data[channels + channel]!) / count
    return scale * (value - common)
  })
}

/** x̂ = (x − mean) / √(variance + epsilon), per channel. */
function standardize(x: OracleTensor, moments: OracleTensor, epsilon: number): Float64Array {
  const channels = x.shape.at(-1)!
  return x.data.map((value, index) => {
    const channel = index % channels
    return (value - moments.data[channel]!) / sqrt(moments.data[channels + channel]! + epsilon)
  })
}
