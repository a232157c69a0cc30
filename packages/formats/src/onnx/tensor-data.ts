/**
 * The numbers of a tensor: in: its record as it lies in the file, raw or typed, or in a file beside it. Out: a view of those bytes, or numbers
 * made of them. What is said of the size is checked before memory is taken.
 */
import { UserError } from 'fovea/internal/base/errors'
import { formatShape } from 'fovea/internal/base/shape'
import { inBytes } from 'fovea/internal/base/text'
import type { OpenedFile } from 'fovea/internal/store/model-formats'
import { allowance, limitsOf } from '../containers/limits.ts'
import type { OnnxTensor, OnnxType } from './onnx-model.ts'

/** A tensor whose numbers are where the file has them. */
export interface PackedTensor {
  readonly name: string
  readonly dataType: number
  readonly dims: readonly number[]
  /** Little-endian, of the tensor's own type. */
  readonly raw?: Uint8Array | undefined
  /** One by one. */
  readonly numbers?: readonly number[] | undefined
  /** `location`, `offset`, `length`, of a file beside it. */
  readonly external?: ReadonlyMap<string, string> | undefined
}

/** By the numbers of the format. */
const types: Readonly<Record<number, OnnxType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  16: 'bfloat16',
}
const others: Readonly<Record<number, string>> = {
  8: 'texts',
  14: 'complex numbers',
  15: 'complex numbers',
  17: '8-bit floats',
  18: '8-bit floats',
  19: '8-bit floats',
  20: '8-bit floats',
  21: '4-bit numbers',
  22: '4-bit numbers',
  23: '4-bit floats',
}

export const typeOf = (dataType: number): OnnxType | undefined =>
  Object.hasOwn(types, dataType) ? types[dataType] : undefined

const widths: Readonly<Record<OnnxType, number>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  bool: 1,
}

/** Files that hold the numbers of tensors, by the name that the model gives them. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array>

/** Throws UserError that names all files that are missing. */
export async function externalFiles(locations: Iterable<string>, file: OpenedFile): Promise<ExternalFiles> {
  const found = new Map<string, Uint8Array>()
  const missing: string[] = []
  const all = allowance(file.source, limitsOf(file).bytes)
  for (const location of new Set(locations)) {
    const bytes = await file.beside(location)
    if (bytes) all.take(bytes.length, location)
    if (bytes) found.set(location, bytes)
    else missing.push(location)
  }
  if (missing.length === 0) return found
  throw new UserError({
    what: `${file.source} keeps its weights in other files, which are missing: ${missing.join(', ')}.`,
    expected: 'them beside it, in the same folder',
    fix: 'Put them there; who saves the model anew can keep it in one file: onnx.save(onnx.load(path), path).',
  })
}

/** Throws UserError where the numbers are not as many as the dimensions say. */
export function unpacked(tensor: PackedTensor, files: ExternalFiles, source: string, most: number): OnnxTensor {
  const { name, dims } = tensor
  const type = typeOf(tensor.dataType)
  if (type === undefined) {
    const kind = Object.hasOwn(others, tensor.dataType) ? others[tensor.dataType] : `type ${tensor.dataType}`
    throw unreadable(source, `tensor '${name}' holds ${kind}, which are not read`)
  }
  const size = dims.reduce((product, extent) => product * extent, 1)
  if (!dims.every(extent => Number.isSafeInteger(extent) && extent >= 0) || size * widths[type] > most) {
    throw unreadable(source, `tensor '${name}' has shape ${formatShape(dims)}`, `at most ${inBytes(most)}`)
  }
  const bytes = tensor.external ? externalBytes(tensor, files, source) : tensor.raw
  const count = bytes ? bytes.length / widths[type] : (tensor.numbers?.length ?? 0)
  if (count !== size) throw unreadable(source, `tensor '${name}' ${formatShape(dims)} has ${count} numbers`, `${size}`)
  return { name, type, dims, data: bytes ? fromBytes(bytes, type) : fromNumbers(tensor.numbers ?? [], type) }
}

function externalBytes({ name, external }: PackedTensor, files: ExternalFiles, source: string): Uint8Array {
  const location = external!.get('location') ?? ''
  const bytes = files.get(location)!
  const offset = Number(external!.get('offset') ?? 0)
  const length = Number(external!.get('length') ?? bytes.length - offset)
  const isInside = [offset, length].every(n => Number.isSafeInteger(n) && n >= 0) && offset + length <= bytes.length
  if (isInside) return bytes.subarray(offset, offset + length)
  const where = `tensor '${name}' should lie in ${location} from byte ${offset} on, ${length} bytes long`
  throw unreadable(source, where, `places in its ${bytes.length} bytes`)
}

const unreadable = (source: string, what: string, expected?: string): UserError =>
  new UserError({ what: `${source} cannot be read: ${what}.`, expected })

function fromBytes(bytes: Uint8Array, type: OnnxType): Float32Array | Float64Array {
  if (type === 'float32' || type === 'float64') {
    const Numbers = type === 'float32' ? Float32Array : Float64Array
    const isAligned = bytes.byteOffset % Numbers.BYTES_PER_ELEMENT === 0
    const { buffer, byteOffset, length } = isAligned ? bytes : new Uint8Array(bytes)
    return new Numbers(buffer as ArrayBuffer, byteOffset, length / Numbers.BYTES_PER_ELEMENT)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const width = widths[type]
  const read = readers[type]
  const isHalf = type === 'float16' || type === 'bfloat16'
  const numbers = isHalf ? new Float32Array(bytes.length / width) : new Float64Array(bytes.length / width)
  for (let at = 0; at < numbers.length; at++) numbers[at] = read(view, at * width)
  return numbers
}

/** The typed fields hold half-precision floats as the whole numbers that their bits are. */
function fromNumbers(numbers: readonly number[], type: OnnxType): Float32Array | Float64Array {
  if (type === 'float16') return Float32Array.from(numbers, halfFloat)
  if (type === 'bfloat16') return Float32Array.from(numbers, brainFloat)
  return type === 'float32' ? Float32Array.from(numbers) : Float64Array.from(numbers)
}

type Reader = (view: DataView, at: number) => number
const readers: Readonly<Record<Exclude<OnnxType, 'float32' | 'float64'>, Reader>> = {
  float16: (view, at) => halfFloat(view.getUint16(at, true)),
  bfloat16: (view, at) => brainFloat(view.getUint16(at, true)),
  int8: (view, at) => view.getInt8(at),
  int16: (view, at) => view.getInt16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  int64: (view, at) => view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true),
  uint8: (view, at) => view.getUint8(at),
  uint16: (view, at) => view.getUint16(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  uint64: (view, at) => view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true),
  bool: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
}

/** 1 bit sign, 5 exponent (bias 15), 10 fraction. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25))
}

/** The upper half of a float32. */
function brainFloat(bits: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint16(0, bits & 0xffff)
  return view.getFloat32(0)
}
