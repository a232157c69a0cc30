/**
 * Weights in fewer bits, and the kernels that unpack them again before the first run. Only kernels of matrix products and convolutions are
 * packed: nearly all there is; biases and statistics keep their bits.
 *
 *     float16   each weight rounded to half precision: 2 bytes
 *     int8      64 weights share a scale (float32), each is a byte around 128: w ≈ scale · (byte − 128), scale = max |w| / 127
 */
import { fromHalf, MOST_HALF, toHalf } from '../base/half.ts'
import { KernelBuilder } from '../kernels/builder.ts'
import type { KernelCode } from '../kernels/ir.ts'
import { wasm128 } from '../plan/target.ts'
import type { StateValues } from './standalone.ts'

export const weightBits = ['float32', 'float16', 'int8'] as const
export type WeightBits = (typeof weightBits)[number]

export interface PackedState {
  /** Where its weights go, in bytes of the memory. */
  readonly offset: number
  readonly count: number
  /** `float32`: as they lie there. */
  readonly packing: WeightBits
  readonly bytes: Uint8Array<ArrayBuffer>
}

const group = 64
const groupBytes = 4 + group
/** Vectors of four. */
const lanes = 4

export function packedState({ offset, values, isKernel }: StateValues, wanted: WeightBits): PackedState {
  const packing = isKernel && fits(values, wanted) ? wanted : 'float32'
  return { offset, count: values.length, packing, bytes: bytesOf(values, packing) }
}

/** A weight beyond what half precision can hold would become infinite; fewer than a group are not worth it. */
function fits(values: Float32Array, packing: WeightBits): boolean {
  if (packing === 'int8') return values.length >= group
  return packing !== 'float16' || values.every(value => Math.abs(value) <= MOST_HALF)
}

function bytesOf(values: Float32Array<ArrayBuffer>, packing: WeightBits): Uint8Array<ArrayBuffer> {
  if (packing === 'float32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  if (packing === 'float16') return new Uint8Array(Uint16Array.from(values, toHalf).buffer)
  const starts = groupsOf(values.length)
  const bytes = new Uint8Array(starts.length * groupBytes)
  const view = new DataView(bytes.buffer)
  for (const [index, start] of starts.entries()) {
    const own = values.subarray(start, start + group)
    const scale = Math.fround(own.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127)
    view.setFloat32(index * groupBytes, scale, true)
    for (const [place, value] of own.entries())
      bytes[index * groupBytes + 4 + place] = 128 + (scale === 0 ? 0 : Math.round(value / scale))
  }
  return bytes
}

/** Where groups begin: one after the other; the last one ends with the weights, and may begin within the one before. */
const groupsOf = (count: number): number[] =>
  Array.from({ length: Math.ceil(count / group) }, (_, index) => Math.min(index * group, count - group))

/** The weights that the kernels make of packed ones, bit for bit. */
export function unpackedState({ packing, count, bytes }: PackedState): Float32Array<ArrayBuffer> {
  if (packing === 'float32') return new Float32Array(bytes.slice().buffer)
  if (packing === 'float16') return Float32Array.from(new Uint16Array(bytes.slice().buffer), fromHalf)
  const values = new Float32Array(count)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  for (const [index, start] of groupsOf(count).entries()) {
    const scale = view.getFloat32(index * groupBytes, true)
    for (let place = 0; place < group; place++)
      values[start + place] = (bytes[index * groupBytes + 4 + place]! - 128) * scale
  }
  return values
}

/** A call that unpacks weights: from where, and to which bytes of the memory. */
export interface Unpacking {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly end: number
}

/** Of packed weights that lie at `at`. */
export function unpackingsOf({ offset, count, packing }: PackedState, at: number): Unpacking[] {
  if (packing === 'float32') return []
  const { name } = unpackers[packing]
  const end = offset + 4 * count
  if (packing === 'float16' || count % group === 0) return [{ name, from: at, to: offset, end }]
  const whole = Math.floor(count / group)
  return [
    { name, from: at, to: offset, end: offset + 4 * group * whole },
    { name, from: at + whole * groupBytes, to: end - 4 * group, end },
  ]
}

/** `unpackHalf(from, to, end)` and `unpackBytes(from, to, end)`, from packed to plain weights: `to` … `end`. */
export const unpackers: Readonly<
  Record<Exclude<WeightBits, 'float32'>, { readonly name: string; code(): KernelCode }>
> = {
  float16: { name: 'unpackHalf', code: unpackHalf },
  int8: { name: 'unpackBytes', code: unpackBytes },
}

/**
 * Sign, exponent and fraction of a half moved into their places in a float32 are 2¹¹² times too small, also where the half is smaller than
 * its smallest normal number.
 */
function unpackHalf(): KernelCode {
  const k = new KernelBuilder('unpackHalf', ['from', 'to', 'end'], wasm128)
  const from = k.variable(k.parameter('from'))
  k.loop(k.parameter('to'), k.parameter('end'), 4, to => {
    const bits = k.let(
      k.or(k.load('i32', from.get, 0, 'bytes'), k.shift('shl', k.load('i32', from.get, 1, 'bytes'), 8)),
    )
    const size = k.mul(k.floatOf('asFloat', k.shift('shl', k.and(bits, 0x7fff), 13)), k.float(2 ** 112))
    k.store(to, k.floatOf('asFloat', k.or(k.intOf('asInt', size), k.shift('shl', k.and(bits, 0x8000), 16))))
    from.set(k.add(from.get, 2))
  })
  return k.finish()
}

function unpackBytes(): KernelCode {
  const k = new KernelBuilder('unpackBytes', ['from', 'to', 'end'], wasm128)
  const from = k.variable(k.parameter('from'))
  k.loop(k.parameter('to'), k.parameter('end'), 4 * group, to => {
    const scale = k.let(k.splatLoad(from.get))
    for (let place = 0; place < group; place += lanes) {
      const bytes = k.sub(k.load('ivec', from.get, 4 + place, 'bytes'), k.ivec(128))
      k.store(to, k.mul(k.floatOf('toFloat', bytes), scale), 4 * place)
    }
    from.set(k.add(from.get, groupBytes))
  })
  return k.finish()
}
