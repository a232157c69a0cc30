/**
 * Shrinking large pictures, with the bits of the plain sums (`resize.ts`) at a fraction of their time. Between the centres of two
 * neighbouring outputs the triangle's weights are a line, a + b·t. So of the n samples d there, only Σ d and Σ (n − t)·d count: two running
 * sums of integers, exact in any order, which kernels of our own take (`shrink-kernels.ts`). Across and down make four. What they give
 * differs from the plain sums by less than 1e-8, which matters only where rounding is in doubt: there the plain sums decide.
 */
import type { Picture } from '../base/picture.ts'
import { outputBytes, type ShrinkKernels, segmentBytes, shrinkKernels, weightsBytes } from './shrink-kernels.ts'
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
/** Wider pictures would take more memory for their sums than they are worth: 25 MB. */
const mostWidth = 2 ** 18

/** Whether `shrink` takes these sizes, and is worth it. */
export function isShrunk(from: Size, to: Size): boolean {
  const scales = [from.width / to.width, from.height / to.height]
  return from.width <= mostWidth && scales.every(scale => scale >= 2 && scale < mostSamples)
}

/** Takes strips of equal channels. Undefined where the plain sums have to do. */
export function shrink(from: Size, to: Size, strip: Strip): Picture | undefined {
  const kernels = kernelsHere()
  if (kernels === null) return undefined
  const channels = strip(0, 1).channels
  const down = lines(from.height, to.height)
  const sums = segmentSums(kernels, from, to, channels)
  const result = new Uint8Array(to.height * to.width * channels)
  const round = rounding(from, to, channels, strip)
  for (let segment = 0; segment <= to.height; segment++) {
    const end = down.start[segment + 1]!
    for (let top = down.start[segment]!; top < end; top += stripRows) sums.add(strip(top, min(stripRows, end - top)))
    // Its rows are above the centre of output `segment` and below the one before, which is complete with them.
    const outputs = sums.outputs(down, segment)
    if (segment > 0) round(outputs, segment - 1, result)
  }
  return { ...to, channels, data: result }
}

/** Weights of one side of the triangle, a · Σ d + b · Σ (n − t)·d for each output; over all its samples they sum to 1. */
interface Side {
  readonly a: Float64Array
  readonly b: Float64Array
}

interface Lines {
  readonly from: number
  readonly to: number
  /** First sample of each segment: before the first centre, between two, after the last. */
  readonly start: Int32Array
  /** The plain weights, for where rounding is in doubt. */
  taps(): Taps
  readonly rise: Side
  readonly fall: Side
}

/** Those of the last two axes: pictures of a set are often of one size. */
let known: readonly Lines[] = []

function lines(from: number, to: number): Lines {
  const again = known.find(each => each.from === from && each.to === to)
  if (again) return again
  const made = linesAnew(from, to)
  known = [made, ...known.slice(0, 1)]
  return made
}

function linesAnew(from: number, to: number): Lines {
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
  let exact: Taps | undefined
  return {
    ...{ from, to, start, rise, fall },
    taps() {
      exact ??= taps(from, to)
      return exact
    },
  }
}

/** Kept from picture to picture: nothing of one is left when the next begins. Null where no code may be made of bytes, as at the edge. */
let kept: ShrinkKernels | null | undefined

function kernelsHere(): ShrinkKernels | null {
  if (kept !== undefined) return kept
  try {
    kept = shrinkKernels()
  } catch {
    kept = null
  }
  return kept
}

interface SegmentSums {
  add(rows: Picture): void
  /** Outputs of the row before the segment, four channels each, from what was added since the last call. They hold until the next one. */
  outputs(down: Lines, segment: number): Float64Array
}

function segmentSums(kernels: ShrinkKernels, from: Size, to: Size, channels: number): SegmentSums {
  const { memory, addRows } = kernels
  const addSegment = fits32Bits(from, to) ? kernels.addSegment : kernels.addLargeSegment
  const line = from.width * channels
  // Vectors reach beyond the end of a line.
  const linePlace = 4 * (line + 16)
  const place = places(memory)
  const segments = place((to.width + 1) * segmentBytes)
  const [segmentsEnd, weights] = [place(0), place(weightsBytes)]
  const [open, done] = [place((to.width + 1) * outputBytes), place((to.width + 1) * outputBytes)]
  const [once, twice, rows] = [place(linePlace), place(linePlace), place(stripRows * line + 16)]
  const { buffer } = memory
  const [integers, doubles] = [new Int32Array(buffer), new Float64Array(buffer)]
  const across = lines(from.width, to.width)
  for (let segment = 0; segment <= to.width; segment++) {
    const at = segments + segment * segmentBytes
    integers[at / 4] = across.start[segment]! * channels * 4
    integers[at / 4 + 1] = across.start[segment + 1]! * channels * 4
    writeWeights(doubles, (at + segmentBytes - weightsBytes) / 8, across, segment)
  }
  const sums = integers.subarray(once / 4, rows / 4)
  const source = new Uint8Array(buffer, rows, stripRows * line)
  // The output before the first, which there is not, comes first.
  const outputs = doubles.subarray((done + outputBytes) / 8)
  sums.fill(0)
  return {
    add({ data, height }) {
      source.set(data)
      addRows(rows, height, line, once, twice)
    },
    outputs(down, segment) {
      writeWeights(doubles, weights / 8, down, segment)
      addSegment(once, twice, channels * 4, segments, segmentsEnd, weights, open, done)
      sums.fill(0)
      return outputs
    },
  }
}

/** Whether the sums of a segment down and across do: of n samples, of 255 at most, they are n (n + 1) / 2 times as large. */
function fits32Bits(from: Size, to: Size): boolean {
  const most = (samples: number, outputs: number): number => {
    const n = ceil(samples / outputs) + 1
    return (n * (n + 1)) / 2
  }
  return 255 * most(from.width, to.width) * most(from.height, to.height) < 2 ** 31
}

/** Places in a memory one after the other, on whole vectors. It grows with them. */
function places(memory: WebAssembly.Memory): (bytes: number) => number {
  let end = 0
  return bytes => {
    const begin = end
    end += ceil(bytes / 16) * 16
    const missing = end - memory.buffer.byteLength
    if (missing > 0) memory.grow(ceil(missing / 65_536))
    return begin
  }
}

/** Of the output after a segment and of the one before it, each twice; 0 where there is none. */
function writeWeights(into: Float64Array, at: number, { rise, fall }: Lines, segment: number): void {
  into[at] = into[at + 1] = rise.a[segment] ?? 0
  into[at + 2] = into[at + 3] = rise.b[segment] ?? 0
  into[at + 4] = into[at + 5] = fall.a[segment - 1] ?? 0
  into[at + 6] = into[at + 7] = fall.b[segment - 1] ?? 0
}

/** Rounds a row of outputs into the result. */
function rounding(from: Size, to: Size, channels: number, strip: Strip) {
  let exact: ((row: number, column: number, channel: number) => number) | undefined
  return (outputs: Float64Array, row: number, result: Uint8Array): void => {
    let at = row * to.width * channels
    for (let column = 0; column < to.width; column++)
      for (let channel = 0; channel < channels; channel++, at++) {
        const up = outputs[4 * column + channel]! + 0.5
        const value = floor(up)
        if (up - value > doubt && up - value < 1 - doubt) {
          result[at] = value
          continue
        }
        exact ??= plainSums(lines(from.width, to.width).taps(), lines(from.height, to.height).taps(), strip)
        result[at] = round(exact(row, column, channel))
      }
  }
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
