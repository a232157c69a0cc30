/**
 * How often the units of a network are at rest: at a place of their activation where its slope, and with it learning, (nearly) ends. For
 * relu that is everything up to 0; for an activation between two bounds, the outer 2 % of its range at either end (|tanh x| ≥ 0.96,
 * where its slope is below 8 % of its largest). A unit is a filter of a convolution, or one output of a dense layer.
 */
import { sizeOf } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import type { Layer } from '../layers/layer.ts'
import type { Model } from './model.ts'

export interface RestingLayer {
  /** Which of the model's layer calls. */
  readonly call: number
  readonly layer: string
  readonly activation: string
  /** `floor`: at rest a unit is silent. `bounds`: it is at one end of its range. */
  readonly rests: 'floor' | 'bounds'
  readonly units: number
  /** Values a unit gives for one picture: the places of a filter, 1 for a dense layer. */
  readonly places: number
}

/** Lower and upper limit, or only the floor below which there is no slope. */
const limits: Readonly<Record<string, readonly [number, number] | 'floor'>> = {
  relu: 'floor',
  relu6: 'floor',
  sparsePlus: 'floor',
  tanh: [-1, 1],
  hardTanh: [-1, 1],
  softsign: [-1, 1],
  sigmoid: [0, 1],
  hardSigmoid: [0, 1],
  sparseSigmoid: [0, 1],
}
const outerShare = 0.02

/** The layers that can be at rest. Those that give the outputs are meant to be sure, and are left out. */
export function restingLayers(model: Model): RestingLayer[] {
  return model.layers.flatMap(({ layer, outputShape }, index): RestingLayer[] => {
    const activation = activationOf(layer)
    const limit = limits[activation]
    if (limit === undefined || model.outputs.some(({ value }) => value === model.inputs.length + index)) return []
    const units = outputShape[unitAxis(layer, outputShape)]!
    return [
      {
        call: index,
        layer: layer.name,
        activation,
        rests: limit === 'floor' ? 'floor' : 'bounds',
        units,
        places: sizeOf(outputShape) / units,
      },
    ]
  })
}

/** At how many of the layer's values, given for a batch, each of its units rests. */
export function restCounts(graph: Graph, model: Model, { call, activation }: RestingLayer, value: Node): Node {
  const { layer, outputShape } = model.layers[call]!
  const unit = unitAxis(layer, outputShape) + 1
  const others = value.shape.map((_, axis) => axis).filter(axis => axis !== unit)
  return graph.sum(resting(graph, value, limits[activation]!), others)
}

const unitAxis = ({ config }: Layer, { length }: readonly number[]): number =>
  config['dataFormat'] === 'channelsFirst' ? 0 : length - 1

/** 1 where the value is at rest, else 0. */
function resting(graph: Graph, value: Node, limit: readonly [number, number] | 'floor'): Node {
  const isMost = (x: Node, most: number): Node =>
    graph.select(graph.binary('lessEqual', x, graph.constant(most)), graph.constant(1), graph.constant(0))
  if (limit === 'floor') return isMost(value, 0)
  const [low, high] = limit
  const margin = outerShare * (high - low)
  return graph.add(isMost(value, low + margin), isMost(graph.unary('neg', value), margin - high))
}

/** Its name; empty for layers without one, or with a slope on both sides. */
function activationOf({ traits }: Layer): string {
  const own = traits.activation as
    | string
    | { readonly type: string; readonly negativeSlope?: number | undefined }
    | undefined
  if (typeof own !== 'object') return own ?? ''
  return own.negativeSlope === undefined || own.negativeSlope === 0 ? own.type : ''
}
