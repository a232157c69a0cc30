/**
 * RandomErasing (Zhong et al. 2017) as in Keras 3: in training a rectangle of each picture is painted over. Height and width are
 * √u · extent with u uniform in `scale`, drawn separately; the place is uniform. The chance of erasing is itself drawn from
 * `factor` for each picture.
 */

import { optional, orNull } from '../base/schema.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { dataFormat, makeLayer, misfit } from './definition.ts'
import { randomNormal } from './gaussian-noise.ts'
import type { LowerContext } from './layer.ts'
import { type LayerOptions, oneOrMoreNumbers, readOptions } from './options.ts'
import { type Factor, range, uniformIn } from './resampling.ts'
import type { CallableLayer } from './tensor.ts'

export interface RandomErasingOptions extends LayerOptions {
  /** The chance of erasing: drawn from 0 … f, or from … to. Default 1 (so 0 … 1). */
  readonly factor?: Factor | undefined
  /** The share u of the picture's area if both sides were drawn alike. Default [0.02, 0.33]. */
  readonly scale?: Factor | undefined
  /** A number, one for each channel, or null for normal noise times the upper end of `valueRange`. Default null. */
  readonly fillValue?: number | readonly number[] | null | undefined
  /** What pixels can be; the fill is held within. Default [0, 255]. */
  readonly valueRange?: readonly [number, number] | undefined
  /** Order of the axes. Default 'channelsLast'. */
  readonly dataFormat?: 'channelsLast' | 'channelsFirst' | undefined
}

/** Paints a random rectangle of each picture over. Throws UserError when the fill has not one number for each channel. */
export function randomErasing(options: RandomErasingOptions = {}): CallableLayer {
  const share = range(0, 1, () => 0)
  const config = readOptions('RandomErasing', options, {
    factor: optional(share, [0, 1]),
    scale: optional(share, [0.02, 0.33]),
    fillValue: orNull(oneOrMoreNumbers()),
    valueRange: optional(range(-1e30, 1e30), [0, 255]),
    dataFormat,
  })
  return makeLayer(options, {
    type: 'RandomErasing',
    traits: { family: 'augmentation', sight: 'alike' },
    config,
    ranks: [3],
    outputShape: ([shape]) => {
      const { fillValue } = config
      if (!Array.isArray(fillValue) || fillValue.length === shape![2]) return shape!
      throw misfit('RandomErasing', options.name, 'fillValue.', `${shape![2]} numbers`, `${fillValue.length}`)
    },
    lower: (context, [x]) => {
      if (!context.training) return x!
      const { graph } = context
      const [n, height, width] = x!.shape as [number, number, number]
      const chance = uniformIn(context, n, config.factor, 4)
      const erase = graph.binary('less', uniformIn(context, n, [0, 1], 4), chance)
      const across = inside(context, n, [1, 1, width, 1], 2, config.scale)
      const down = inside(context, n, [1, height, 1, 1], 1, config.scale)
      const mask = graph.mul(graph.mul(down, across), erase)
      return graph.select(mask, fill(context, x!, config.fillValue, config.valueRange), x!)
    },
  })
}

/** 1 where the index along `axis` lies in a random stretch of √u · extent, u in `scale`; [N, …] of the shape. */
function inside(
  context: LowerContext,
  n: number,
  shape: readonly number[],
  axis: number,
  scale: readonly [number, number],
): Node {
  const { graph } = context
  const extent = shape[axis]!
  const length = graph.mul(graph.unary('sqrt', uniformIn(context, n, scale, 4)), extent)
  const start = graph.mul(uniformIn(context, n, [0, 1], 4), graph.sub(extent, length))
  const index = graph.iota(shape, axis)
  return graph.mul(graph.binary('lessEqual', start, index), graph.binary('less', index, graph.add(start, length)))
}

function fill(
  context: LowerContext,
  x: Node,
  value: number | readonly number[] | null,
  [low, high]: readonly [number, number],
): Node {
  const { graph } = context
  const within = (node: Node): Node => graph.min(graph.max(node, low), high)
  if (value === null) return within(graph.mul(randomNormal(context, x.shape), high))
  return within(typeof value === 'number' ? graph.constant(value) : vector(graph, value))
}

const vector = (graph: Graph, values: readonly number[]): Node =>
  graph.concat(
    values.map(value => graph.constant(value, [1])),
    0,
  )
