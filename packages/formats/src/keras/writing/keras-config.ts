/**
 * The configuration of a model as Keras 3 writes it into config.json: each layer by class and options, with the shape it is built for; of
 * functional models the calls, each with the tensors it takes by the layer, call and output that they come from.
 */
import type { Json, JsonRecord } from 'fovea/internal/base/json'
import type { Shape } from 'fovea/internal/base/shape'
import type { NetworkLayer, SaidNetwork } from './said-network.ts'
import { kerasObject } from './words.ts'

export function kerasConfig(network: SaidNetwork): JsonRecord {
  return network.kind === 'sequential' ? sequential(network) : functional(network)
}

const batched = (shape: Shape): Json => [null, ...shape]

/** One shape for one input, a list for several. */
const shapesOf = (shapes: readonly Shape[]): Json => (shapes.length === 1 ? batched(shapes[0]!) : shapes.map(batched))

function layerOf({ className, config, name, trainable, inputShapes, weights }: NetworkLayer) {
  // Not every layer of Keras takes the word, and without weights it says nothing.
  const trains = weights.length > 0 ? { trainable } : {}
  return {
    ...kerasObject('layers', className, { name, ...trains, dtype: 'float32', ...config }),
    build_config: { input_shape: shapesOf(inputShapes) },
  }
}

const inputOf = ({ name, shape }: SaidNetwork['inputs'][number]) =>
  kerasObject('layers', 'InputLayer', { batch_shape: batched(shape), dtype: 'float32', sparse: false, name })

function sequential({ name, inputs, layers }: SaidNetwork): JsonRecord {
  const shape = batched(inputs[0]!.shape)
  const config = {
    name,
    trainable: true,
    dtype: 'float32',
    layers: [inputOf(inputs[0]!), ...layers.map(layerOf)],
    build_input_shape: shape,
  }
  return {
    module: 'keras',
    class_name: 'Sequential',
    config,
    registered_name: null,
    build_config: { input_shape: shape },
  }
}

function functional({ name, inputs, layers, calls, outputs }: SaidNetwork): JsonRecord {
  const counts = new Map<number, number>()
  /** Of each value: the layer it comes from, the number of its call, the number of its output. */
  const histories: readonly (readonly [string, number, number])[] = [
    ...inputs.map(input => [input.name, 0, 0] as const),
    ...calls.map(({ layer }) => {
      const count = counts.get(layer) ?? 0
      counts.set(layer, count + 1)
      return [layers[layer]!.name, count, 0] as const
    }),
  ]
  const tensor = (value: number, shape: Shape): Json => ({
    class_name: '__keras_tensor__',
    config: { shape: batched(shape), dtype: 'float32', keras_history: histories[value]! },
  })
  const nodeOf = ({ inputs: values, inputShapes }: SaidNetwork['calls'][number]): Json => {
    const tensors = values.map((value, at) => tensor(value, inputShapes[at]!))
    return { args: tensors.length === 1 ? tensors : [tensors], kwargs: {} }
  }
  const config = {
    name,
    trainable: true,
    layers: [
      ...inputs.map(input => ({ ...inputOf(input), name: input.name, inbound_nodes: [] })),
      ...layers.map((layer, number) => ({
        ...layerOf(layer),
        name: layer.name,
        inbound_nodes: calls.filter(call => call.layer === number).map(nodeOf),
      })),
    ],
    input_layers: inputs.map(input => [input.name, 0, 0]),
    output_layers: outputs.map(value => histories[value]!),
  }
  // Keras exports no class of this name, so it says where its own is.
  return { module: 'keras.src.models.functional', class_name: 'Functional', config, registered_name: 'Functional' }
}
