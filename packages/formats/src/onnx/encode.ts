/**
 * An ONNX model as the bytes of its file. In: a record (onnx-model.ts). Out: protocol buffers, numbers of tensors as raw little-endian
 * bytes. Source: onnx.proto of ONNX (the numbers of fields).
 */
import { InternalError, UserError } from 'fovea/internal/base/errors'
import { toHalf } from 'fovea/internal/base/half'
import { PbfWriter } from 'pbf'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxType, OnnxValue } from './onnx-model.ts'

type Numbers = OnnxTensor['data']

interface TypeRow {
  /** TensorProto.DataType. */
  readonly code: number
  readonly pack: (data: Numbers) => ArrayBufferView
}

const types: Readonly<Record<OnnxType, TypeRow>> = {
  float32: { code: 1, pack: data => (data instanceof Float32Array ? data : new Float32Array(data)) },
  uint8: { code: 2, pack: data => Uint8Array.from(data) },
  int8: { code: 3, pack: data => Int8Array.from(data) },
  uint16: { code: 4, pack: data => Uint16Array.from(data) },
  int16: { code: 5, pack: data => Int16Array.from(data) },
  int32: { code: 6, pack: data => Int32Array.from(data) },
  int64: { code: 7, pack: data => BigInt64Array.from(Array.from(data, BigInt)) },
  bool: { code: 9, pack: data => Uint8Array.from(data, value => (value ? 1 : 0)) },
  float16: { code: 10, pack: data => Uint16Array.from(data, toHalf) },
  float64: { code: 11, pack: data => (data instanceof Float64Array ? data : new Float64Array(data)) },
  uint32: { code: 12, pack: data => Uint32Array.from(data) },
  uint64: { code: 13, pack: data => BigUint64Array.from(Array.from(data, BigInt)) },
  // The upper half of a float32.
  bfloat16: { code: 16, pack: data => Uint16Array.from(new Uint32Array(new Float32Array(data).buffer), n => n >>> 16) },
}

/** AttributeProto.AttributeType. */
const attributeCodes = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const

/** What one file of protocol buffers holds, with room for all that is no weight. */
const mostBytes = 2 ** 31 - 2 ** 24

/** Throws UserError for a model of more than 2 GiB. */
export function encodeOnnx(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const bytes = model.graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0)
  if (bytes > mostBytes) {
    throw new UserError({
      what: 'The model is too large for one ONNX file, which is a message of protocol buffers.',
      expected: 'weights of less than 2 GiB',
      received: `${(bytes / 2 ** 30).toFixed(2)} GiB`,
      fix: 'save it as .safetensors',
    })
  }
  const writer = new PbfWriter(new Uint8Array(bytes + 2 ** 16))
  writeModel(model, writer)
  return writer.finish() as Uint8Array<ArrayBuffer>
}

function writeModel(model: OnnxModel, writer: PbfWriter): void {
  writer.writeVarintField(1, model.irVersion)
  writer.writeStringField(2, model.producer)
  writer.writeStringField(3, model.producerVersion)
  if (model.doc !== undefined) writer.writeStringField(6, model.doc)
  writer.writeMessage(7, writeGraph, model.graph)
  for (const opset of Object.entries(model.opsets)) writer.writeMessage(8, writeOpset, opset)
  for (const entry of Object.entries(model.metadata)) writer.writeMessage(14, writeEntry, entry)
}

function writeOpset([domain, version]: readonly [string, number], writer: PbfWriter): void {
  writer.writeStringField(1, domain)
  writer.writeVarintField(2, version)
}

function writeEntry([key, value]: readonly [string, string], writer: PbfWriter): void {
  writer.writeStringField(1, key)
  writer.writeStringField(2, value)
}

function writeGraph(graph: OnnxGraph, writer: PbfWriter): void {
  for (const node of graph.nodes) writer.writeMessage(1, writeNode, node)
  writer.writeStringField(2, graph.name)
  for (const tensor of graph.initializers) writer.writeMessage(5, writeTensor, tensor)
  for (const value of graph.inputs) writer.writeMessage(11, writeValue, value)
  for (const value of graph.outputs) writer.writeMessage(12, writeValue, value)
}

function writeNode(node: OnnxNode, writer: PbfWriter): void {
  for (const name of node.inputs) writer.writeStringField(1, name)
  for (const name of node.outputs) writer.writeStringField(2, name)
  writer.writeStringField(3, node.name)
  writer.writeStringField(4, node.op)
  for (const entry of Object.entries(node.attributes)) writer.writeMessage(5, writeAttribute, entry)
  if (node.domain !== '') writer.writeStringField(7, node.domain)
}

function writeAttribute([name, attribute]: readonly [string, OnnxAttribute], writer: PbfWriter): void {
  writer.writeStringField(1, name)
  switch (attribute.kind) {
    case 'float':
      writer.writeFloatField(2, attribute.value)
      break
    case 'int':
      writer.writeVarintField(3, attribute.value)
      break
    case 'string':
      writer.writeStringField(4, attribute.value)
      break
    case 'tensor':
      writer.writeMessage(5, writeTensor, attribute.value)
      break
    case 'floats':
      writer.writePackedFloat(7, [...attribute.value])
      break
    case 'ints':
      writer.writePackedVarint(8, [...attribute.value])
      break
    case 'strings':
      for (const text of attribute.value) writer.writeStringField(9, text)
      break
    default:
      throw new InternalError('onnx', `the attribute ${name} has no value that can be written`)
  }
  writer.writeVarintField(20, attributeCodes[attribute.kind])
}

function writeTensor(tensor: OnnxTensor, writer: PbfWriter): void {
  const { code, pack } = types[tensor.type]
  const raw = pack(tensor.data)
  writer.writePackedVarint(1, [...tensor.dims])
  writer.writeVarintField(2, code)
  writer.writeStringField(8, tensor.name)
  writer.writeBytesField(9, new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength))
}

function writeValue({ name, type, dims }: OnnxValue, writer: PbfWriter): void {
  writer.writeStringField(1, name)
  if (type !== undefined) writer.writeMessage(2, writeType, { code: types[type].code, dims })
}

interface TypeAndShape {
  readonly code: number
  readonly dims: OnnxValue['dims']
}

/** TypeProto, whose tensor type is its field 1. */
function writeType(type: TypeAndShape, writer: PbfWriter): void {
  writer.writeMessage(1, writeTensorType, type)
}

function writeTensorType({ code, dims }: TypeAndShape, writer: PbfWriter): void {
  writer.writeVarintField(1, code)
  if (dims !== undefined) writer.writeMessage(2, writeShape, dims)
}

function writeShape(dims: readonly (number | string | undefined)[], writer: PbfWriter): void {
  for (const dim of dims) writer.writeMessage(1, writeDim, dim)
}

function writeDim(dim: number | string | undefined, writer: PbfWriter): void {
  if (typeof dim === 'number') writer.writeVarintField(1, dim)
  else if (dim !== undefined) writer.writeStringField(2, dim)
}
