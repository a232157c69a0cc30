/**
 * How often the units of a network are at rest: at a place of their activation where its slope, and with it learning, (nearly) ends. For
 * relu that is everything up to 0; for an activation between two bounds, the outer 2 % of its range at either end (|tanh x| ≥ 0.96,
 * where its slope is below 8 % of its largest). A unit is a filter of a convolution, or one output of a dense layer.
 */
import { sizeOf } from '../base/shape.ts'
import { createGraph, type Graph } from '../graph/builder.ts'
import { type Node, type StepGraph, stepGraph } from '../graph/node.ts'
import type { Layer } from '../layers/layer.ts'
import { lowerModel } from './lower.ts'
import type { Model } from './model.ts'

export interface RestingLayer {
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
  tanh: [-1, 1],
  hardTanh: [-1, 1],
  softsign: [-1, 1],
  sigmoid: [0, 1],
  hardSigmoid: [0, 1],
}
const outerShare = 0.02

/**
 * The layers that can be at rest (those that give the outputs are meant to be sure, and are left out), and a step over a batch of
 * pictures as bytes that gives for each, as `units <index>`, at how many of its values each unit rests.
 */
export function unitRest(model: Model, batch: number): { layers: readonly RestingLayer[]; step: StepGraph } {
  const graph = createGraph(batch)
  const inputs = model.inputs.map(({ name, shape }) =>
    graph.input(name, [batch, ...shape], { dtype: 'u8', batched: true }),
  )
  const randomKey = graph.input('randomKey', [2], { dtype: 'i32' })
  const { values } = lowerModel(model, graph, { inputs, training: false, randomKey })
  const layers: RestingLayer[] = []
  const counts: Node[] = []
  for (const [index, { layer, outputShape }] of model.layers.entries()) {
    const activation = activationOf(layer)
    const limit = limits[activation]
    if (limit === undefined || model.outputs.some(({ value }) => value === model.inputs.length + index)) continue
    const units = layer.config['dataFormat'] === 'channelsFirst' ? 0 : outputShape.length - 1
    const others = values[index]!.shape.map((_, axis) => axis).filter(axis => axis !== units + 1)
    layers.push({
      layer: layer.name,
      activation,
      rests: limit === 'floor' ? 'floor' : 'bounds',
      units: outputShape[units]!,
      places: sizeOf(outputShape) / outputShape[units]!,
    })
    counts.push(graph.sum(resting(graph, values[index]!, limit), others))
  }
  return {
    layers,
    step: stepGraph(
      batch,
      [],
      counts.map((node, index) => ({ name: `units ${index}`, node })),
    ),
  }
}

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
  const own = traits.activation as string | { readonly type: string; readonly negativeSlope?: number } | undefined
  if (typeof own !== 'object') return own ?? ''
  return own.negativeSlope === undefined || own.negativeSlope === 0 ? own.type : ''
}
