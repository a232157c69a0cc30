/** What users hand over as samples and labels: every view gives the numbers it shows, everything else is refused by its name. */
import { describe, expect, it } from 'vitest'
import { sizeOf } from '../base/shape.ts'
import { type ArrayLikeInput, inputColumn, labelColumn } from './arrays.ts'

const untyped = (value: unknown): ArrayLikeInput => value as ArrayLikeInput
const values = (value: unknown, rowShape: readonly number[]): number[] => [
  ...inputColumn(untyped(value), rowShape, 'the input').data,
]
const six = Float32Array.of(0, 1, 2, 3, 4, 5)

/** All ways to lay a shape's elements out: each order of the axes, each axis forwards or backwards, apart by a step. */
function layouts(shape: readonly number[]) {
  const axes = shape.map((_, axis) => axis)
  const orders = axes.reduce<number[][]>(
    lists => lists.flatMap(list => axes.filter(axis => !list.includes(axis)).map(axis => [...list, axis])),
    [[]],
  )
  const signs = Array.from({ length: 2 ** shape.length }, (_, bits) => axes.map(axis => (bits & (1 << axis) ? -1 : 1)))
  return orders.flatMap(order => signs.flatMap(sign => [1, 2].map(step => ({ order, sign, step }))))
}

describe('views with strides', () => {
  it('begin at their offset, with or without strides', () => {
    const data = Float32Array.of(9, 9, ...six)
    expect(values({ shape: [2, 3], offset: 2, data }, [3])).toEqual([...six])
    expect(values({ shape: [2, 3], stride: [3, 1], offset: 2, data }, [3])).toEqual([...six])
  })

  it.each([[[4]], [[2, 3]], [[3, 2, 2]]])('of shape %j give what they show', shape => {
    const size = sizeOf(shape)
    for (const { order, sign, step } of layouts(shape)) {
      const stride = new Array<number>(shape.length)
      let run = step
      for (const axis of [...order].reverse()) {
        stride[axis] = run * sign[axis]!
        run *= shape[axis]!
      }
      const offset = 3 + stride.reduce((sum, s, axis) => sum + (s < 0 ? -s * (shape[axis]! - 1) : 0), 0)
      const data = new Float32Array(3 + size * step + 2).fill(-1)
      // Element number k of the view, counted row by row, holds k.
      for (let k = 0; k < size; k++) {
        let place = offset
        for (let axis = shape.length - 1, rest = k; axis >= 0; axis--) {
          place += (rest % shape[axis]!) * stride[axis]!
          rest = Math.floor(rest / shape[axis]!)
        }
        data[place] = k
      }
      const expected = Array.from({ length: size }, (_, k) => k)
      const row = shape.slice(1)
      for (const view of [
        { shape, stride, offset, data },
        { shape, strides: stride, offset, data: Array.from(data) },
        { selection: { shape, stride, offset, data } },
        { shape, stride, offset, data: { length: data.length, get: (i: number) => data[i] } },
      ]) {
        expect(values(view, row)).toEqual(expected)
      }
    }
  })

  it('in Fortran order say so', () => {
    for (const order of [{ fortranOrder: true }, { fortran_order: true }, { order: 'column-major' }, { order: 'F' }]) {
      expect(values({ shape: [2, 3], data: six, ...order }, [3])).toEqual([0, 2, 4, 1, 3, 5])
    }
    expect(values({ shape: [2, 3], data: six, order: 'row-major', fortranOrder: false }, [3])).toEqual([...six])
  })

  it('stay where they are when nothing is to be moved', () => {
    const bytes = new Uint8Array(12)
    const column = inputColumn({ shape: [2, 3], stride: [3, 1], offset: 4, data: bytes } as never, [3], 'the input')
    expect(column.data.buffer).toBe(bytes.buffer)
    expect(column.data.byteOffset).toBe(4)
  })

  it.each([
    [{ shape: [2, 3], stride: [3, 2], data: six }, /strides do not fit[\s\S]*places 0 … 7/],
    [{ shape: [2, 3], stride: [3, 1], offset: 1, data: six }, /places 1 … 6/],
    [{ shape: [2, 3], stride: [-3, 1], offset: 0, data: six }, /places -3 … 2/],
    [{ shape: [2, 3], stride: [3], data: six }, /strides \(3,\)/],
    [{ shape: [2, 3], stride: [1.5, 1], data: six }, /strides \(1\.5, 1\)/],
    [{ shape: [2, 3], stride: [null, 1], data: six }, /strides do not fit/],
    [{ shape: [2, 3], stride: [[], 1], data: six }, /strides do not fit/],
    [{ shape: [2, 3], offset: 1, data: six }, /places 1 … 6/],
    [{ shape: [2, 3], offset: 'x', data: six }, /offset NaN/],
    [{ shape: [2, 3], offset: [], data: six }, /offset NaN/],
    [{ shape: [-1, 3], data: six }, /shape cannot be used/],
    [{ shape: [2, 3], data: 'abcdef' }, /data holds no numbers[\s\S]*a string/],
  ])('that leave the data are refused: %#', (view, message) => {
    expect(() => values(view, [3])).toThrow(message)
  })
})

