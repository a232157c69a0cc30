/**
 * A model as the graph of ONNX, opset 17. In: a model file and how its graph is wanted. Out: the record of an ONNX model, in inference:
 * layers that are there for training alone leave nothing behind. The batch is open; pictures come in as the network takes them.
 */
import { UserError } from 'fovea/internal/base/errors'
import type { Shape } from 'fovea/internal/base/shape'
import { modelFromConfig } from 'fovea/internal/network/config'
import type { Model } from 'fovea/internal/network/model'
import { type ModelFile, matchWeights } from 'fovea/internal/store/model-file'
import type { OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from '../onnx-model.ts'
import type { GivenWeight, WrittenCall } from './call.ts'
import { foldedModel, type WeightsByLayer } from './folded.ts'
import { createGraphWriter, type GraphWriter, int, type LayerGraph } from './graph.ts'
import { layerRows } from './layer-rows.ts'
import { producer, toPeople, writtenMetadata } from './metadata.ts'
import { type OnnxOptions, readOnnxOptions } from './onnx-options.ts'
import { type AxisOrder, channelsFirst, isPlain, newValue, plainOrder, type WrittenValue } from './value.ts'

/** Throws UserError for a file without a network, and where its weights do not fit it. */
export function onnxModelOf(file: ModelFile, options: OnnxOptions = {}): OnnxModel {
  const { layout, batchNorm, input } = readOnnxOptions(options)
  if (file.model === undefined) {
    throw new UserError({
      what: 'An ONNX file holds a network, and this model has only weights.',
      expected: 'a model with its configuration, as Fovea saves it',
      fix: 'build the network in code, load the weights into it and save that',
    })
  }
  const model = modelFromConfig(file.model)
  const weights = weightsOf(model, file)
  const { weights: own, gone } =
    batchNorm === 'folded' ? foldedModel(model, weights) : { weights, gone: new Set<unknown>() }
  const writer = createGraphWriter()
  const turned = layout === 'nchw' && !hasChannelsFirst(model)
  const orderOf = (shape: Shape): AxisOrder => (turned && shape.length === 3 ? channelsFirst : plainOrder(shape.length))
  const isBytes = (shape: Shape): boolean => input === 'uint8' && shape.length === 3
  const inputs = model.inputs.map(({ name, shape }) =>
    graphValue(writer.unique(name), shape, orderOf(shape), isBytes(shape) ? 'uint8' : 'float32'),
  )
  const values: WrittenValue[] = model.inputs.map(({ shape }, index) => {
    const { name } = inputs[index]!
    const floats = isBytes(shape) ? writer.of(name).node('Cast', [name], { to: int(1) }) : name
    return newValue(shape, floats, orderOf(shape))
  })
  for (const call of model.layers) {
    const [first, ...others] = call.inputs.map(value => values[value]!)
    const { layer, outputShape } = call
    const at: WrittenCall = { graph: writer.of(layer.name), layer, outputShape, weights: own[layer.name] ?? {} }
    values.push(gone.has(call) ? first! : layerRows[layer.type as keyof typeof layerRows](at, first!, ...others))
  }
  const results = model.outputs.map(({ name, value, shape }) => ({
    name,
    shape,
    order: orderOf(shape),
    tensor: inOrder(writer.of(name), values[value]!, orderOf(shape)),
  }))
  const { nodes, outputs } = named(writer, results, inputs)
  return {
    irVersion: 8,
    opsets: { '': 17 },
    producer: producer.name,
    producerVersion: producer.version,
    doc: toPeople(file, model, layout),
    graph: { name: model.name, nodes, initializers: writer.initializers, inputs, outputs },
    metadata: writtenMetadata(file, {
      inputs: model.inputs.map(({ shape }) => turned && shape.length === 3),
      outputs: model.outputs.map(({ shape }) => turned && shape.length === 3),
    }),
  }
}

const inOrder = (graph: LayerGraph, value: WrittenValue, order: AxisOrder): string =>
  isPlain(order) ? graph.plain(value) : graph.tensor(value, order)

const graphValue = (name: string, shape: Shape, order: AxisOrder, type: OnnxTensor['type'] = 'float32'): OnnxValue => ({
  name,
  type,
  dims: ['batch', ...order.map(axis => shape[axis]!)],
})

const hasChannelsFirst = (model: Model): boolean =>
  model.layers.some(({ layer }) => layer.config['dataFormat'] === 'channelsFirst')

function weightsOf(model: Model, file: ModelFile): WeightsByLayer {
  const data = matchWeights(file.weights, model.weights, 'the weights of the file')
  const result: Record<string, Record<string, GivenWeight>> = Object.create(null)
  for (const { name, layer, shape } of model.weights) {
    result[layer] ??= {}
    result[layer][name.slice(layer.length + 1)] = { shape, data: data[name]! }
  }
  return result
}

interface Result {
  readonly name: string
  readonly shape: Shape
  readonly order: AxisOrder
  readonly tensor: string
}

/** Outputs are called after their layers: the nodes that make them say so. What another output or an input is already, is handed on. */
function named(writer: GraphWriter, results: readonly Result[], inputs: readonly OnnxValue[]) {
  const names = new Map<string, string>()
  const passed: OnnxNode[] = []
  const outputs = results.map(({ name: wanted, shape, order, tensor }) => {
    const name = writer.unique(wanted)
    if (names.has(tensor) || inputs.some(input => input.name === tensor)) {
      passed.push({
        op: 'Identity',
        domain: '',
        name,
        inputs: [names.get(tensor) ?? tensor],
        outputs: [name],
        attributes: {},
      })
    } else names.set(tensor, name)
    return graphValue(name, shape, order)
  })
  const called = (tensor: string): string => names.get(tensor) ?? tensor
  const nodes = writer.nodes.map(node => ({
    ...node,
    inputs: node.inputs.map(called),
    outputs: node.outputs.map(called),
  }))
  return { nodes: [...nodes, ...passed], outputs }
}
