/**
 * Shrinking large pictures, with the bits of the plain sums (`resize.ts`) at a fraction of their time. Between the centres of two
 * neighbouring outputs the triangle's weights are a line, a + b·t. So of the n samples d there, only Σ d and Σ (n − t)·d count: two running
 * sums of integers, `once += d; twice += once`, exact in any order. Across and down make four. What they give differs from
 * the plain sums by less than 1e-8, which matters only where rounding is in doubt: there the plain sums decide.
 */
import type { Picture } from '../base/picture.ts'
import { type Taps, taps } from './taps.ts'

const { abs, ceil, floor, max, min, round } = Math

/** So many rows of the source, from `top` on. */
export type Strip = (top: number, rows: number) => Picture

interface Size {
  readonly width: number
  readonly height: number
}

/** Rows that are looked at together; they stay in the processor's cache. */
const stripRows = 16
/** Closer to a half than this, rounding is in doubt. */
const doubt = 1e-6
/** Running sums of so many bytes fit 32 bits. */
const mostSamples = 4000

/** Whether `shrink` takes these sizes, and is worth it. */
export function isShrunk(from: Size, to: Size): boolean {
  const scales = [from.width / to.width, from.height / to.height]
  return scales.every(scale => scale >= 2 && scale < mostSamples)
}

/** Takes strips of equal channels. */
export function shrink(from: Size, to: Size, strip: Strip): Picture {
  const channels = strip(0, 1).channels
  const line = to.width * channels
  const across = lines(from.width, to.width)
  const down = lines(from.height, to.height)
  const sums = segmentSums(across.start, channels)
  const values = new Float64Array(to.height * line)
  for (let segment = 0; segment <= to.height; segment++) {
    sums.clear()
    const end = down.start[segment + 1]!
    for (let top = down.start[segment]!; top < end; top += stripRows) sums.add(strip(top, min(stripRows, end - top)))
    // Rows there are above the centre of output `segment` and below the one before.
    if (segment < to.height) addLine(values, segment * line, sums, channels, across, down.rise, segment)
    if (segment > 0) addLine(values, (segment - 1) * line, sums, channels, across, down.fall, segment - 1)
  }
  return { ...to, channels, data: rounded(values, from, to, channels, strip) }
}

/** Weights of one side of the triangle, a · Σ d + b · Σ (n − t)·d for each output; over all its samples they sum to 1. */
interface Side {
  readonly a: Float64Array
  readonly b: Float64Array
}

interface Lines {
  /** First sample of each segment: before the first centre, between two, after the last. */
  readonly start: Int32Array
  readonly rise: Side
  readonly fall: Side
}

function lines(from: number, to: number): Lines {
  const scale = from / to
  const centre = (index: number) => (index + 0.5) * scale
  const start = Int32Array.from({ length: to + 2 }, (_, segment) =>
    segment === 0 ? 0 : segment > to ? from : ceil(centre(segment - 1) - 0.5),
  )
  const side = (): Side => ({ a: new Float64Array(to), b: new Float64Array(to) })
  const [rise, fall] = [side(), side()]
  for (let index = 0; index < to; index++) {
    const [first, middle, end] = [start[index]!, start[index + 1]!, start[index + 2]!]
    let total = 0
    for (let at = first; at < end; at++) total += max(0, 1 - abs(at + 0.5 - centre(index)) / scale)
    // Weights go up by 1/scale from sample to sample, so at the one after the last they are the first one's plus n/scale.
    rise.a[index] = (1 - (centre(index) - middle - 0.5) / scale) / total
    rise.b[index] = -1 / scale / total
    fall.a[index] = (1 - (end + 0.5 - centre(index)) / scale) / total
    fall.b[index] = 1 / scale / total
  }
  return { start, rise, fall }
}

/** The four sums of each segment across and channel, over the rows added since `clear`. */
interface SegmentSums {
  /** For each segment and channel side by side: once, twice across; twice down: once, twice across. */
  readonly values: Float64Array
  clear(): void
  add(rows: Picture): void
}

function segmentSums(start: Int32Array, channels: number): SegmentSums {
  const values = new Float64Array(4 * (start.length - 1) * channels)
  return {
    values,
    clear: () => void values.fill(0),
    add({ data, width, height }) {
      for (let row = 0; row < height; row++) {
        let from = row * width * channels
        for (let segment = 0, to = 0; segment + 1 < start.length; segment++) {
          const end = from + (start[segment + 1]! - start[segment]!) * channels
          for (let channel = 0; channel < channels; channel++, to += 4) {
            let once = 0
            let twice = 0
            for (let at = from + channel; at < end; at += channels) {
              once = (once + data[at]!) | 0
              twice = (twice + once) | 0
            }
            values[to] = values[to]! + once
            values[to + 1] = values[to + 1]! + twice
            values[to + 2] = values[to + 2]! + values[to]!
            values[to + 3] = values[to + 3]! + values[to + 1]!
          }
          from = end
        }
      }
    },
  }
}

/** Adds what one segment down gives to one row of outputs. */
function addLine(
  into: Float64Array,
  at: number,
  { values }: SegmentSums,
  channels: number,
  { rise, fall }: Lines,
  down: Side,
  row: number,
): void {
  const [downA, downB] = [down.a[row]!, down.b[row]!]
  for (let column = 0; column < rise.a.length; column++) {
    const [riseA, riseB, fallA, fallB] = [rise.a[column]!, rise.b[column]!, fall.a[column]!, fall.b[column]!]
    for (let channel = 0; channel < channels; channel++) {
      const left = 4 * (column * channels + channel)
      const right = left + 4 * channels
      const once =
        riseA * values[left]! + riseB * values[left + 1]! + fallA * values[right]! + fallB * values[right + 1]!
      const twice =
        riseA * values[left + 2]! + riseB * values[left + 3]! + fallA * values[right + 2]! + fallB * values[right + 3]!
      const to = at + column * channels + channel
      into[to] = into[to]! + downA * once + downB * twice
    }
  }
}

function rounded(values: Float64Array, from: Size, to: Size, channels: number, strip: Strip): Uint8Array {
  const result = new Uint8Array(values.length)
  const line = to.width * channels
  let exact: ((row: number, column: number, channel: number) => number) | undefined
  for (let at = 0; at < result.length; at++) {
    const up = values[at]! + 0.5
    const value = floor(up)
    if (up - value > doubt && up - value < 1 - doubt) {
      result[at] = value
      continue
    }
    exact ??= plainSums(taps(from.width, to.width), taps(from.height, to.height), strip)
    const row = floor(at / line)
    const column = floor((at - row * line) / channels)
    result[at] = round(exact(row, column, at % channels))
  }
  return result
}

/** One output as `resize.ts` computes it: along each row, then down. Its rows are fetched once for a row of outputs. */
function plainSums(across: Taps, down: Taps, strip: Strip) {
  let rows: Picture | undefined
  let rowsOf = -1
  return (row: number, column: number, channel: number): number => {
    const [begin, end] = [down.offset[row]!, down.offset[row + 1]!]
    if (rowsOf !== row || !rows) rows = strip(down.first[row]!, end - begin)
    rowsOf = row
    const { data, width, channels } = rows
    let sum = 0
    for (let tap = begin; tap < end; tap++) {
      let inRow = 0
      let from = ((tap - begin) * width + across.first[column]!) * channels + channel
      for (let at = across.offset[column]!; at < across.offset[column + 1]!; at++, from += channels)
        inRow += across.weights[at]! * data[from]!
      sum += down.weights[tap]! * inRow
    }
    return sum
  }
}