class Tensor {
  readonly dtype = 'float32'
  readonly shape = [2, 3]
  readonly strides = [3]
  dataSync(): Float32Array {
    return six
  }
  data(): Promise<Float32Array> {
    return Promise.resolve(six)
  }
}
class OnGpu {
  readonly dims = [2, 3]
  readonly type = 'float32'
  get data(): never {
    throw new Error('The data is not on CPU.')
  }
}
class Bytes extends Uint8Array {}
const matrix = [
  [0, 1, 2],
  [3, 4, 5],
]

describe('what other libraries hold numbers in', () => {
  it.each<[string, unknown]>([
    ['TensorFlow.js', new Tensor()],
    ['a TensorBuffer', { shape: [2, 3], dtype: 'float32', values: six, strides: [3] }],
    ['ONNX Runtime', { dims: [2, 3], type: 'float32', data: six, location: 'cpu' }],
    ['ONNX Runtime, int64', { dims: [2, 3], type: 'int64', data: BigInt64Array.from(six, v => BigInt(v)) }],
    [
      'ONNX Runtime, half',
      { dims: [2, 3], type: 'float16', data: Uint16Array.of(0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500) },
    ],
    ['js-pytorch', { shape: [2, 3], data: matrix }],
    ['torch-js', { toObject: () => ({ shape: [2, 3], data: six }) }],
    ['a data frame of danfo', { shape: [2, 3], values: matrix }],
    ['ml-matrix', { rows: 2, columns: 3, to2DArray: () => matrix }],
    ['math.js', { toArray: () => matrix }],
    ['a vector of Arrow', { length: 6, [Symbol.iterator]: () => six[Symbol.iterator]() }],
    ['a subclass of a typed array', Bytes.from(six)],
    ['int8', Int8Array.from(six)],
    ['uint32', Uint32Array.from(six)],
    ['int64', BigInt64Array.from(six, v => BigInt(v))],
    ['nested lists', matrix],
    ['lists of typed arrays', matrix.map(row => Float32Array.from(row))],
    ['lists of both', [Uint8Array.from(matrix[0]!), matrix[1]]],
    ['lists of tensors', [0, 3].map(at => ({ dims: [3], type: 'float32', data: six.subarray(at, at + 3) }))],
    ['big integers in lists', matrix.map(row => row.map(BigInt))],
  ])('%s', (_, value) => {
    expect(values(value, [3])).toEqual([...six])
  })

  it('booleans count 0 and 1', () => {
    expect(values([[true, false, true]], [3])).toEqual([1, 0, 1])
    expect(values({ shape: [1, 2], data: [true, false] }, [2])).toEqual([1, 0])
  })

  it('class numbers may be any whole numbers', () => {
    for (const y of [
      BigInt64Array.of(2n, 0n),
      BigUint64Array.of(2n, 0n),
      [2n, 0n],
      { dims: [2], data: BigInt64Array.of(2n, 0n) },
    ]) {
      expect([...labelColumn(untyped(y), 'the labels').data]).toEqual([2, 0])
    }
    const big = Uint32Array.of(2 ** 31 + 1)
    expect([...labelColumn(big, 'the labels').data]).toEqual([2 ** 31 + 1])
  })

  it('a series of danfo is a column', () => {
    const column = labelColumn(untyped({ shape: [3, 1], values: [0, 2, 1] }), 'the labels')
    expect(column).toMatchObject({ count: 3, rowSize: 1, rowShape: [1] })
    expect([...column.data]).toEqual([0, 2, 1])
  })

  it('a list of typed arrays is one array per sample, of labels too', () => {
    const column = labelColumn([Uint8Array.of(0, 1), Uint8Array.of(1, 0)], 'the labels')
    expect(column).toMatchObject({ count: 2, rowSize: 2 })
  })
})

