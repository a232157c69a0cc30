/**
 * Random geometry, active in training only, each example by itself: RandomFlip, RandomRotation, RandomTranslation, RandomZoom as
 * Keras 3 has them, and RandomAffine, which joins rotation, shifts and flips into ONE resampling, as Keras's older
 * ImageDataGenerator did. Each builds an [N, 6] transform of uniform random numbers and resamples once: output (row, column)
 * reads row' = t0·row + t1·column + t2, column' = t3·row + t4·column + t5. Angles and shifts count from the centre, which is
 * ((height − 1) / 2, (width − 1) / 2).
 */

import { boolean, custom, number, optional, orNull, type Schema } from '../base/schema.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import type { Sampling } from '../graph/ops.ts'
import { dataFormat, makeLayer } from './definition.ts'
import type { LowerContext } from './layer.ts'
import { choice, type LayerOptions, readOptions } from './options.ts'
import { type CallableLayer, callable } from './tensor.ts'

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

const samplingFields = {
  fillMode: optional(choice('reflect', 'wrap', 'constant', 'nearest'), 'reflect'),
  fillValue: optional(number(), 0),
  interpolation: optional(choice('bilinear', 'nearest'), 'bilinear'),
  dataFormat,
}

interface SamplingConfig {
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
function coin({ graph, randomKey }: LowerContext, n: number): Node {
  return graph.select(graph.binary('less', graph.randomUniform(randomKey, [n, 1], true), graph.constant(0.5)), -1, 1)
}

type Entry = Node | number
/** The linear part and the shift: [[t0, t1, t2], [t3, t4, t5]] around the centre. */
type Transform = readonly [readonly [Entry, Entry, Entry], readonly [Entry, Entry, Entry]]

/** Resamples with a transform that is written for coordinates counted from the picture's centre. */
function resample(graph: Graph, x: Node, [rows, columns]: Transform, config: SamplingConfig): Node {
  const [n, height, width] = x.shape as [number, number, number]
  const [middleRow, middleColumn] = [(height - 1) / 2, (width - 1) / 2]
  // c + A (p − c) + shift = A p + (shift + c − A c)
  const fromCorner = ([a, b, shift]: readonly [Entry, Entry, Entry], middle: number): Entry[] => [
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

function randomLayer(
  type: string,
  options: LayerOptions,
  config: SamplingConfig,
  transform: (context: LowerContext, n: number, height: number, width: number) => Transform,
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

export interface RandomFlipOptions extends LayerOptions {
  /** Default 'horizontalAndVertical'. */
  readonly mode?: 'horizontal' | 'vertical' | 'horizontalAndVertical' | undefined
  /** Order of the axes. Default 'channelsLast'. */
  readonly dataFormat?: 'channelsLast' | 'channelsFirst' | undefined
}

/** Mirrors each picture (left–right, top–bottom or both, independently) with a chance of one half. */
export function randomFlip(options: RandomFlipOptions = {}): CallableLayer {
  const config = readOptions('RandomFlip', options, {
    mode: optional(choice('horizontal', 'vertical', 'horizontalAndVertical'), 'horizontalAndVertical'),
    dataFormat,
  })
  const sampling: SamplingConfig = { fillMode: 'nearest', fillValue: 0, interpolation: 'nearest' }
  return callable({
    ...randomLayer('RandomFlip', options, { ...config, ...sampling }, (context, n) => [
      [config.mode === 'horizontal' ? 1 : coin(context, n), 0, 0],
      [0, config.mode === 'vertical' ? 1 : coin(context, n), 0],
    ]),
    config,
  })
}

export interface RandomRotationOptions extends SamplingOptions {
  /** Share of a full turn, positive counter-clockwise: 0.1 turns by −36° … 36°. Required. */
  readonly factor: Factor
}

/** Turns each picture by a random angle. */
export function randomRotation(options: RandomRotationOptions): CallableLayer {
  const config = readOptions('RandomRotation', options, { factor: range(-1, 1), ...samplingFields })
  return randomLayer('RandomRotation', options, config, (context, n) => {
    const angle = context.graph.mul(uniformIn(context, n, config.factor), 2 * Math.PI)
    return rotation(context.graph, angle)
  })
}

/** Counter-clockwise by `angle` (radians) as seen, rows counting downwards. */
function rotation(graph: Graph, angle: Node): Transform {
  const [cosine, sine] = [graph.unary('cos', angle), graph.unary('sin', angle)]
  return [
    [cosine, sine, 0],
    [graph.unary('neg', sine), cosine, 0],
  ]
}

export interface RandomTranslationOptions extends SamplingOptions {
  /** Share of the height, positive downwards. Required. */
  readonly heightFactor: Factor
  /** Share of the width, positive to the right. Required. */
  readonly widthFactor: Factor
}

/** Shifts each picture by random shares of its height and width. */
export function randomTranslation(options: RandomTranslationOptions): CallableLayer {
  const config = readOptions('RandomTranslation', options, {
    heightFactor: range(-1, 1),
    widthFactor: range(-1, 1),
    ...samplingFields,
  })
  return randomLayer('RandomTranslation', options, config, (context, n, height, width) => {
    const down = uniformIn(context, n, config.heightFactor)
    const right = uniformIn(context, n, config.widthFactor)
    return [
      [1, 0, context.graph.mul(down, -height)],
      [0, 1, context.graph.mul(right, -width)],
    ]
  })
}

export interface RandomZoomOptions extends SamplingOptions {
  /** Positive zooms out, negative in: 0.2 shows 80 % … 120 % of the height. Required. */
  readonly heightFactor: Factor
  /** null: as the height, so that proportions stay. Default null. */
  readonly widthFactor?: Factor | null | undefined
}

/** Enlarges or shrinks each picture by random factors around its centre. */
export function randomZoom(options: RandomZoomOptions): CallableLayer {
  const config = readOptions('RandomZoom', options, {
    heightFactor: range(-1, 1),
    widthFactor: orNull(range(-1, 1)),
    ...samplingFields,
  })
  return randomLayer('RandomZoom', options, config, (context, n) => {
    const { graph } = context
    const rows = graph.add(uniformIn(context, n, config.heightFactor), 1)
    const columns = config.widthFactor === null ? rows : graph.add(uniformIn(context, n, config.widthFactor), 1)
    return [
      [rows, 0, 0],
      [0, columns, 0],
    ]
  })
}

export interface RandomAffineOptions extends SamplingOptions {
  /** Degrees, −rotation … rotation. Default 0. */
  readonly rotation?: number | undefined
  /** Share of the height, −heightShift … heightShift. Default 0. */
  readonly heightShift?: number | undefined
  /** Share of the width. Default 0. */
  readonly widthShift?: number | undefined
  /** Mirror left–right with a chance of one half. Default false. */
  readonly horizontalFlip?: boolean | undefined
  /** Mirror top–bottom with a chance of one half. Default false. */
  readonly verticalFlip?: boolean | undefined
  /** Default 'nearest'. */
  readonly fillMode?: 'reflect' | 'wrap' | 'constant' | 'nearest' | undefined
}

/**
 * Rotation, shifts and flips in one bilinear resampling: what Keras's ImageDataGenerator did with `rotation_range`,
 * `height_shift_range`, `width_shift_range`, `horizontal_flip` and `vertical_flip` (its default fill is 'nearest' too). A pixel
 * reads centre + R(angle) · (flip · (p − centre) + shift).
 */
export function randomAffine(options: RandomAffineOptions = {}): CallableLayer {
  const share = optional(number({ least: 0, most: 1 }, 'a share in 0 … 1'), 0)
  const config = readOptions('RandomAffine', options, {
    rotation: optional(number({ least: 0, most: 180 }, 'degrees in 0 … 180'), 0),
    heightShift: share,
    widthShift: share,
    horizontalFlip: optional(boolean, false),
    verticalFlip: optional(boolean, false),
    ...samplingFields,
    fillMode: optional(choice('reflect', 'wrap', 'constant', 'nearest'), 'nearest'),
  })
  return randomLayer('RandomAffine', options, config, (context, n, height, width) => {
    const { graph } = context
    const within = (limit: number): Node => uniformIn(context, n, [-limit, limit])
    const [[t0, t1], [t3, t4]] = rotation(graph, within((config.rotation / 180) * Math.PI))
    const [down, right] = [within(config.heightShift * height), within(config.widthShift * width)]
    const flipRow = config.verticalFlip ? coin(context, n) : 1
    const flipColumn = config.horizontalFlip ? coin(context, n) : 1
    const turned = (a: Entry, b: Entry): readonly [Entry, Entry, Entry] => [
      graph.mul(a, flipRow),
      graph.mul(b, flipColumn),
      graph.add(graph.mul(a, down), graph.mul(b, right)),
    ]
    return [turned(t0, t1), turned(t3, t4)]
  })
}
