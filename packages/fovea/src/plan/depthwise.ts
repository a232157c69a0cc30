/**
 * Depthwise convolutions (one filter a channel) as their kernels see them: lanes along channels, and along each axis of the picture the taps
 * that meet it. Forward an output takes tap t at input · stride + t · dilation − border. Of the input gradient the outputs are
 * pixels of dx, and only every stride-th tap meets a pixel of dy: outputs fall into as many classes as the stride, each with taps
 * of its own. So no zeros are multiplied, neither between dy's pixels nor around the picture. In: a shape. Out: classes, tiles.
 */
import { type Direction, readAndWritten } from './geometry.ts'
import type { ConvGeometry } from './types.ts'

/** Pixels of a line whose products are added to each other first by a filter gradient: on every target, since it decides bits. */
export const GRADIENT_PIXELS = 4

/** A place of the filter, and where its input lies from an output's position on. */
export interface Tap {
  readonly tap: number
  readonly offset: number
}

/** Outputs first, first + step … (`count` of them): the i-th one's input lies at i · inputStep + offset. Taps in the order of the inputs. */
export interface AxisClass {
  readonly first: number
  readonly step: number
  readonly count: number
  readonly inputStep: number
  readonly taps: readonly Tap[]
  /** Pixels of the input. */
  readonly inputs: number
}

/** Where a pixel of a tile finds its input: so many pixels behind the first one that the tile meets. */
export interface Meeting {
  readonly tap: number
  readonly place: number
}

/** Tiles that follow one another and meet their inputs alike: `repeats` times as many outputs as `pixels` has lists, from output `first` on. */
export interface TileRun {
  readonly first: number
  readonly pixels: readonly (readonly Meeting[])[]
  readonly repeats: number
  /** The first input that the first tile meets, and how far the next tile's is behind it. */
  readonly input: number
  readonly apart: number
}

/** Along an axis: 0, height; 1, width. */
export function axisClasses(geometry: ConvGeometry, direction: Direction, axis: 0 | 1): AxisClass[] {
  const { from, to } = readAndWritten(geometry, direction)
  const [inputs, outputs] = axis === 0 ? [from.height, to.height] : [from.width, to.width]
  const { [axis]: size } = geometry.size
  const { [axis]: stride } = geometry.strides
  const { [axis]: dilation } = geometry.dilation
  const { [axis]: border } = geometry.origin
  const taps = Array.from({ length: size }, (_, tap) => tap)
  if (direction === 'forward') {
    const placed = taps.map(tap => ({ tap, offset: tap * dilation - border }))
    return [{ first: 0, step: 1, count: outputs, inputStep: stride, taps: placed, inputs }]
  }
  return Array.from({ length: Math.min(stride, outputs) }, (_, first) => ({
    first,
    step: stride,
    count: Math.ceil((outputs - first) / stride),
    inputStep: 1,
    taps: taps
      .filter(tap => (first + border - tap * dilation) % stride === 0)
      .map(tap => ({ tap, offset: (first + border - tap * dilation) / stride }))
      .reverse(),
    inputs,
  }))
}

/** A line of outputs in tiles of at most `most` pixels (one of each class at least), as equal as can be. */
export function tileRuns(classes: readonly AxisClass[], most: number): TileRun[] {
  const { length: step } = classes
  const outputs = classes.reduce((sum, { count }) => sum + count, 0)
  const turns = Math.ceil(outputs / step)
  const tiles = Math.ceil(turns / Math.max(1, Math.floor(most / step)))
  /** The first tiles are the wider ones, so that those of one width follow one another. */
  const start = (tile: number): number => {
    const turn = tile * Math.floor(turns / tiles) + Math.min(tile, turns % tiles)
    return Math.min(outputs, turn * step)
  }
  const runs: TileRun[] = []
  for (let tile = 0; tile < tiles; tile++) {
    const [first, end] = [start(tile), start(tile + 1)]
    const met = Array.from({ length: end - first }, (_, pixel) => meetings(classes, first + pixel))
    const places = met.flat().map(({ place }) => place)
    const input = places.length > 0 ? Math.min(...places) : 0
    const pixels = met.map(each => each.map(({ tap, place }) => ({ tap, place: place - input })))
    const before = runs.at(-1)
    const apart = before ? input - (before.input + (before.repeats - 1) * before.apart) : 0
    if (before && isAlike(before.pixels, pixels) && (before.repeats === 1 || before.apart === apart))
      runs[runs.length - 1] = { ...before, repeats: before.repeats + 1, apart }
    else runs.push({ first, pixels, repeats: 1, input, apart: 0 })
  }
  return runs
}

/** What an output meets of the picture. */
function meetings(classes: readonly AxisClass[], output: number): Meeting[] {
  const { taps, inputStep, inputs } = classes[output % classes.length]!
  const position = Math.floor(output / classes.length) * inputStep
  return taps
    .map(({ tap, offset }) => ({ tap, place: position + offset }))
    .filter(({ place }) => place >= 0 && place < inputs)
}

function isAlike(a: TileRun['pixels'], b: TileRun['pixels']): boolean {
  return a.length === b.length && a.every((met, pixel) => isSame(met, b[pixel]!))
}

function isSame(a: readonly Meeting[], b: readonly Meeting[]): boolean {
  return a.length === b.length && a.every(({ tap, place }, at) => tap === b[at]!.tap && place === b[at]!.place)
}

/** What so many neighbours inside the picture hold at once: their sums, the inputs they meet, and the taps. */
export function heldAtOnce(classes: readonly AxisClass[], pixels: number): number {
  const places = new Set<number>()
  const taps = new Set<number>()
  for (let pixel = 0; pixel < pixels; pixel++) {
    const { inputStep, ...own } = classes[pixel % classes.length]!
    for (const { tap, offset } of own.taps) {
      places.add(Math.floor(pixel / classes.length) * inputStep + offset)
      taps.add(tap)
    }
  }
  return pixels + places.size + taps.size
}