describe('pictures', () => {
  const rgba = Uint8ClampedArray.of(255, 0, 0, 255, 0, 0, 255, 0)
  const picture = { width: 2, height: 1, data: rgba }

  it('are fitted to the channels of the model, alpha laid onto white', () => {
    expect(values(picture, [1, 2, 4])).toEqual([...rgba])
    expect(values(picture, [1, 2, 3])).toEqual([255, 0, 0, 255, 255, 255])
    expect(values(picture, [1, 2, 1])).toEqual([76, 255])
    expect(values([picture, picture], [1, 2, 1])).toEqual([76, 255, 76, 255])
    expect(values({ width: 2, height: 1, channels: 1, data: Uint8Array.of(7, 8) }, [1, 2, 1])).toEqual([7, 8])
    expect(values({ data: Uint8Array.of(7, 8), info: { width: 2, height: 1, channels: 1 } }, [1, 2, 1])).toEqual([7, 8])
  })

  it('of another size are refused with a way', () => {
    expect(() => values(picture, [2, 2, 3])).toThrow(/\(None, 2, 2, 3\)[\s\S]*\(1, 2, 3\)[\s\S]*pictureToInput/)
    const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0)
    expect(() => values(jpeg, [2, 2, 3])).toThrow(/bytes of a picture file[\s\S]*decodePicture/)
  })
})

describe('what cannot be read is refused by name, with a way', () => {
  async function* later() {
    yield [1]
  }
  function* one() {
    yield [1]
  }
  const nothing = (): void => {}
  it.each<[string, unknown, RegExp]>([
    ['a promise', Promise.resolve(six), /a Promise[\s\S]*await it/],
    ['an async generator', later(), /an AsyncGenerator[\s\S]*fromAsync/],
    ['a generator', one(), /a Generator[\s\S]*\[\.\.\.samples\]/],
    ['a set', new Set([1]), /a Set[\s\S]*\[\.\.\.samples\]/],
    ['a map', new Map([[1, 2]]), /a Map/],
    ['a tf.data set', { forEachAsync: nothing, toArray: nothing }, /await dataset\.toArray\(\)/],
    ['a tensor of promises', { shape: [2, 3], data: nothing }, /await tensor\.data\(\)/],
    ['a tensor on a GPU', new OnGpu(), /not on CPU[\s\S]*getData/],
    ['a disposed tensor', { shape: [1], dataSync: () => nothing.call(JSON.parse('x')) }, /cannot be read/],
    ['a buffer', new ArrayBuffer(4), /an ArrayBuffer[\s\S]*new Uint8Array\(buffer\)/],
    ['a shared buffer', new SharedArrayBuffer(4), /a SharedArrayBuffer[\s\S]*new Uint8Array/],
    ['a view without a type', new DataView(new ArrayBuffer(4)), /a DataView[\s\S]*new Float32Array\(view/],
    ['a canvas', { width: 1, height: 1, getContext: nothing }, /getImageData/],
    ['an image element', { naturalWidth: 1, width: 1, height: 1 }, /draw it on a canvas/],
    ['a bitmap', { width: 1, height: 1, close: nothing }, /draw it on a canvas/],
    ['a file', new Blob(['x']), /a Blob[\s\S]*decode/],
    ['a data set', { train: {}, test: {} }, /dataset\.test\.images/],
    ['a part of a data set', { images: six, labels: [0, 1] }, /part\.images/],
    ['a symbolic tensor', { kind: 'tensor', shape: [3] }, /symbolic/],
    ['a table', { numRows: 3, getChild: nothing }, /getChild/],
    ['a path', 'cat.jpg', /"cat\.jpg"[\s\S]*readPicture/],
    ['a number', 5, /a number/],
    ['a function', nothing, /a function/],
    ['names', ['cat', 'dog', 'cat'], /"cat" at \[0\][\s\S]*classNames\.indexOf/],
    ['names in a shape', { shape: [3], data: ['cat', 'dog', 'cat'] }, /"cat" at \[0\][\s\S]*classNames\.indexOf/],
    ['names of a tensor', { shape: [1], dataSync: () => ['cat'] }, /"cat" at \[0\]/],
    ['numbers as text', [['1', '2', '3']], /"1" at \[0\]\[0\]/],
    // biome-ignore lint/suspicious/noSparseArray: what a user may have.
    ['a hole', [1, , 3], /undefined at \[1\]/],
    ['undefined', { shape: [3], data: [1, undefined, 3] }, /undefined at \[1\]/],
    ['null', [[1, null, 3]], /null at \[0\]\[1\]/],
    ['a missing row', [[1, 2, 3], undefined], /undefined at \[1\]/],
    ['a missing typed row', [six, undefined], /undefined at \[1\]/],
    ['a record among tensors', [new Tensor(), {}], /an object at/],
  ])('%s', (_, value, message) => {
    expect(() => inputColumn(untyped(value), [3], 'the input')).toThrow(message)
    expect(() => inputColumn(untyped(value), [3], 'the input')).toThrow(expect.objectContaining({ name: 'UserError' }))
  })
})
