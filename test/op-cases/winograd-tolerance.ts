/**
 * How far a convolution by Winograd's F(4×4, 3×3) may be from the oracle: 16 √C u times the largest Σ|a||b| of the tile an element is
 * computed in (nothing where a forward pass adds up zeros: the sign of a 0 decides what is behind a relu), C the terms of the sum over 9: channels, or for a filter gradient the pixels. Tiles are 4 × 4 outputs, the nine taps of a
 * filter gradient; of an input gradient also the 6 × 6 inputs behind 4 × 4 outputs, which the transposed algorithm adds up.
 */
import { sizeOf } from '../../packages/fovea/src/base/shape.ts'
import type { Node } from '../../packages/fovea/src/graph/node.ts'
import { absolute, rule, type Tolerance, toleranceOf, type Values } from './tolerance.ts'

const unit = 2 ** -24

/** Begin and end of a tile along one axis. */
type Span = readonly [number, number]

export function winogradTolerance(node: Node, values: Values): Tolerance {
  const { inputs, n } = values
  const [first, second] = inputs
  switch (node.kind) {
    case 'conv2d':
    case 'conv2dInputGrad': {
      const { top, left } = node.attributes.padding
      const spans =
        (padding: number) =>
        (at: number): Span[] => {
          const output: Span = [at - (at % 4), at - (at % 4) + 4]
          if (node.kind === 'conv2d') return [output]
          const last = Math.floor((at + padding) / 4)
          return [output, ...[last - 1, last].map((tile): Span => [4 * tile - padding, 4 * tile - padding + 6])].filter(
            ([begin, end]) => begin <= at && at < end,
          )
        }
      const sums = rule(node, inputs.map(absolute), n)
      const largest = largestOf(sums, [n, ...node.shape.slice(1)], spans(top), spans(left))
      return index =>
        node.kind === 'conv2d' && sums[index] === 0 ? 0 : 16 * Math.sqrt(first!.shape[3]!) * unit * largest(index)
    }
    case 'conv2dFilterGrad': {
      const whole = (): Span[] => [[0, 3]]
      const sums = rule(node, inputs.map(absolute), n)
      const largest = largestOf(sums, [1, 3, 3, sizeOf(node.shape) / 9], whole, whole)
      return index => 16 * Math.sqrt(sizeOf(second!.shape.slice(0, 3))) * unit * largest(index)
    }
    default:
      return toleranceOf(node, values)
  }
}

/** The largest sum of an element's tiles, of the same channel. Tiles are numbered by their spans along both axes. */
function largestOf(
  sums: Float64Array,
  shape: readonly number[],
  rowSpans: (y: number) => readonly Span[],
  columnSpans: (x: number) => readonly Span[],
): Tolerance {
  const [, height, width, channels] = shape as [number, number, number, number]
  const [rows, columns] = [numbered(height, rowSpans), numbered(width, columnSpans)]
  const pieces = (index: number) => {
    const channel = index % channels
    const pixel = Math.floor(index / channels)
    const [x, y, row] = [pixel % width, Math.floor(pixel / width) % height, Math.floor(pixel / (width * height))]
    return {
      x,
      y,
      tile: (down: number, across: number) => ((row * rows.count + down) * columns.count + across) * channels + channel,
    }
  }
  const largest = new Float64Array((sums.length / (height * width)) * rows.count * columns.count)
  for (const [index, sum] of sums.entries()) {
    const { x, y, tile } = pieces(index)
    for (const down of rows.at[y]!)
      for (const across of columns.at[x]!) largest[tile(down, across)] = Math.max(largest[tile(down, across)]!, sum)
  }
  return index => {
    const { x, y, tile } = pieces(index)
    return Math.max(...rows.at[y]!.flatMap(down => columns.at[x]!.map(across => largest[tile(down, across)]!)))
  }
}

/** The numbers of the spans each place lies in, and how many there are. */
function numbered(extent: number, spansAt: (at: number) => readonly Span[]): { at: number[][]; count: number } {
  const numbers = new Map<string, number>()
  const numberOf = (span: Span): number => {
    const key = span.join(' ')
    if (!numbers.has(key)) numbers.set(key, numbers.size)
    return numbers.get(key)!
  }
  const at = Array.from({ length: extent }, (_, place) => spansAt(place).map(numberOf))
  return { at, count: numbers.size }
}
