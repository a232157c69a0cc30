/**
 * The oracle's resampling by an affine transform. An output pixel reads the picture at a real place (row', column'):
 * bilinear weighs the four pixels around it, nearest takes the pixel floor(place + ½). The fill rule is applied to each
 * pixel read, axis by axis: nearest repeats the border (a a|a b c|c c), reflect mirrors with the border repeated (b a|a b c|c b),
 * wrap starts again (b c|a b c|a b), constant gives `fillValue` outside.
 */

import type { Sampling } from '../ops.ts'
import type { OracleTensor } from './evaluate-elementwise.ts'

const { floor, max, min } = Math

/** Where index `at` of an axis with `extent` pixels reads; -1: outside. */
const sourceIndex: { readonly [F in Sampling['fill']]: (at: number, extent: number) => number } = {
  nearest: (at, extent) => min(max(at, 0), extent - 1),
  wrap: (at, extent) => modulo(at, extent),
  reflect: (at, extent) => {
    const place = modulo(at, 2 * extent)
    return place < extent ? place : 2 * extent - 1 - place
  },
  constant: (at, extent) => (at >= 0 && at < extent ? at : -1),
}

export function evaluateAffineSample(x: OracleTensor, transform: OracleTensor, sampling: Sampling): Float64Array {
  const [n, height, width, channels] = x.shape as [number, number, number, number]
  const result = new Float64Array(x.data.length)
  const source = sourceIndex[sampling.fill]
  for (let image = 0; image < n; image++) {
    const [t0, t1, t2, t3, t4, t5] = transform.data.subarray(image * 6, image * 6 + 6) as unknown as Six
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const placeRow = t0 * row + t1 * column + t2
        const placeColumn = t3 * row + t4 * column + t5
        for (let channel = 0; channel < channels; channel++) {
          const read = (atRow: number, atColumn: number): number => {
            const sourceRow = source(atRow, height)
            const sourceColumn = source(atColumn, width)
            if (sourceRow < 0 || sourceColumn < 0) return sampling.fillValue
            return x.data[((image * height + sourceRow) * width + sourceColumn) * channels + channel]!
          }
          result[((image * height + row) * width + column) * channels + channel] =
            sampling.interpolation === 'nearest'
              ? read(floor(placeRow + 0.5), floor(placeColumn + 0.5))
              : bilinear(placeRow, placeColumn, read)
        }
      }
    }
  }
  return result
}

type Six = [number, number, number, number, number, number]

function bilinear(row: number, column: number, read: (row: number, column: number) => number): number {
  const top = floor(row)
  const left = floor(column)
  const down = row - top
  const right = column - left
  const upper = (1 - right) * read(top, left) + right * read(top, left + 1)
  const lower = (1 - right) * read(top + 1, left) + right * read(top + 1, left + 1)
  return (1 - down) * upper + down * lower
}

function modulo(value: number, divisor: number): number {
  return value - divisor * floor(value / divisor)
}
