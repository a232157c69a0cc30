/** ONNX files for tests, written down field by field (onnx.proto): as much of the format as the tests need. */
import { type Field, message } from 'fovea/internal/store/protobuf'

export interface TensorParts {
  readonly name?: string
  readonly dims: readonly number[]
  /** 1: float32, 7: int64. */
  readonly type?: number
  readonly raw?: Uint8Array
  readonly more?: readonly Field[]
}

export const rawFloats = (values: Iterable<number>): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)
export const rawInts = (values: readonly number[]): Uint8Array =>
  new Uint8Array(BigInt64Array.from(values, value => BigInt(value)).buffer)

export const tensor = ({ name = '', dims, type = 1, raw, more = [] }: TensorParts): Uint8Array =>
  message([
    ...dims.map((extent): Field => [1, 'int', extent]),
    [2, 'int', type],
    [8, 'text', name],
    ...(raw ? [[9, 'bytes', raw] as const] : []),
    ...more,
  ])

export const floats = (name: string, dims: readonly number[], values: Iterable<number>): Uint8Array =>
  tensor({ name, dims, raw: rawFloats(values) })
export const ints = (name: string, values: readonly number[]): Uint8Array =>
  tensor({ name, dims: [values.length], type: 7, raw: rawInts(values) })

type Attribute = number | string | readonly number[] | { readonly float: number } | { readonly tensor: Uint8Array }

function attribute(name: string, value: Attribute): Uint8Array {
  const fields = ((): Field[] => {
    if (typeof value === 'number')
      return [
        [3, 'int', value],
        [20, 'int', 2],
      ]
    if (typeof value === 'string')
      return [
        [4, 'text', value],
        [20, 'int', 3],
      ]
    if ('float' in value)
      return [
        [2, 'float', value.float],
        [20, 'int', 1],
      ]
    if ('tensor' in value)
      return [
        [5, 'bytes', value.tensor],
        [20, 'int', 4],
      ]
    return [...value.map((each): Field => [8, 'int', each]), [20, 'int', 7]]
  })()
  return message([[1, 'text', name], ...fields])
}

/** `node('Conv', ['x', 'w'], ['y'], {pads: [1, 1, 1, 1]})`. */
export const node = (
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
  more: readonly Field[] = [],
): Uint8Array =>
  message([
    ...inputs.map((input): Field => [1, 'text', input]),
    ...outputs.map((output): Field => [2, 'text', output]),
    [4, 'text', op],
    ...Object.entries(attributes).map(([name, value]): Field => [5, 'bytes', attribute(name, value)]),
    ...more,
  ])

/** A number, or the name of an open extent. */
export const value = (name: string, dims: readonly (number | string)[], type = 1): Uint8Array => {
  const extents = dims.map(
    (extent): Field => [1, 'bytes', message([typeof extent === 'number' ? [1, 'int', extent] : [2, 'text', extent]])],
  )
  return message([
    [1, 'text', name],
    [
      2,
      'bytes',
      message([
        [
          1,
          'bytes',
          message([
            [1, 'int', type],
            [2, 'bytes', message(extents)],
          ]),
        ],
      ]),
    ],
  ])
}

export interface FileParts {
  readonly nodes: readonly Uint8Array[]
  readonly initializers?: readonly Uint8Array[]
  readonly inputs: readonly Uint8Array[]
  readonly outputs: readonly Uint8Array[]
  readonly opset?: number
  readonly metadata?: Readonly<Record<string, string>>
}

export function onnxBytes({
  nodes,
  initializers = [],
  inputs,
  outputs,
  opset = 17,
  metadata = {},
}: FileParts): Uint8Array {
  const graph = message([
    ...nodes.map((each): Field => [1, 'bytes', each]),
    [2, 'text', 'graph'],
    ...initializers.map((each): Field => [5, 'bytes', each]),
    ...inputs.map((each): Field => [11, 'bytes', each]),
    ...outputs.map((each): Field => [12, 'bytes', each]),
  ])
  return message([
    [1, 'int', 8],
    [2, 'text', 'test'],
    [7, 'bytes', graph],
    [8, 'bytes', message([[2, 'int', opset]])],
    ...Object.entries(metadata).map(
      ([key, text]): Field => [
        14,
        'bytes',
        message([
          [1, 'text', key],
          [2, 'text', text],
        ]),
      ],
    ),
  ])
}

/** Numbers that look random and are the same every time. */
export const numbers = (size: number, scale = 1): Float32Array =>
  Float32Array.from({ length: size }, (_, at) => (((at * 7919) % 257) / 128 - 1) * scale)

/** A convolution, its batch normalization, pooling and two dense layers, as PyTorch writes them; pictures [3, 8, 8], 4 classes. */
export const smallClassifier = (): Uint8Array =>
  onnxBytes({
    nodes: [
      node('Conv', ['picture', 'conv1.weight', 'conv1.bias'], ['a'], { pads: [1, 1, 1, 1], kernel_shape: [3, 3] }),
      node('BatchNormalization', ['a', 'bn1.weight', 'bn1.bias', 'bn1.mean', 'bn1.variance'], ['b'], {
        epsilon: { float: 1e-5 },
      }),
      node('Relu', ['b'], ['c']),
      node('MaxPool', ['c'], ['d'], { kernel_shape: [2, 2], strides: [2, 2] }),
      node('Shape', ['d'], ['shape']),
      node('Gather', ['shape', 'zero'], ['batch'], { axis: 0 }),
      node('Unsqueeze', ['batch', 'axes'], ['rows']),
      node('Concat', ['rows', 'rest'], ['target'], { axis: 0 }),
      node('Reshape', ['d', 'target'], ['e']),
      node('Gemm', ['e', 'fc1.weight', 'fc1.bias'], ['f'], { transB: 1 }),
      node('Relu', ['f'], ['g']),
      node('MatMul', ['g', 'fc2.weight'], ['h']),
      node('Add', ['h', 'fc2.bias'], ['logits']),
      node('Softmax', ['logits'], ['probabilities'], { axis: 1 }),
    ],
    initializers: [
      floats('conv1.weight', [6, 3, 3, 3], numbers(162, 0.3)),
      floats('conv1.bias', [6], numbers(6, 0.1)),
      floats(
        'bn1.weight',
        [6],
        numbers(6).map(x => 1 + x / 4),
      ),
      floats('bn1.bias', [6], numbers(6, 0.2)),
      floats('bn1.mean', [6], numbers(6, 0.1)),
      floats(
        'bn1.variance',
        [6],
        numbers(6).map(x => 1 + x / 4),
      ),
      tensor({ name: 'zero', dims: [], type: 7, raw: rawInts([0]) }),
      ints('axes', [0]),
      ints('rest', [-1]),
      floats('fc1.weight', [8, 96], numbers(768, 0.2)),
      floats('fc1.bias', [8], numbers(8, 0.1)),
      floats('fc2.weight', [8, 4], numbers(32, 0.5)),
      floats('fc2.bias', [4], numbers(4, 0.1)),
    ],
    inputs: [value('picture', ['batch', 3, 8, 8])],
    outputs: [value('probabilities', ['batch', 4])],
    metadata: { 'fovea.classNames': '["a","b","c","d"]' },
  })
