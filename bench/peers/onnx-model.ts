/**
 * A network of the recipes as an ONNX model (opset 13) that takes pictures as floats 0 … 255 in NCHW and gives the
 * predictions. Dropout and augmentation are left out. Source of the fields' numbers: onnx.proto.
 */
import { UserError } from '../../packages/fovea/src/base/errors.ts'
import type { Json } from '../../packages/fovea/src/base/json.ts'
import type { Shape } from '../../packages/fovea/src/base/shape.ts'
import type { LayerCall, Model } from '../../packages/fovea/src/network/model.ts'
import { type Field, message } from '../../packages/fovea/src/store/protobuf.ts'

const FLOAT = 1
const attributeType = { float: 1, int: 2, ints: 7 } as const

type Weights = Readonly<Record<string, Float32Array>>
type Attribute = readonly [name: string, type: keyof typeof attributeType, value: number | readonly number[]]

export function onnxModel(model: Model, weights: Weights): Uint8Array {
  const graph = new GraphWriter(weights)
  const values = [graph.value]
  for (const call of model.layers) {
    const rule = rules[call.layer.type]
    if (!rule) throw new UserError(`There is no ONNX form of ${call.layer.type} here.`)
    const [first, ...others] = call.inputs.map(value => values[value]!)
    graph.value = first!
    rule(graph, call, others)
    values.push(graph.value)
  }
  const [height, width, channels] = model.inputs[0]!.shape as [number, number, number]
  return message([
    [1, 'int', 8],
    [8, 'bytes', message([[2, 'int', 13]])],
    [7, 'bytes', graph.finish([channels, height, width], model.outputs[0]!.shape)],
  ])
}

class GraphWriter {
  private readonly weights: Weights
  private readonly fields: Field[] = []
  private count = 0
  /** The last value. */
  value = 'x'
  /** Zeros laid around it, which the next convolution takes as padding: top, left, bottom, right. */
  border = [0, 0, 0, 0]
  /** Height, width and channels of the picture that Flatten took apart, until the next dense layer. */
  flattened: Shape | undefined

  constructor(weights: Weights) {
    this.weights = weights
  }

  weight(call: LayerCall, name: string): Float32Array {
    return this.weights[`${call.layer.name}/${name}`]!
  }

  tensor(shape: Shape, data: Float32Array): string {
    const name = `t${this.count++}`
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    const dims = shape.map((extent): Field => [1, 'int', extent])
    this.fields.push([5, 'bytes', message([...dims, [2, 'int', FLOAT], [8, 'text', name], [9, 'bytes', bytes]])])
    return name
  }

  /** An operation on the last value and further inputs. */
  add(operation: string, inputs: readonly string[] = [], attributes: readonly Attribute[] = []): void {
    const to = `v${this.count++}`
    const described = attributes.map(([name, type, value]): Field => {
      const values: Field[] =
        type === 'float'
          ? [[2, 'float', value as number]]
          : type === 'int'
            ? [[3, 'int', value as number]]
            : (value as readonly number[]).map((each): Field => [8, 'int', each])
      return [5, 'bytes', message([[1, 'text', name], ...values, [20, 'int', attributeType[type]]])]
    })
    const from = [this.value, ...inputs].map((name): Field => [1, 'text', name])
    this.fields.push([1, 'bytes', message([...from, [2, 'text', to], [4, 'text', operation], ...described])])
    this.value = to
  }

  finish(input: Shape, output: Shape): Uint8Array {
    return message([
      ...this.fields,
      [2, 'text', 'fovea'],
      [11, 'bytes', valueInfo('x', input)],
      [12, 'bytes', valueInfo(this.value, output)],
    ])
  }
}

/** A float tensor of n rows. */
function valueInfo(name: string, shape: Shape): Uint8Array {
  const rows = message([[2, 'text', 'n']])
  const dims = [rows, ...shape.map(extent => message([[1, 'int', extent]]))].map((dim): Field => [1, 'bytes', dim])
  const tensor = message([
    [1, 'int', FLOAT],
    [2, 'bytes', message(dims)],
  ])
  return message([
    [1, 'text', name],
    [2, 'bytes', message([[1, 'bytes', tensor]])],
  ])
}

const nothing = (): void => {}
const scalar = (value: number): Float32Array => Float32Array.of(value)

