/**
 * Random light, active in training only, each picture by itself, as in Keras 3. RandomBrightness adds u · (high − low) to every number;
 * RandomContrast moves every number away from its channel's mean or towards it: (x − mean) · f + mean. Both hold the result within
 * `valueRange`, low … high.
 */
import { custom, optional, type Schema } from '../base/schema.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { makeLayer } from './definition.ts'
import type { LowerContext } from './layer.ts'
import { type LayerOptions, readOptions } from './options.ts'
import { type Factor, range, uniformIn } from './resampling.ts'
import type { CallableLayer } from './tensor.ts'

export interface RandomBrightnessOptions extends LayerOptions {
  /** The share u of the range that is added: −f … f, or from … to. Required. */
  readonly factor: Factor
  /** What pixels can be; the result is held within. Default [0, 255]. */
  readonly valueRange?: readonly [number, number] | undefined
}

export interface RandomContrastOptions extends LayerOptions {
  /** Contrast is multiplied by 1 − f … 1 + f, or by 1 − lower … 1 + upper of [lower, upper]. Required. */
  readonly factor: Factor
  /** What pixels can be; the result is held within. Default [0, 255]. */
  readonly valueRange?: readonly [number, number] | undefined
}

type Range = readonly [number, number]

const valueRange: Schema<Range> = optional(range(-1e30, 1e30), [0, 255])

const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1
const lowerAndUpper = custom('a number f (1 − f … 1 + f) or [lower, upper], each within 0 … 1', value => {
  const [lower, upper, ...rest] = Array.isArray(value) ? (value as unknown[]) : [value, value]
  return rest.length === 0 && isShare(lower) && isShare(upper) ? ([lower, upper] as Range) : undefined
})

/** Makes each picture brighter or darker. */
export function randomBrightness(options: RandomBrightnessOptions): CallableLayer {
  const config = readOptions('RandomBrightness', options, { factor: range(-1, 1), valueRange })
  const [low, high] = config.valueRange
  return randomLight('RandomBrightness', options, config, (context, x) =>
    context.graph.add(x, context.graph.mul(uniformIn(context, x.shape[0]!, config.factor, 4), high - low)),
  )
}

/** Gives each picture more contrast or less. */
export function randomContrast(options: RandomContrastOptions): CallableLayer {
  const config = readOptions('RandomContrast', options, { factor: lowerAndUpper, valueRange })
  const [lower, upper] = config.factor
  return randomLight('RandomContrast', options, config, (context, x) => {
    const { graph } = context
    const [n, , , channels] = x.shape as [number, number, number, number]
    const mean = graph.reshape(graph.mean(x, [1, 2]), [n, 1, 1, channels])
    const times = uniformIn(context, n, [1 - lower, 1 + upper], 4)
    return graph.add(graph.mul(graph.sub(x, mean), times), mean)
  })
}

function randomLight(
  type: string,
  options: LayerOptions,
  config: { readonly factor: Range; readonly valueRange: Range },
  lit: (context: LowerContext, x: Node) => Node,
): CallableLayer {
  return makeLayer(options, {
    type,
    traits: { family: 'augmentation', sight: 'alike' },
    config,
    ranks: [3],
    outputShape: ([shape]) => shape!,
    lower: (context, [x]) => (context.training ? within(context.graph, lit(context, x!), config.valueRange) : x!),
  })
}

const within = (graph: Graph, x: Node, [low, high]: Range): Node => graph.min(graph.max(x, low), high)
