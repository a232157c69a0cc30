/** Tensors of the Open Inference Protocol: element types by their names, in JSON and as bytes (little-endian, row by row). */
import { fromHalf } from 'fovea/internal/base/half'
import type { Json } from 'fovea/internal/base/json'
import { formatShape, sizeOf } from 'fovea/internal/base/shape'
import { base64Of } from '../body.ts'
import { Refusal, type ServedRows, type ServedTensor } from '../contract.ts'

interface Datatype {
  readonly bytes: number
  /** Element at a place of the bytes. */
  read(view: DataView, at: number): number
}

const datatypes: Readonly<Record<string, Datatype>> = {
  BOOL: { bytes: 1, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
  UINT8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  UINT16: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  UINT32: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  UINT64: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  INT8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  INT16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  INT32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  INT64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  FP16: { bytes: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => fromBrainFloat(view.getUint16(at, true)) },
  FP32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  FP64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
}

/** bfloat16 is the upper half of a float32. */
function fromBrainFloat(bits: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, bits << 16)
  return view.getFloat32(0)
}

export interface GivenTensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  /** Of JSON, in lists or one after the other. */
  readonly data?: Json
  readonly bytes?: Uint8Array
}

/** Throws Refusal where it is not a batch of the input. */
export function rowsOfTensor(given: GivenTensor, input: ServedTensor): ServedRows {
  const { name, datatype, shape } = given
  const [count, ...rest] = shape
  const fits = count !== undefined && count >= 1 && rest.length === input.shape.length
  if (!fits || rest.some((size, axis) => size !== input.shape[axis]))
    throw new Refusal(
      400,
      `Input ${name} has the shape ${formatShape(shape)}; the model takes ${formatShape([-1, ...input.shape])}.`,
    )
  if (!Object.hasOwn(datatypes, datatype)) throw unknownType(name, datatype)
  const size = sizeOf(shape)
  const type = datatypes[datatype]!
  // A shape may claim anything: memory is taken for what came.
  if (given.bytes) checkLength(given.bytes, size * type.bytes, name)
  else if (countOf(given.data) !== size) throw noNumbers(name, size)
  const data = datatype === 'UINT8' ? new Uint8Array(size) : new Float32Array(size)
  if (given.bytes) fillFromBytes(data, given.bytes, type)
  else if (Number.isNaN(flatten(given.data, data, 0))) throw noNumbers(name, size)
  return { shape, data }
}

const noNumbers = (name: string, size: number): Refusal =>
  new Refusal(400, `Input ${name} holds something else than ${size} numbers of its type.`)

function checkLength(bytes: Uint8Array, length: number, name: string): void {
  if (bytes.length === length) return
  throw new Refusal(400, `Input ${name} has ${bytes.length} bytes; its shape and type make ${length}.`)
}

/** Of all that is no list. */
const countOf = (json: Json | undefined): number =>
  Array.isArray(json) ? json.reduce<number>((sum, item) => sum + countOf(item), 0) : 1

const unknownType = (name: string, datatype: string): Refusal =>
  new Refusal(
    400,
    `Input ${name} is of the type ${datatype.slice(0, 20)}; taken are ${Object.keys(datatypes).join(', ')}, and BYTES for picture files.`,
  )

function fillFromBytes(data: Float32Array | Uint8Array, bytes: Uint8Array, type: Datatype): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let index = 0; index < data.length; index++) data[index] = type.read(view, index * type.bytes)
}

/** Gives the place behind the last number, or NaN where something is none. */
function flatten(json: Json | undefined, data: Float32Array | Uint8Array, from: number): number {
  if (Array.isArray(json)) return json.reduce<number>((at, item) => flatten(item, data, at), from)
  const value = json === true ? 1 : json === false ? 0 : json
  if (typeof value !== 'number' || Number.isNaN(from)) return Number.NaN
  if (data instanceof Uint8Array && !(Number.isInteger(value) && value >= 0 && value < 256)) return Number.NaN
  data[from] = value
  return from + 1
}

/** Picture files of a BYTES tensor: in bytes each behind its length (4 bytes), in JSON in base64. */
export function filesOfTensor({ name, shape, data, bytes }: GivenTensor): Uint8Array[] {
  const files = bytes ? lengthPrefixed(bytes, name) : [data].flat(3).map(text => textFile(text, name))
  if (files.length !== sizeOf(shape))
    throw new Refusal(400, `Input ${name} holds ${files.length} files; its shape makes ${sizeOf(shape)}.`)
  return files
}

function textFile(text: unknown, name: string): Uint8Array {
  if (typeof text === 'string') return base64Of(text, `Input ${name}`)
  throw new Refusal(400, `Input ${name} holds something else than texts in base64.`)
}

function lengthPrefixed(bytes: Uint8Array, name: string): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const files: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = at + 4 <= bytes.length ? view.getUint32(at, true) : Number.POSITIVE_INFINITY
    if (at + 4 + length > bytes.length) throw new Refusal(400, `Input ${name} ends within a file.`)
    files.push(bytes.slice(at + 4, at + 4 + length))
    at += 4 + length
  }
  return files
}

/** Texts as a BYTES tensor. */
export function bytesOfTexts(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const encoded = texts.map(text => new TextEncoder().encode(text))
  const bytes = new Uint8Array(encoded.reduce((sum, { length }) => sum + 4 + length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const each of encoded) {
    view.setUint32(at, each.length, true)
    bytes.set(each, at + 4)
    at += 4 + each.length
  }
  return bytes
}
