import { describe, expect, it } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts'

const file = {
  metadata: { format: 'fovea', note: 'ä "quoted"' },
  tensors: [
    { name: 'toString', shape: [2, 3], data: Float32Array.of(1, -2, 0.5, Number.NaN, Number.POSITIVE_INFINITY, -0) },
    { name: 'labels', shape: [3], data: Uint8Array.of(0, 7, 255) },
    { name: 'scalar', shape: [], data: Float64Array.of(Math.PI) },
    { name: 'counts', shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) },
    { name: 'nothing', shape: [0, 4], data: new Float32Array(0) },
  ],
}

/** A file with this header object (or text) and this many zero bytes of data. */
function made(header: unknown, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + text.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}
const tensor = (begin: number, end: number, more: object = {}): object => ({
  dtype: 'F32',
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
  ...more,
})

describe('safetensors', () => {
  it('gives back what it was given, in the same order', () => {
    const read = decodeSafetensors(encodeSafetensors(file))
    expect(read).toEqual(file)
    expect(read.tensors.map(t => t.data.constructor.name)).toEqual([
      'Float32Array',
      'Uint8Array',
      'Float64Array',
      'Int32Array',
      'Float32Array',
    ])
  })

  it('writes the bytes of the format', () => {
    const bytes = encodeSafetensors({ metadata: {}, tensors: [{ name: 'a', shape: [1], data: Float32Array.of(1) }] })
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    expect(headerLength % 8).toBe(0)
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)))).toEqual({
      a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
    })
    expect([...bytes.subarray(8 + headerLength)]).toEqual([0, 0, 128, 63])
  })

  it('reads a view into a larger buffer, at any alignment', () => {
    const bytes = encodeSafetensors(file)
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    expect(decodeSafetensors(shifted.subarray(3))).toEqual(file)
  })

  it('reads half precision as float32', () => {
    const bytes = made({ h: { dtype: 'F16', shape: [4], data_offsets: [0, 8] } }, 8)
    new Uint8Array(bytes.buffer).set([0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c], bytes.length - 8)
    expect([...decodeSafetensors(bytes).tensors[0]!.data]).toEqual([1, -2, 2 ** -24, Number.POSITIVE_INFINITY])
    const brain = made({ h: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } }, 4)
    new Uint8Array(brain.buffer).set([0x80, 0x3f, 0x40, 0xc0], brain.length - 4)
    expect([...decodeSafetensors(brain).tensors[0]!.data]).toEqual([1, -3])
  })

  it.each([
    ['too short', new Uint8Array(3), /too short[\s\S]*3 bytes/],
    ['header longer than the file', made('{}', 0).subarray(0, 9), /longer than the file/],
    ['no JSON', made('{"a":', 0), /not JSON/],
    ['no UTF-8', made('{"\xff', 0).fill(0xff, 9), /not JSON/],
    ['no object', made('[1]', 0), /no JSON object/],
    ['an entry that is no object', made({ a: 3 }, 0), /"a" of its header is no object/],
    ['unknown element type', made({ a: tensor(0, 4, { dtype: 'F4' }) }, 4), /element type[\s\S]*F64[\s\S]*"F4"/],
    ['missing shape', made({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), /no valid shape[\s\S]*nothing/],
    ['negative shape', made({ a: tensor(0, 4, { shape: [-1] }) }, 4), /no valid shape/],
    ['wrong size', made({ a: tensor(0, 4, { shape: [2] }) }, 4), /8 bytes for F32 \(2,\)[\s\S]*4 bytes/],
    ['offsets reversed', made({ a: tensor(4, 0, { shape: [1] }) }, 4), /data_offsets/],
    ['a gap', made({ a: tensor(0, 4), b: tensor(8, 12) }, 12), /"b" overlaps or leaves a gap/],
    ['an overlap', made({ a: tensor(0, 8), b: tensor(4, 12) }, 12), /"b" overlaps or leaves a gap/],
    ['cut off', encodeSafetensors(file).slice(0, -1), /length does not agree/],
    ['too long', made({ a: tensor(0, 4) }, 5), /length does not agree/],
    ['metadata that is no string', made({ __metadata__: { a: 1 } }, 0), /metadata "a" is no string/],
  ])('says what is wrong: %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, 'my.safetensors')).toThrow(message)
    expect(() => decodeSafetensors(bytes, 'my.safetensors')).toThrow(/my\.safetensors/)
  })

  it('refuses to write what could not be read', () => {
    const a = { name: 'a', shape: [1], data: Float32Array.of(1) }
    expect(() => encodeSafetensors({ metadata: {}, tensors: [a, a] })).toThrow(/two tensors are named "a"/)
    expect(() => encodeSafetensors({ metadata: {}, tensors: [{ ...a, shape: [2] }] })).toThrow(
      /does not fill its shape/,
    )
  })
})
