/**
 * Depthwise convolutions (one filter a channel) as their kernels see them: lanes along channels, and along each axis of the picture the taps
 * that meet it. Forward an output takes tap t at input · stride + t · dilation − border. Of the input gradient the outputs are
 * pixels of dx, and only every stride-th tap meets a pixel of dy: outputs fall into as many classes as the stride, each with taps
 * of its own. So no zeros are multiplied, neither between dy's pixels nor around the picture. In: a shape. Out: classes, tiles.
 */
import type { ConvGeometry, SpecOf } from './types.ts'

/** Pixels of a line whose products are added to each other first by a filter gradient: on every target, since it decides bits. */
export const GRADIENT_PIXELS = 4

export type Direction = SpecOf<'depthwise'>['direction']

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

/** Neighbours of one class: those that meet the same taps, `repeats` times `pixels` of them from output `first` on (counted in the class). */
export interface TileRun {
  readonly first: number
  readonly pixels: number
  readonly repeats: number
  /** Of each pixel, those that meet the picture. */
  readonly taps: readonly (readonly Tap[])[]
}

/** Whether lanes can run along channels. */
export function isDepthwise({ groups, input, output }: ConvGeometry): boolean {
  return groups > 1 && groups === input.channels && groups === output.channels
}

/** The picture that is read and the one that is written. */
export function picturesOf({ input, output }: ConvGeometry, direction: Direction) {
  return direction === 'forward' ? { from: input, to: output } : { from: output, to: input }
}

/** Along an axis: 0, height; 1, width. */
export function axisClasses(geometry: ConvGeometry, direction: Direction, axis: 0 | 1): AxisClass[] {
  const { from, to } = picturesOf(geometry, direction)
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

/** A class in tiles of at most `most` pixels, as equal as can be; those that meet all taps follow one another in one run. */
export function tileRuns({ count, inputStep, taps, inputs }: AxisClass, most: number): TileRun[] {
  const tiles = Math.ceil(count / most)
  const runs: TileRun[] = []
  for (let tile = 0; tile < tiles; tile++) {
    const [first, end] = [tile, tile + 1].map(each => Math.floor((each * count) / tiles)) as [number, number]
    const met = Array.from({ length: end - first }, (_, pixel) =>
      taps.filter(({ offset }) => {
        const at = (first + pixel) * inputStep + offset
        return at >= 0 && at < inputs
      }),
    )
    const run: TileRun = { first, pixels: end - first, repeats: 1, taps: met }
    const before = runs.at(-1)
    if (before && before.pixels === run.pixels && [before, run].every(each => isInside(each, taps.length)))
      runs[runs.length - 1] = { ...before, repeats: before.repeats + 1 }
    else runs.push(run)
  }
  return runs
}

const isInside = ({ taps }: TileRun, all: number): boolean => taps.every(met => met.length === all)
