/**
 * Digits as a person draws them in a paint program: dark round strokes on a white square of 200 × 200, anywhere in it. Each digit
 * is a few polylines in a unit square; a pixel is as dark as the pen covers it.
 */
export interface Placement {
  readonly name: string
  /** Upper left corner and height of the digit, in pixels. */
  readonly left: number
  readonly top: number
  readonly height: number
}

export const side = 200

export const placements: readonly Placement[] = [
  { name: 'centre', left: 60, top: 35, height: 130 },
  { name: 'upper left', left: 18, top: 16, height: 95 },
  { name: 'lower right', left: 110, top: 88, height: 90 },
]

/** In pixels of the 200 × 200 picture. */
export const strokeWidths: readonly number[] = [7, 11, 16]

type Point = readonly [number, number]

/** Width of a digit over its height. */
const aspect = 0.66

function arc(x: number, y: number, radiusX: number, radiusY: number, from: number, to: number): Point[] {
  return Array.from({ length: 25 }, (_, step) => {
    const angle = ((from + ((to - from) * step) / 24) * Math.PI) / 180
    return [x + radiusX * Math.cos(angle), y + radiusY * Math.sin(angle)]
  })
}

/** x to the right, y down, 0 … 1; angles from the right, clockwise. */
const strokes: readonly (readonly Point[])[][] = [
  [arc(0.5, 0.5, 0.46, 0.5, -90, 270)],
  [
    [
      [0.4, 0.14],
      [0.58, 0],
      [0.55, 1],
    ],
  ],
  [[...arc(0.48, 0.27, 0.42, 0.27, -170, 30), [0.06, 1], [0.96, 0.97]]],
  [[...arc(0.45, 0.25, 0.4, 0.25, -160, 80), ...arc(0.45, 0.73, 0.46, 0.27, -80, 155)]],
  [
    [
      [0.3, 0],
      [0.05, 0.58],
      [0.95, 0.55],
    ],
    [
      [0.72, 0.18],
      [0.68, 1],
    ],
  ],
  [[[0.9, 0.02], [0.22, 0.02], [0.16, 0.42], ...arc(0.45, 0.68, 0.45, 0.32, -120, 150)]],
  [[[0.78, 0], [0.4, 0.2], [0.1, 0.6], ...arc(0.48, 0.73, 0.38, 0.27, 190, 550)]],
  [
    [
      [0.04, 0.05],
      [0.95, 0.03],
      [0.4, 1],
    ],
  ],
  [arc(0.5, 0.25, 0.33, 0.25, 90, 450), arc(0.5, 0.74, 0.42, 0.26, -90, 270)],
  [[...arc(0.48, 0.28, 0.38, 0.28, 0, 360), [0.84, 0.35], [0.68, 1]]],
]

/** Grey pixels, row by row: 255 the paper, about 20 the ink. */
export function drawDigit(digit: number, { left, top, height }: Placement, width: number): Uint8Array {
  const lines = strokes[digit]!.map(line => line.map(([x, y]): Point => [left + x * height * aspect, top + y * height]))
  const pixels = new Uint8Array(side * side)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const distance = Math.min(...lines.map(line => distanceTo(line, x + 0.5, y + 0.5)))
      const covered = Math.min(1, Math.max(0, width / 2 - distance + 0.5))
      pixels[y * side + x] = Math.round(255 - 235 * covered)
    }
  }
  return pixels
}

function distanceTo(line: readonly Point[], x: number, y: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let at = 1; at < line.length; at++) {
    const [ax, ay] = line[at - 1]!
    const [bx, by] = line[at]!
    const length = (bx - ax) ** 2 + (by - ay) ** 2
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
    least = Math.min(least, Math.hypot(ax + along * (bx - ax) - x, ay + along * (by - ay) - y))
  }
  return least
}
