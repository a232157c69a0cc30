/**
 * What augmenting layers have in common that move pictures, active in training only, each example by itself. A layer builds an [N, 6]
 * transform of uniform random numbers and resamples once: output (row, column) reads row' = t0·row + t1·column + t2, column' = t3·row +
 * t4·column + t5. Angles and shifts count from the centre, which is ((height − 1) / 2, (width − 1) / 2).
 */

import { custom, number, optional, type Schema } from '../base/schema.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import type { Sampling } from '../graph/ops.ts'
import { dataFormat, makeLayer } from './definition.ts'
import type { LowerContext } from './layer.ts'
import { choice, type LayerOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'

export interface SamplingOptions extends LayerOptions {
  /** What lies outside the picture: its mirror image, its repetition, its border or `fillValue`. Default 'reflect'. */
  readonly fillMode?: 'reflect' | 'wrap' | 'constant' | 'nearest' | undefined
  /** For fillMode 'constant'. Default 0. */
  readonly fillValue?: number | undefined
  /** Default 'bilinear'. */
  readonly interpolation?: 'bilinear' | 'nearest' | undefined
  /** Order of the axes. Default 'channelsLast'. */
  readonly dataFormat?: 'channelsLast' | 'channelsFirst' | undefined
}

/** One number f: from −f to f; or the two ends. */
export type Factor = number | readonly [number, number]

export const samplingFields = {
  fillMode: optional(choice('reflect', 'wrap', 'constant', 'nearest'), 'reflect'),
  fillValue: optional(number(), 0),
  interpolation: optional(choice('bilinear', 'nearest'), 'bilinear'),
  dataFormat,
}

export interface SamplingConfig {
  readonly fillMode: Sampling['fill']
  readonly fillValue: number
  readonly interpolation: Sampling['interpolation']
}

/** A range inside low … high; one number f gives [lower(f), f]. */
export function range(
  low: number,
  high: number,
  lower: (f: number) => number = f => -f,
): Schema<readonly [number, number]> {
  return custom(
    `a number f (the range ${Object.is(lower(1), -1) ? '−f … f' : '0 … f'}) or [from, to], within ${low} … ${high}`,
    value => {
      const [from, to, ...rest] = Array.isArray(value)
        ? (value as unknown[])
        : [typeof value === 'number' ? lower(value) : value, value]
      const fine = (end: unknown): end is number => typeof end === 'number' && end >= low && end <= high
      return rest.length === 0 && fine(from) && fine(to) && from <= to ? [from, to] : undefined
    },
  )
}

/** Uniform random numbers in [from, to), one for each example: [N, 1], or any [N, …] of ones. */
export function uniformIn(
  { graph, randomKey }: LowerContext,
  n: number,
  [from, to]: readonly [number, number],
  rank = 2,
): Node {
  const shape = [n, ...new Array<number>(rank - 1).fill(1)]
  return graph.add(graph.mul(graph.randomUniform(randomKey, shape, true), to - from), from)
}

/** +1 or −1 with equal chance, [N, 1]. */
export function coin({ graph, randomKey }: LowerContext, n: number): Node {
  return graph.select(graph.binary('less', graph.randomUniform(randomKey, [n, 1], true), graph.constant(0.5)), -1, 1)
}

/** +1 or −1, [N, 1]: by a bit of what is drawn for the sample (1 is the highest), the other one in every second epoch. */
export function alternatingCoin({ graph, samples }: LowerContext, bit: number): Node {
  const turns = graph.add(graph.unary('floor', graph.mul(samples.draw(), 2 ** bit)), samples.epoch())
  const parity = graph.sub(turns, graph.mul(graph.unary('floor', graph.mul(turns, 0.5)), 2))
  return graph.sub(1, graph.mul(parity, 2))
}

export type TransformEntry = Node | number
/** The linear part and the shift: [[t0, t1, t2], [t3, t4, t5]] around the centre. */
export type PictureTransform = readonly [
  readonly [TransformEntry, TransformEntry, TransformEntry],
  readonly [TransformEntry, TransformEntry, TransformEntry],
]

/** Resamples with a transform that is written for coordinates counted from the picture's centre. */
function resample(graph: Graph, x: Node, [rows, columns]: PictureTransform, config: SamplingConfig): Node {
  const [n, height, width] = x.shape as [number, number, number]
  const [middleRow, middleColumn] = [(height - 1) / 2, (width - 1) / 2]
  // c + A (p − c) + shift = A p + (shift + c − A c)
  const fromCorner = (
    [a, b, shift]: readonly [TransformEntry, TransformEntry, TransformEntry],
    middle: number,
  ): TransformEntry[] => [
    a,
    b,
    graph.sub(graph.sub(graph.add(shift, middle), graph.mul(a, middleRow)), graph.mul(b, middleColumn)),
  ]
  const entries = [...fromCorner(rows, middleRow), ...fromCorner(columns, middleColumn)]
  const cells = entries.map(entry =>
    graph.broadcast(typeof entry === 'number' ? graph.constant(entry) : entry, [n, 1], true),
  )
  return graph.affineSample(x, graph.concat(cells, 1), {
    fill: config.fillMode,
    fillValue: config.fillValue,
    interpolation: config.interpolation,
  })
}

export function randomLayer(
  type: string,
  options: LayerOptions,
  config: SamplingConfig,
  transform: (context: LowerContext, n: number, height: number, width: number) => PictureTransform,
): CallableLayer {
  return makeLayer(options, {
    type,
    traits: { family: 'augmentation', sight: 'alike' },
    config,
    ranks: [3],
    outputShape: ([shape]) => shape!,
    lower: (context, [x]) => {
      if (!context.training) return x!
      const [n, height, width] = x!.shape as [number, number, number]
      return resample(context.graph, x!, transform(context, n, height, width), config)
    },
  })
}

/** Counter-clockwise by `angle` (radians) as seen, rows counting downwards. */
export function rotation(graph: Graph, angle: Node): PictureTransform {
  const [cosine, sine] = [graph.unary('cos', angle), graph.unary('sin', angle)]
  return [
    [cosine, sine, 0],
    [graph.unary('neg', sine), cosine, 0],
  ]
}
