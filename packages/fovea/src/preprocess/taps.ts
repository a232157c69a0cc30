/** The weights of bilinear resizing along one axis. When shrinking, the triangle is as wide as two outputs. */
const { abs, ceil, floor, max, min } = Math

export interface Taps {
  /** First source index of each output. */
  readonly first: Int32Array
  /** Where its weights begin; they sum to 1. */
  readonly offset: Int32Array
  readonly weights: Float64Array
}

export function taps(from: number, to: number): Taps {
  const scale = from / to
  const reach = max(1, scale)
  const first = new Int32Array(to)
  const offset = new Int32Array(to + 1)
  const weights: number[] = []
  for (let index = 0; index < to; index++) {
    const centre = (index + 0.5) * scale
    const begin = max(0, floor(centre - reach))
    const end = min(from, ceil(centre + reach))
    const raw: number[] = []
    for (let source = begin; source < end; source++) raw.push(max(0, 1 - abs(source + 0.5 - centre) / reach))
    const total = raw.reduce((sum, weight) => sum + weight, 0)
    first[index] = begin
    for (const weight of raw) weights.push(weight / total)
    offset[index + 1] = weights.length
  }
  return { first, offset, weights: Float64Array.from(weights) }
}
