/** Every way in which an ONNX file can hold numbers, and what is refused of it. */
import { UserError } from 'fovea'
import { openedBytes } from 'fovea/internal/store/model-formats'
import { openedAmong } from 'fovea/internal/store/opened-file'
import { message } from 'fovea/internal/store/protobuf'
import { describe, expect, it } from 'vitest'
import { decodeOnnx } from './decode.ts'
import {
  floats,
  node,
  onnxBytes,
  rawFloats,
  smallClassifier,
  type TensorParts,
  tensor,
  value,
} from './onnx-bytes.testing.ts'

const holding = (...initializers: readonly Uint8Array[]): Uint8Array =>
  onnxBytes({
    nodes: [node('Relu', ['x'], ['y'])],
    initializers,
    inputs: [value('x', ['n', 2])],
    outputs: [value('y', ['n', 2])],
  })

const read = async (bytes: Uint8Array) => (await decodeOnnx(openedBytes(bytes, 'model.onnx'))).graph.initializers
const numbersOf = async (parts: TensorParts): Promise<number[]> => [...(await read(holding(tensor(parts))))[0]!.data]
const failureOf = async (bytes: Uint8Array): Promise<string> => {
  const failure = await decodeOnnx(openedBytes(bytes, 'model.onnx')).catch(error => error)
  expect(failure).toBeInstanceOf(UserError)
  return failure.message
}
const packed = (field: number, bytes: Iterable<number>) => [field, 'bytes', Uint8Array.from(bytes)] as const

describe('numbers of a tensor', () => {
  it.each<[string, TensorParts, number[]]>([
    ['float32, raw', { dims: [2], raw: rawFloats([1.5, -2]) }, [1.5, -2]],
    ['float32, packed', { dims: [2], more: [packed(4, rawFloats([1.5, -2]))] }, [1.5, -2]],
    [
      'float32, one by one',
      {
        dims: [2],
        more: [
          [4, 'float', 1.5],
          [4, 'float', -2],
        ],
      },
      [1.5, -2],
    ],
    ['float64, raw', { dims: [1], type: 11, raw: new Uint8Array(Float64Array.of(1 / 3).buffer) }, [1 / 3]],
    ['float64, one by one', { dims: [1], type: 11, more: [[10, 'double', 1 / 3]] }, [1 / 3]],
    [
      'float16',
      { dims: [5], type: 10, raw: Uint8Array.of(0, 0x3c, 0, 0xc0, 1, 0, 0, 0x7c, 0xff, 0x7b) },
      [1, -2, 2 ** -24, Number.POSITIVE_INFINITY, 65504],
    ],
    [
      'float16 as whole numbers',
      {
        dims: [2],
        type: 10,
        more: [
          [5, 'int', 0x3c00],
          [5, 'int', 0xc000],
        ],
      },
      [1, -2],
    ],
    ['bfloat16', { dims: [2], type: 16, raw: Uint8Array.of(0x80, 0x3f, 0x40, 0xc0) }, [1, -3]],
    ['int8', { dims: [2], type: 3, raw: Uint8Array.of(255, 127) }, [-1, 127]],
    ['uint8', { dims: [2], type: 2, raw: Uint8Array.of(255, 127) }, [255, 127]],
    ['int16', { dims: [1], type: 5, raw: Uint8Array.of(254, 255) }, [-2]],
    ['uint16', { dims: [1], type: 4, raw: Uint8Array.of(254, 255) }, [65534]],
    ['int32, raw', { dims: [1], type: 6, raw: new Uint8Array(Int32Array.of(-7).buffer) }, [-7]],
    ['int64, raw', { dims: [2], type: 7, raw: new Uint8Array(BigInt64Array.of(-3n, 2n ** 40n).buffer) }, [-3, 2 ** 40]],
    [
      'int64, packed',
      { dims: [3], type: 7, more: [packed(7, [1, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1])] },
      [1, 2, -1],
    ],
    ['bool', { dims: [2], type: 9, raw: Uint8Array.of(0, 1) }, [0, 1]],
    ['a single number', { dims: [], raw: rawFloats([4]) }, [4]],
    ['none', { dims: [0], type: 7 }, []],
  ])('%s', async (_, parts, expected) => {
    expect(await numbersOf(parts)).toEqual(expected)
  })

  it('are a view of the file where they lie as they are computed with', async () => {
    const bytes = holding(floats('w', [4], [1, 2, 3, 4]))
    // Of four places where the file may begin, one makes the numbers lie at a multiple of 4.
    const shared = await Promise.all(
      [0, 1, 2, 3].map(async shift => {
        const moved = new Uint8Array(bytes.length + shift).subarray(shift)
        moved.set(bytes)
        const [{ data } = { data: new Float32Array() }] = await read(moved)
        expect([...data]).toEqual([1, 2, 3, 4])
        return data.buffer === moved.buffer
      }),
    )
    expect(shared.filter(Boolean)).toHaveLength(1)
  })
})

