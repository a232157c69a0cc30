/** Numbers as files keep them (little-endian) as the float32 that a model has. Shared by all containers. */
import { fromHalf } from 'fovea/internal/base/half'

/** A tensor of a file. */
export interface StoredNumbers {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export type NumberKind = 'float16' | 'bfloat16' | 'float32' | 'float64' | `${'' | 'u'}int${8 | 16 | 32 | 64}`

type Getter = (view: DataView, at: number) => number

const readers: Readonly<Record<NumberKind, readonly [size: number, read: Getter]>> = {
  float16: [2, (view, at) => fromHalf(view.getUint16(at, true))],
  bfloat16: [2, (view, at) => upperHalf(view.getUint16(at, true))],
  float32: [4, (view, at) => view.getFloat32(at, true)],
  float64: [8, (view, at) => view.getFloat64(at, true)],
  int8: [1, (view, at) => view.getInt8(at)],
  uint8: [1, (view, at) => view.getUint8(at)],
  int16: [2, (view, at) => view.getInt16(at, true)],
  uint16: [2, (view, at) => view.getUint16(at, true)],
  int32: [4, (view, at) => view.getInt32(at, true)],
  uint32: [4, (view, at) => view.getUint32(at, true)],
  int64: [8, (view, at) => Number(view.getBigInt64(at, true))],
  uint64: [8, (view, at) => Number(view.getBigUint64(at, true))],
}

export const sizeOfNumber = (kind: NumberKind): number => readers[kind][0]

/** As many as fit into the bytes. */
export function numbersOf(bytes: Uint8Array, kind: NumberKind): Float32Array {
  const [size, read] = readers[kind]
  const count = Math.floor(bytes.length / size)
  // A copy of the bytes is aligned, and is nobody else's. (`slice` of a Buffer copies nothing.)
  if (kind === 'float32') return new Float32Array(new Uint8Array(bytes.subarray(0, count * size)).buffer)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: count }, (_, at) => read(view, at * size))
}

const float = new Float32Array(1)
const floatBits = new Uint32Array(float.buffer)

/** A float32 whose lower sixteen bits are zeros. */
function upperHalf(bits: number): number {
  floatBits[0] = bits << 16
  return float[0]!
}
