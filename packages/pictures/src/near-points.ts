/**
 * Points that lie near a given one. In: n points of d coordinates, d over 5, and a radius. Out: a function that visits every point within
 * it. The five coordinates that spread most are cut into cells twice as wide as the radius, so whatever is near lies in one of 32 cells:
 * for each coordinate the own one and the nearer neighbour. In a cell the points are in the order of the sixth coordinate, and a few of
 * them are looked at. Nothing is missed.
 */

/** Visits the points within the radius of `from` whose numbers are over `after`, in no particular order. */
export type NearPoints = (from: Float32Array, after: number, visit: (point: number) => void) => void

/** Coordinates that are cut into cells. */
const cut = 5

export function nearPoints(points: Float32Array, dimensions: number, radius: number): NearPoints {
  const count = points.length / dimensions
  const axes = byVariance(points, dimensions)
  const cuts = axes.slice(0, cut).map(axis => cutAlong(points, dimensions, axis, 2 * radius))
  const keys = Float64Array.from({ length: count }, (_, point) =>
    cuts.reduce((key, { axis, placeOf, cells }) => {
      return key * cells + Math.floor(placeOf(points[point * dimensions + axis]!))
    }, 0),
  )
  const sixth = (point: number): number => points[point * dimensions + axes[cut]!]!
  const order = Int32Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]! || sixth(a) - sixth(b) || a - b)
  const cells = new Map<number, { readonly begin: number; end: number }>()
  order.forEach((point, at) => {
    const cell = cells.get(keys[point]!)
    if (cell) cell.end = at + 1
    else cells.set(keys[point]!, { begin: at, end: at + 1 })
  })
  // In this order neighbours lie side by side, and the coordinates that tell most come first.
  const placed = new Float32Array(count * dimensions)
  order.forEach((point, at) => {
    for (let d = 0; d < dimensions; d++) placed[at * dimensions + d] = points[point * dimensions + axes[d]!]!
  })
  const asked = new Float32Array(dimensions)

  return (from, after, visit) => {
    for (let d = 0; d < dimensions; d++) asked[d] = from[axes[d]!]!
    for (const key of keysAround(cuts, from)) {
      const cell = cells.get(key)
      if (cell === undefined) continue
      for (let at = firstFrom(cell.begin, cell.end, asked[cut]! - radius); at < cell.end; at++) {
        if (placed[at * dimensions + cut]! > asked[cut]! + radius) break
        if (order[at]! > after && isWithin(at * dimensions)) visit(order[at]!)
      }
    }
  }

  /** The first place whose sixth coordinate is at least this. */
  function firstFrom(begin: number, end: number, least: number): number {
    let [low, high] = [begin, end]
    while (low < high) {
      const middle = (low + high) >> 1
      if (placed[middle * dimensions + cut]! < least) low = middle + 1
      else high = middle
    }
    return low
  }

  function isWithin(at: number): boolean {
    let distance = 0
    for (let d = 0; d < dimensions && distance <= radius * radius; d++) {
      const difference = placed[at + d]! - asked[d]!
      distance += difference * difference
    }
    return distance <= radius * radius
  }
}

interface Cut {
  readonly axis: number
  /** In cells: 1 to `cells` − 1 for points, so that each has neighbours on both sides. */
  readonly placeOf: (value: number) => number
  readonly cells: number
}

function cutAlong(points: Float32Array, dimensions: number, axis: number, width: number): Cut {
  let [low, high] = [Infinity, -Infinity]
  for (let at = axis; at < points.length; at += dimensions) {
    low = Math.min(low, points[at]!)
    high = Math.max(high, points[at]!)
  }
  const placeOf = (value: number): number => (value - low) / width + 1
  return { axis, placeOf, cells: Math.floor(placeOf(high)) + 2 }
}

/** Of all cells that reach into the radius around this point. */
function keysAround(cuts: readonly Cut[], from: Float32Array): number[] {
  let keys = [0]
  for (const { axis, placeOf, cells } of cuts) {
    const place = placeOf(from[axis]!)
    const own = Math.floor(place)
    const near = place - own < 0.5 ? own - 1 : own + 1
    const longer: number[] = []
    for (const key of keys)
      for (const cell of [own, near]) if (cell > 0 && cell < cells - 1) longer.push(key * cells + cell)
    keys = longer
  }
  return keys
}

function byVariance(points: Float32Array, dimensions: number): number[] {
  const count = points.length / dimensions
  const variances = Array.from({ length: dimensions }, (_, axis) => {
    let [sum, squares] = [0, 0]
    for (let at = axis; at < points.length; at += dimensions) {
      sum += points[at]!
      squares += points[at]! * points[at]!
    }
    return squares - (sum * sum) / count
  })
  return Array.from(variances.keys()).sort((a, b) => variances[b]! - variances[a]! || a - b)
}
