/**
 * A model as graph nodes: each layer call lowers in order; a weight is a state node of the weight's name, so entries of one
 * program share it. Comes in: input nodes, batch first. Goes out: the outputs, the states, what training changes besides the
 * optimizer (moving statistics), and the sum of the regularization penalties.
 */
import { InternalError } from '../base/errors.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node, NodeOf, StateUpdate } from '../graph/node.ts'
import type { Layer } from '../layers/layer.ts'
import { penalty } from '../layers/regularizers.ts'
import { type SampleNodes, unknownSamples } from '../layers/sample-nodes.ts'
import type { Model } from './model.ts'

export interface ModelNodes {
  readonly outputs: readonly Node[]
  /** The value of every layer call, in the order of `model.layers`. */
  readonly values: readonly Node[]
  /** By weight name. */
  readonly states: ReadonlyMap<string, NodeOf<'state'>>
  readonly updates: readonly StateUpdate[]
  /** Scalar; absent when no trained weight has a regularizer. */
  readonly penalty?: Node | undefined
}

export interface ModelNodesOptions {
  /** One per model input, batched, of any type: integers are cast to float. */
  readonly inputs: readonly Node[]
  readonly training: boolean
  /** int32 [2]; read only by random layers in training. */
  readonly randomKey: Node
  /** Scalar: how much of the old moving statistics stays, instead of what the layers say. */
  readonly movingMomentum?: Node | undefined
  /** Absent where nothing is known of them. */
  readonly samples?: SampleNodes | undefined
}

/** Another way to make a model's nodes than `modelNodes`: the same weights, other outputs. */
export interface ModelNodesMaker {
  /** Tells entries of one program apart. */
  readonly name: string
  nodes(model: Model, graph: Graph, options: ModelNodesOptions): ModelNodes
}

export function modelNodes(model: Model, graph: Graph, options: ModelNodesOptions): ModelNodes {
  if (options.inputs.length !== model.inputs.length) {
    throw new InternalError('model', `${options.inputs.length} input nodes for ${model.inputs.length} inputs`)
  }
  const states = new Map(
    model.weights.map(weight => [weight.name, graph.state(weight.name, weight.shape) as NodeOf<'state'>]),
  )
  const updates: StateUpdate[] = []
  const samples = options.samples ?? unknownSamples(graph, options.randomKey)
  const values: Node[] = options.inputs.map(input => graph.cast(input))
  for (const call of model.layers) {
    const weights = weightsOf(model, call.layer, states)
    const context = {
      graph,
      training: options.training && followsTraining(call.layer),
      randomKey: options.randomKey,
      ...(options.movingMomentum && { movingMomentum: options.movingMomentum }),
      samples,
      update: (state: Node, value: Node) => updates.push({ state: state as NodeOf<'state'>, value }),
    }
    const inputs = call.inputs.map(value => values[value]!)
    values.push(call.layer.lower(context, inputs, weights))
  }
  const total = totalPenalty(model, graph, states)
  return {
    outputs: model.outputs.map(output => values[output.value]!),
    values: values.slice(model.inputs.length),
    states,
    updates: lastOfEach(updates),
    ...(total === undefined ? {} : { penalty: total }),
  }
}

/** A frozen batch normalization works as in inference, as in Keras: its statistics are frozen too. */
function followsTraining(layer: Layer): boolean {
  return layer.trainable || layer.traits.batchStatistics !== true
}

function weightsOf(model: Model, layer: Layer, states: ReadonlyMap<string, Node>): Record<string, Node> {
  const prefix = `${layer.name}/`
  const own = model.weights.filter(weight => weight.layer === layer.name)
  return Object.fromEntries(own.map(weight => [weight.name.slice(prefix.length), states.get(weight.name)!]))
}

/** Σ of the penalties of all trained weights (a frozen layer has none, as in Keras). */
function totalPenalty(model: Model, graph: Graph, states: ReadonlyMap<string, Node>): Node | undefined {
  let total: Node | undefined
  for (const weight of model.weights) {
    if (weight.regularizer === undefined || !weight.trainable) continue
    const term = penalty(graph, weight.regularizer, states.get(weight.name)!)
    total = total === undefined ? term : graph.add(total, term)
  }
  return total
}

/** A shared layer updates its statistics at each call; both start from the old value, so the last one holds. */
function lastOfEach(updates: readonly StateUpdate[]): StateUpdate[] {
  return [...new Map(updates.map(update => [update.state, update])).values()]
}