/** `others`: what comes in besides the last value. */
const rules: Readonly<Record<string, (graph: GraphWriter, call: LayerCall, others: readonly string[]) => void>> = {
  Rescaling(graph, { layer: { config } }) {
    graph.add('Mul', [graph.tensor([], scalar(config['scale'] as number))])
    graph.add('Add', [graph.tensor([], scalar(config['offset'] as number))])
  },
  Normalization(graph, { layer: { config } }) {
    graph.add('Sub', [graph.tensor([], scalar(config['mean'] as number))])
    graph.add('Div', [graph.tensor([], scalar(Math.sqrt(config['variance'] as number)))])
  },
  RandomAffine: nothing,
  Dropout: nothing,
  Conv2D(graph, call) {
    const { kernelSize, activation: name } = call.layer.config
    const [height, width] = kernelSize as [number, number]
    const [channels, filters] = [call.inputShapes[0]!.at(-1)!, call.outputShape.at(-1)!]
    const kernel = moved(graph.weight(call, 'kernel'), [height, width, channels, filters], [3, 2, 0, 1])
    convolve(graph, call, graph.tensor([filters, channels, height, width], kernel), 1)
    activation(graph, name)
  },
  DepthwiseConv2D(graph, call) {
    const { kernelSize, activation: name } = call.layer.config
    const [height, width] = kernelSize as [number, number]
    const channels = call.outputShape.at(-1)!
    const kernel = moved(graph.weight(call, 'kernel'), [height, width, channels, 1], [2, 3, 0, 1])
    convolve(graph, call, graph.tensor([channels, 1, height, width], kernel), channels)
    activation(graph, name)
  },
  ZeroPadding2D(graph, { layer: { config } }) {
    const [[top, bottom], [left, right]] = config['padding'] as [[number, number], [number, number]]
    graph.border = [top, left, bottom, right]
  },
  ReLU(graph, { layer: { config } }) {
    graph.add(
      'Clip',
      [0, config['maxValue'] as number].map(limit => graph.tensor([], scalar(limit))),
    )
  },
  Add: (graph, _, others) => graph.add('Add', others),
  GlobalAveragePooling2D(graph) {
    graph.add('GlobalAveragePool')
    graph.add('Flatten')
  },
  MaxPooling2D: pooling('MaxPool'),
  AveragePooling2D: pooling('AveragePool'),
  BatchNormalization(graph, call) {
    const names = ['gamma', 'beta', 'movingMean', 'movingVariance']
    const channels = call.outputShape.at(-1)!
    const weights = names.map(name => graph.tensor([channels], graph.weight(call, name)))
    graph.add('BatchNormalization', weights, [['epsilon', 'float', call.layer.config['epsilon'] as number]])
  },
  Flatten(graph, call) {
    graph.flattened = call.inputShapes[0]
    graph.add('Flatten')
  },
  Dense(graph, call) {
    const [inputs, units] = [call.inputShapes[0]!.at(-1)!, call.outputShape.at(-1)!]
    const { flattened } = graph
    let kernel = graph.weight(call, 'kernel')
    // Our rows are in the order height, width, channel.
    if (flattened) kernel = moved(kernel, [...flattened, units], [2, 0, 1, 3])
    graph.flattened = undefined
    graph.add('Gemm', [graph.tensor([inputs, units], kernel), graph.tensor([units], graph.weight(call, 'bias'))])
    activation(graph, call.layer.config['activation'])
  },
}

function pooling(operation: string) {
  return (graph: GraphWriter, { layer: { config } }: LayerCall): void => {
    graph.add(
      operation,
      [],
      [
        ['kernel_shape', 'ints', config['poolSize'] as number[]],
        ['strides', 'ints', config['strides'] as number[]],
      ],
    )
  }
}

function convolve(graph: GraphWriter, call: LayerCall, kernel: string, group: number): void {
  const { useBias, kernelSize, strides } = call.layer.config
  const bias = useBias ? [graph.tensor([call.outputShape.at(-1)!], graph.weight(call, 'bias'))] : []
  graph.add(
    'Conv',
    [kernel, ...bias],
    [
      ['kernel_shape', 'ints', kernelSize as number[]],
      ['strides', 'ints', strides as number[]],
      ['pads', 'ints', padsOf(call).map((pad, side) => pad + graph.border[side]!)],
      ['group', 'int', group],
    ],
  )
  graph.border = [0, 0, 0, 0]
}

/** Top, left, bottom, right; what is odd goes to the bottom and right. */
function padsOf({ layer: { config }, inputShapes, outputShape }: LayerCall): number[] {
  if (config['padding'] !== 'same') return [0, 0, 0, 0]
  const [size, strides] = [config['kernelSize'], config['strides']] as [number[], number[]]
  const all = size.map((extent, axis) =>
    Math.max(0, (outputShape[axis]! - 1) * strides[axis]! + extent - inputShapes[0]![axis]!),
  )
  return [...all.map(extent => Math.floor(extent / 2)), ...all.map(extent => Math.ceil(extent / 2))]
}

function activation(graph: GraphWriter, name: Json | undefined): void {
  const operations: Readonly<Record<string, string>> = { relu: 'Relu', tanh: 'Tanh', elu: 'Elu', softmax: 'Softmax' }
  if (name === 'linear' || name === undefined || name === null) return
  const operation = operations[String(name)]
  if (!operation) throw new UserError(`There is no ONNX form of the activation ${String(name)} here.`)
  graph.add(operation, [], operation === 'Softmax' ? [['axis', 'int', 1]] : [])
}

/** The array with its axes in another order. */
export function moved(data: Float32Array, shape: Shape, order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1))
  const target = new Float32Array(data.length)
  const extents = order.map(axis => shape[axis]!)
  const index = order.map(() => 0)
  for (let at = 0; at < target.length; at++) {
    target[at] = data[index.reduce((sum, each, axis) => sum + each * strides[order[axis]!]!, 0)]!
    for (let axis = index.length - 1; axis >= 0 && ++index[axis]! === extents[axis]; axis--) index[axis] = 0
  }
  return target
}
