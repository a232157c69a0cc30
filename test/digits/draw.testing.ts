/**
 * 90 drawn digits for checking that a model trained on MNIST reads a picture that a user drew and saved: ten digits, three
 * placements (in the middle; small in the upper left; large and low on the right), three widths of the pen; dark on white,
 * 200×200. The edge of a stroke is one pixel soft. Small turns and slants, fixed for each case, keep copies from being equal.
 */
import type { Picture } from '../../packages/fovea/src/base/picture.ts'
import { digitStrokes, type Point, type Stroke } from './strokes.testing.ts'

export interface DrawnDigit {
  readonly digit: number
  /** `7-upper-left-pen8` */
  readonly name: string
  /** In pixels of the picture. */
  readonly strokes: readonly Stroke[]
  readonly pen: number
  readonly picture: Picture
}

/** Of the pictures. */
export const side = 200
const ink = 24

const placements = [
  { name: 'middle', left: 45, top: 40, size: 115, turn: 0, slant: 0 },
  { name: 'upper-left', left: 14, top: 12, size: 90, turn: -5, slant: 0.08 },
  { name: 'lower-right', left: 62, top: 58, size: 130, turn: 4, slant: 0.15 },
] as const

/** Widths in pixels. */
const pens = [6, 10, 15] as const

export function drawDigits(): DrawnDigit[] {
  return digitStrokes.flatMap((strokes, digit) =>
    placements.flatMap(placement =>
      pens.map(pen => {
        const placed = strokes.map(stroke => stroke.map(point => place(point, placement)))
        const name = `${digit}-${placement.name}-pen${pen}`
        return { digit, name, strokes: placed, pen, picture: draw(placed, pen) }
      }),
    ),
  )
}

function place([x, y]: Point, placement: (typeof placements)[number]): Point {
  const angle = (placement.turn * Math.PI) / 180
  const across = x - 0.5 - placement.slant * (y - 0.5)
  const down = y - 0.5
  return [
    placement.left + placement.size * (0.5 + across * Math.cos(angle) - down * Math.sin(angle)),
    placement.top + placement.size * (0.5 + across * Math.sin(angle) + down * Math.cos(angle)),
  ]
}

/** A round pen along the strokes: a pixel is covered by how far it lies within half the pen's width of the nearest piece. */
function draw(strokes: readonly Stroke[], pen: number): Picture {
  const data = new Uint8Array(side * side).fill(255)
  const reach = pen / 2 + 1
  for (const stroke of strokes)
    for (let piece = 1; piece < stroke.length; piece++) {
      const [a, b] = [stroke[piece - 1]!, stroke[piece]!]
      const first = (axis: 0 | 1) => Math.max(0, Math.floor(Math.min(a[axis], b[axis]) - reach))
      const last = (axis: 0 | 1) => Math.min(side - 1, Math.ceil(Math.max(a[axis], b[axis]) + reach))
      for (let row = first(1); row <= last(1); row++)
        for (let column = first(0); column <= last(0); column++) {
          const cover = Math.max(0, Math.min(1, pen / 2 + 0.5 - distance(column + 0.5, row + 0.5, a, b)))
          const at = row * side + column
          data[at] = Math.min(data[at]!, Math.round(255 - cover * (255 - ink)))
        }
    }
  return { width: side, height: side, channels: 1, data }
}

function distance(x: number, y: number, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay]
  const length = dx * dx + dy * dy
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length))
  return Math.hypot(x - ax - along * dx, y - ay - along * dy)
}
