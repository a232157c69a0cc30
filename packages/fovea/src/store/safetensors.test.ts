import { describe, expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import { encodeSafetensors } from './safetensors-encoder.ts'
import { decodeSafetensors } from './tensor-file.ts'

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

  const entry = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'
  const entryWith = (fields: string): string => `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],${fields}}}`
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`
  // Every object of the header, with a key twice; what else JSON.parse takes silently; and what the reference refuses.
  it.each([
    ['a tensor twice', `{"a":${entry},"a":${entry}}`, 4, /key "a" twice/],
    ['a tensor twice, with other data', `{"a":${entry},"a":${entry.replace('0,4', '4,8')}}`, 8, /key "a" twice/],
    ['a tensor twice, one name escaped', `{"a":${entry},"\\u0061":${entry}}`, 4, /key "\\u0061" twice/],
    ['the metadata twice', `{"__metadata__":{},"__metadata__":{},"a":${entry}}`, 4, /"__metadata__" twice/],
    ['a key of the metadata twice', `{"__metadata__":{"k":"1","k":"2"},"a":${entry}}`, 4, /key "k" twice/],
    ...['"dtype":"F32"', '"shape":[1]', '"data_offsets":[0,4]'].map(
      field => [`${field} twice`, entryWith(field), 4, /twice/] as const,
    ),
    ['an unknown field twice', entryWith('"x":1,"x":2'), 4, /key "x" twice/],
    ['a key twice deep inside', entryWith('"x":[{"y":{"z":1,"z":1}}]'), 4, /key "z" twice/],
    ['a byte-order mark', `\ufeff{"a":${entry}}`, 4, /not JSON/],
    ['a blank before the header', ` {"a":${entry}}`, 4, /does not begin with {/],
    ['a byte 0 behind the header', `{"a":${entry}}\0`, 4, /not JSON/],
    ['no header', '', 0, /not JSON/],
    ...['1.0', '1e0', '1E0', '1.0e0'].map(
      one =>
        [`a shape of ${one}`, `{"a":${entry.replace('[1]', `[${one}]`)}}`, 4, /where a whole number belongs/] as const,
    ),
    ['a shape of −0', `{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}`, 0, /-0 where a whole number/],
    ['an offset of 4e0', `{"a":${entry.replace('0,4', '0,4e0')}}`, 4, /4e0 where a whole number/],
    ['an offset of −0', `{"a":${entry.replace('0,4', '-0,4')}}`, 4, /-0 where a whole number/],
    ...['"1"', 'null', 'true', '-1', '[1]', '{}'].map(
      one => [`a shape of ${one}`, `{"a":${entry.replace('[1]', `[${one}]`)}}`, 4, /no valid shape/] as const,
    ),
    ...['[0]', '[0,4,4]', '[4,0]', '4', 'null', '["0",4]'].map(
      offsets =>
        [`offsets ${offsets}`, `{"a":${entry.replace('[0,4]', offsets)}}`, 4, /no valid data_offsets/] as const,
    ),
    ...['["F32"]', '"f32"', 'null', '"constructor"', '"__proto__"', '"toString"', '1', '{"F32":null}'].map(
      dtype => [`an element type ${dtype}`, `{"a":${entry.replace('"F32"', dtype)}}`, 4, /element type/] as const,
    ),
    ...['dtype', 'shape', 'data_offsets'].map(field => {
      const { [field]: _, ...rest } = JSON.parse(entry)
      return [`no ${field}`, JSON.stringify({ a: rest }), 4, /received: nothing/] as const
    }),
    ['an entry that is a list', '{"a":["F32",[1],[0,4]]}', 4, /is no object/],
    ['an entry that is null', '{"a":null}', 0, /is no object/],
    ['metadata that are a list', `{"__metadata__":[],"a":${entry}}`, 4, /is no object/],
    ['metadata that are a text', `{"__metadata__":"x","a":${entry}}`, 4, /is no object/],
    ...['1', 'null', '{}', '[]', 'true'].map(
      value =>
        [`a metadata value ${value}`, `{"__metadata__":{"k":${value}},"a":${entry}}`, 4, /"k" is no string/] as const,
    ),
    ['data without tensors', '{}', 4, /length does not agree/],
    ['a gap before the first tensor', `{"a":${entry.replace('0,4', '4,8')}}`, 8, /leaves a gap/],
    ['two tensors in one place', `{"a":${entry},"b":${entry}}`, 4, /overlaps/],
    [
      'an empty tensor inside another',
      `{"a":${entry},"z":{"dtype":"F32","shape":[0],"data_offsets":[2,2]}}`,
      4,
      /overlaps/,
    ],
    ['an empty tensor beyond the end', '{"z":{"dtype":"F32","shape":[0],"data_offsets":[9,9]}}', 0, /leaves a gap/],
    [
      'a shape beyond 2^64',
      '{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}',
      0,
      /larger than any/,
    ],
    [
      'such a shape with a 0 behind',
      '{"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}',
      0,
      /larger than any/,
    ],
    [
      'a size beyond 2^53',
      '{"a":{"dtype":"F32","shape":[18446744073709551616,0],"data_offsets":[0,0]}}',
      0,
      /no valid shape/,
    ],
    ['half of a character', `{"\\ud800":${entry}}`, 4, /half of a character/],
    ['half of a character in the metadata', `{"__metadata__":{"k":"\\udc00"},"a":${entry}}`, 4, /half of a character/],
    ['200 levels', entryWith(`"x":${nested(200)}`), 4, /more than 127 levels/],
    ['a shape of 100,000 levels', `{"a":${entry.replace('[1]', nested(100_000))}}`, 4, /more than 127 levels/],
    ['a comma too many', `{"a":${entry},}`, 4, /not JSON/],
    ['a comment', `{/**/"a":${entry}}`, 4, /not JSON/],
  ] as const)('refuses %s', (_, header, dataBytes, message) => {
    expect(() => decodeSafetensors(made(header, dataBytes), 'my.safetensors')).toThrow(UserError)
    expect(() => decodeSafetensors(made(header, dataBytes), 'my.safetensors')).toThrow(message)
  })

  it.each([8n, 2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n])('refuses a header length of %i', length => {
    const bytes = made('{}', 0)
    new DataView(bytes.buffer).setBigUint64(0, length, true)
    expect(() => decodeSafetensors(bytes)).toThrow(/header is longer than the file|does not begin with the length/)
  })

  it.each([
    ['blanks behind the header', `{"a":${entry}}  \n\t\r`, 4, ['a']],
    ['unknown fields', entryWith('"x":{"y":[1.5,-0,1e3]},"shapes":[1.5]'), 4, ['a']],
    ['120 levels', entryWith(`"x":${nested(120)}`), 4, ['a']],
    ['metadata that are null', `{"__metadata__":null,"a":${entry}}`, 4, ['a']],
    ['the same key in other objects', `{"__metadata__":{"a":"a","dtype":"a"},"a":${entry}}`, 4, ['a']],
    ['an empty name', `{"":${entry}}`, 4, ['']],
    ['a name outside the first plane', `{"\ud83d\ude00":${entry}}`, 4, ['😀']],
    ['a name that objects have', `{"__proto__":${entry}}`, 4, ['__proto__']],
    [
      'an empty tensor at the end',
      `{"a":${entry},"z":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}`,
      4,
      ['a', 'z'],
    ],
    [
      'an empty tensor before another',
      `{"a":${entry},"z":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`,
      4,
      ['z', 'a'],
    ],
    [
      'large extents before a 0',
      '{"a":{"dtype":"F32","shape":[2147483648,2147483648,0],"data_offsets":[0,0]}}',
      0,
      ['a'],
    ],
    [
      'a 0 before larger ones',
      '{"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}',
      0,
      ['a'],
    ],
    ['no tensors', '{}', 0, []],
    [
      'text that looks like a header',
      JSON.stringify({ __metadata__: { k: '{"a":1,"a":[1.0]}' }, a: JSON.parse(entry) }),
      4,
      ['a'],
    ],
  ] as const)('takes %s, as the reference does', (_, header, dataBytes, names) => {
    expect(decodeSafetensors(made(header, dataBytes)).tensors.map(({ name }) => name)).toEqual(names)
  })

  it('gives back names that objects have a meaning for', () => {
    const odd = {
      metadata: Object.fromEntries([['__proto__', 'x']]),
      tensors: [{ name: '__proto__', shape: [1], data: Float32Array.of(1) }],
    }
    expect(decodeSafetensors(encodeSafetensors(odd))).toEqual(odd)
  })

  it('says what is wrong of a name in few and harmless signs', () => {
    const name = `\u001b[2J${'x'.repeat(10_000)}`
    const header = JSON.stringify({ [name]: { dtype: 'F4', shape: [1], data_offsets: [0, 4] } })
    expect(() => decodeSafetensors(made(header, 4))).toThrow(/tensor "\\u001b\[2Jx{50,80}…/)
  })

  it('refuses to write what could not be read', () => {
    const a = { name: 'a', shape: [1], data: Float32Array.of(1) }
    expect(() => encodeSafetensors({ metadata: {}, tensors: [a, a] })).toThrow(/two tensors are named "a"/)
    expect(() => encodeSafetensors({ metadata: {}, tensors: [{ ...a, shape: [2] }] })).toThrow(
      /does not fill its shape/,
    )
  })
})
