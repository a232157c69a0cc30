/**
 * Outlines as signed distances: how far a point lies outside (+) or inside (−) a figure of radius 1 around the origin.
 * From a distance in pixels the share of a pixel that is covered follows, which draws smooth edges without oversampling.
 * Corners come from constants, not from sine and cosine, so the same bits come out everywhere.
 */

const { abs, max, min, sqrt } = Math
const { POSITIVE_INFINITY: infinity } = Number

export type Outline = (x: number, y: number) => number
type Point = readonly [number, number]

// Cosine and sine of 36°, 72°, 108°, 144° and of 30°, for corners on the unit circle.
const cos36 = 0.8090169943749475
const sin36 = 0.5877852522924731
const cos72 = 0.30901699437494745
const sin72 = 0.9510565162951535
const cos30 = 0.8660254037844386

const disc: Outline = (x, y) => sqrt(x * x + y * y) - 1

const ring: Outline = (x, y) => abs(sqrt(x * x + y * y) - 0.76) - 0.24

const crescent: Outline = (x, y) => max(disc(x, y), 0.85 - sqrt((x - 0.55) * (x - 0.55) + y * y))

/** Exact distance to a closed polygon: nearest edge, inside by the even-odd rule. Plain arrays: it runs a hundred million times. */
function polygon(corners: readonly Point[]): Outline {
  const count = corners.length
  const startX = corners.map(([x]) => x)
  const startY = corners.map(([, y]) => y)
  const edgeX = corners.map(([x], corner) => corners[(corner + 1) % count]![0] - x)
  const edgeY = corners.map(([, y], corner) => corners[(corner + 1) % count]![1] - y)
  const inverse = edgeX.map((x, edge) => 1 / (x * x + edgeY[edge]! * edgeY[edge]!))
  return (x, y) => {
    let nearest = infinity
    let inside = false
    for (let edge = 0; edge < count; edge++) {
      const ex = edgeX[edge]!
      const ey = edgeY[edge]!
      const px = x - startX[edge]!
      const py = y - startY[edge]!
      let along = (px * ex + py * ey) * inverse[edge]!
      along = max(0, min(1, along))
      const dx = px - along * ex
      const dy = py - along * ey
      const square = dx * dx + dy * dy
      if (square < nearest) nearest = square
      // A ray to the right crosses the edge: its ends lie above and below, and the point to the left of it.
      if (py < 0 !== py < ey && px < (py / ey) * ex) inside = !inside
    }
    return inside ? -sqrt(nearest) : sqrt(nearest)
  }
}

const triangle = polygon([
  [0, -1],
  [cos30, 0.5],
  [-cos30, 0.5],
])

const square = polygon([
  [-0.8, -0.8],
  [0.8, -0.8],
  [0.8, 0.8],
  [-0.8, 0.8],
])

/** Five points; the inner corners lie on a circle of 0.42. */
const star = polygon(
  (
    [
      [0, -1],
      [sin36, -cos36],
      [sin72, -cos72],
      [sin72, cos72],
      [sin36, cos36],
      [0, 1],
      [-sin36, cos36],
      [-sin72, cos72],
      [-sin72, -cos72],
      [-sin36, -cos36],
    ] as const
  ).map(([x, y], corner) => (corner % 2 === 0 ? [x, y] : [0.42 * x, 0.42 * y])),
)

const arm = 0.3
const cross = polygon([
  [-arm, -1],
  [arm, -1],
  [arm, -arm],
  [1, -arm],
  [1, arm],
  [arm, arm],
  [arm, 1],
  [-arm, 1],
  [-arm, arm],
  [-1, arm],
  [-1, -arm],
  [-arm, -arm],
])

export const outlines = { disc, ring, triangle, square, star, cross, crescent } as const
