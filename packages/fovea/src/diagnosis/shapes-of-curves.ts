/** How curves look, as numbers: trends, jumps, turns. All of them take finite values, one per epoch. */

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function differences(values: readonly number[]): number[] {
  return values.slice(1).map((value, index) => value - values[index]!)
}

export function indexOfLowest(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value < values[best]! ? index : best), 0)
}

export function indexOfHighest(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value > values[best]! ? index : best), 0)
}

/** How high a curve lies, by which its moves are judged: never 0. */
export function level(values: readonly number[]): number {
  return Math.abs(median(values)) || mean(values.map(Math.abs)) || 1
}

/** Mean of the last `count` values, or of fewer. */
export function endOf(values: readonly number[], count: number): number {
  return mean(values.slice(-count))
}

/** Slope per epoch of the straight line that fits best (least squares). */
export function slope(values: readonly number[]): number {
  const centre = (values.length - 1) / 2
  const level = mean(values)
  let [above, below] = [0, 0]
  for (const [index, value] of values.entries()) {
    above += (index - centre) * (value - level)
    below += (index - centre) ** 2
  }
  return below === 0 ? 0 : above / below
}

/** Mean distance of a value from the middle of its neighbours, relative to the curve's level: 0 for a straight line. */
export function roughness(values: readonly number[]): number {
  const inner = values.slice(1, -1)
  if (inner.length === 0) return 0
  const bends = inner.map((value, index) => Math.abs(value - (values[index]! + values[index + 2]!) / 2))
  return mean(bends) / level(values)
}

/** How often the curve changes between rising and falling, of all the times it could: 0 … 1. */
export function turns(values: readonly number[]): number {
  const moves = differences(values)
  const changes = moves.slice(1).filter((move, index) => move * moves[index]! < 0).length
  return moves.length < 2 ? 0 : changes / (moves.length - 1)
}

/** All rises added up, relative to the curve's level. */
export function climbed(values: readonly number[]): number {
  return differences(values).reduce((sum, move) => sum + Math.max(move, 0), 0) / level(values)
}