describe('weights in another file', () => {
  const external = (location: string, more: Readonly<Record<string, string>> = {}): Uint8Array =>
    holding(
      tensor({
        name: 'w',
        dims: [2],
        more: [
          ...Object.entries({ location, ...more }).map(
            ([key, text]) =>
              [
                13,
                'bytes',
                message([
                  [1, 'text', key],
                  [2, 'text', text],
                ]),
              ] as const,
          ),
          [14, 'int', 1],
        ],
      }),
    )
  const beside = (bytes: Uint8Array) => {
    const files = new Map([
      ['m/model.onnx', bytes],
      ['m/w.data', rawFloats([9, 1, 2, 9])],
      ['secret', rawFloats([1, 2])],
    ])
    return openedAmong(async path => files.get(path), 'm/model.onnx')
  }

  it('are found by offset and length', async () => {
    const { graph } = await decodeOnnx(await beside(external('w.data', { offset: '4', length: '8' })))
    expect([...graph.initializers[0]!.data]).toEqual([1, 2])
  })

  it.each([
    ['another place than the folder', external('../secret'), /outside of its folder/],
    ['an absolute path', external('/etc/passwd'), /outside of its folder/],
    ['more than the file has', external('w.data', { offset: '12', length: '8' }), /from byte 12 on, 8 bytes long/],
    ['a negative place', external('w.data', { offset: '-4', length: '8' }), /from byte -4/],
    ['fewer numbers than it says', external('w.data', { length: '4' }), /has 1 numbers/],
    ['a file that is missing', external('v.data'), /missing: v\.data/],
  ])('that name %s are refused', async (_, bytes, wording) => {
    const file = await beside(bytes)
    await expect(decodeOnnx(file)).rejects.toThrow(wording)
    await expect(decodeOnnx(file)).rejects.toBeInstanceOf(UserError)
  })
})

describe('a damaged file', () => {
  it.each([
    ['numbers that do not fill the shape', holding(floats('w', [3], [1, 2])), /'w' \(3,\) has 2 numbers/],
    ['a shape beyond all memory', holding(tensor({ name: 'w', dims: [2 ** 31, 2 ** 31, 2 ** 31] })), /at most 1\.0 GB/],
    ['a type that is not read', holding(tensor({ name: 'w', dims: [1], type: 8 })), /holds texts/],
    ['no graph', message([[1, 'int', 8]]), /holds no graph/],
    ['a length beyond the end', Uint8Array.of(8, 8, 58, 255, 255, 255, 15), /reaches over its end/],
    [
      'a packed list without an end',
      holding(tensor({ name: 'w', dims: [1], type: 7, more: [packed(7, [255, 255])] })),
      /damaged/,
    ],
    ['a field of another type', Uint8Array.of(8, 8, 56, 1), /another type/],
  ])('with %s is told', async (_, bytes, wording) => {
    expect(await failureOf(bytes)).toMatch(wording)
  })

  it('is told wherever it is cut', async () => {
    const bytes = smallClassifier()
    for (let end = 4; end < bytes.length - 60; end += 7)
      expect(await failureOf(bytes.subarray(0, end))).toMatch(/damaged|cannot be read/)
  })

  it('with names of objects’ own properties names nothing', async () => {
    const { graph, metadata } = await decodeOnnx(
      openedBytes(
        onnxBytes({
          nodes: [node('Relu', ['x'], ['y'], { __proto__x: 1, constructor: 2 })],
          inputs: [value('x', ['n', 2])],
          outputs: [value('y', ['n', 2])],
        }),
        'model.onnx',
      ),
    )
    expect(graph.nodes[0]!.attributes['toString']).toBeUndefined()
    expect(graph.nodes[0]!.attributes['constructor']).toEqual({ kind: 'int', value: 2 })
    expect(metadata['toString']).toBeUndefined()
  })
})
