/**
 * What other libraries hold numbers in, brought to a shape and data: ndarrays with strides (scijs, numjs, stdlib), tensors
 * (TensorFlow.js, ONNX Runtime, torch-js), data frames, columns, ImageData and pictures. In: any object. Out: an
 * `Arrangement`, or undefined for an object that is none of them. What cannot be read at once (promises, tensors on a GPU, pictures
 * that are not decoded) is a UserError that says the way.
 */

import { type Problem, UserError } from '../base/errors.ts'
import { fromHalf } from '../base/half.ts'
import type { Picture } from '../base/picture.ts'
import { stridesOf } from '../base/shape.ts'
import { kindOf } from '../base/show.ts'
import { grey, opaque, pictureFrom, rgb } from '../preprocess/picture.ts'

export interface Arrangement {
  /** Missing where the values alone say it (nested lists). */
  readonly shape?: readonly number[] | undefined
  /** A typed array, a list of numbers, nested lists. */
  readonly data: unknown
  /** Elements between neighbours along each axis; row by row when missing. */
  readonly strides?: readonly number[] | undefined
  /** The first element. */
  readonly offset?: number | undefined
}

type Fields = Readonly<Record<PropertyKey, unknown>>
type Form = readonly [
  is: (value: Fields) => boolean,
  read: (value: Fields, rowShape?: readonly number[]) => Arrangement,
]
type Obstacle = readonly [is: (value: Fields) => boolean, problem: Omit<Problem, 'what'>]

const isFunction = (value: unknown): value is (...given: unknown[]) => unknown => typeof value === 'function'
const isNumber = (value: unknown): boolean => typeof value === 'number'
const call = (value: Fields, method: string): unknown => (value[method] as () => unknown)()
/** Sizes and places. What is not a number (null would be 0, and a stride of 0 repeats one element) is NaN, and refused later. */
const count = (value: unknown): number => (isNumber(value) || typeof value === 'bigint' ? Number(value) : Number.NaN)
const numbers = (list: unknown): number[] => Array.from(list as ArrayLike<unknown>, count)

const forms: readonly Form[] = [
  // numjs wraps the ndarray of scijs.
  [value => 'stride' in Object(value['selection']), ({ selection }) => strided(selection as Fields)],
  // TensorFlow.js: `data` is a function that gives a promise, `dataSync` gives the values at once.
  [
    value => 'shape' in value && isFunction(value['dataSync']),
    value => ({ shape: numbers(value['shape']), data: call(value, 'dataSync') }),
  ],
  [value => 'dims' in value && 'data' in value && !isFunction(value['data']), onnxTensor],
  [
    value => isNumber(value['width']) && isNumber(value['height']) && ArrayBuffer.isView(value['data']),
    (value, rowShape) => picture(value['data'] as Uint8Array, value, rowShape),
  ],
  // sharp's raw output.
  [
    value => ArrayBuffer.isView(value['data']) && isNumber((Object(value['info']) as Fields)['width']),
    (value, rowShape) => picture(value['data'] as Uint8Array, value['info'] as Fields, rowShape),
  ],
  [value => 'shape' in value && 'data' in value && !isFunction(value['data']), strided],
  // danfo: a data frame's values are nested, a series' are not, and its shape is a column's. A TensorBuffer of TensorFlow.js.
  [
    value => 'shape' in value && (Array.isArray(value['values']) || ArrayBuffer.isView(value['values'])),
    value => ({ shape: numbers(value['shape']), data: value['values'] }),
  ],
  [
    value => isFunction(value['toObject']) && 'shape' in Object(value['toObject']()),
    value => strided(call(value, 'toObject') as Fields),
  ],
  // A column of arquero, a vector of Arrow.
  [
    value => isNumber(value['length']) && isFunction(value[Symbol.iterator]),
    value => ({ data: Array.from(value as unknown as Iterable<unknown>) }),
  ],
  // ml-matrix, numjs-likes, math.js.
  ...['to2DArray', 'tolist', 'toArray'].map(
    (method): Form => [value => isFunction(value[method]), value => ({ data: call(value, method) })],
  ),
]

const has = (name: string) => (value: Fields) => isFunction(value[name])
const asTyped = 'a typed array, {shape, data}, a list of typed arrays or nested numbers'
const collect = {
  expected: asTyped,
  fix: 'collect the samples in a list first: [...samples], of an async one await Array.fromAsync(samples)',
}

/** What comes later, and what is gone once it was read: looked for first, because some of it has methods like `toArray` too. */
const pending: readonly Obstacle[] = [
  [has('then'), { expected: 'what it resolves to', fix: 'await it: await model.fit(await loadDataset("mnist"))' }],
  [
    has('forEachAsync'),
    { expected: asTyped, fix: 'collect its elements with await dataset.toArray(), and give samples and labels' },
  ],
  // Tables of arquero and Arrow.
  [
    value => 'numRows' in value,
    { expected: asTyped, fix: 'give a column: table.array("pixels"), table.getChild("pixels")' },
  ],
  [value => isFunction(value['next']) || isFunction(value[Symbol.asyncIterator]), collect],
]

const obstacles: readonly Obstacle[] = [
  [
    value => isFunction(value['data']) && 'shape' in value,
    { expected: 'values that are at hand', fix: 'give {shape: tensor.shape, data: await tensor.data()}' },
  ],
  [
    has('getContext'),
    {
      expected: 'its pixels',
      fix: 'ask with classify, or give canvas.getContext("2d").getImageData(0, 0, width, height)',
    },
  ],
  [
    value =>
      'naturalWidth' in value || 'videoWidth' in value || (isNumber(value['width']) && isFunction(value['close'])),
    {
      expected: 'its pixels',
      fix: "ask with classify, or draw it on a canvas of the size of the model's input, and give its getImageData(…)",
    },
  ],
  [
    has('arrayBuffer'),
    {
      expected: 'pixels',
      fix: 'ask with classify, or decode the picture first: decodePicture(await blob.arrayBuffer())',
    },
  ],
  [
    value => 'train' in value && 'test' in value,
    { expected: 'pictures alone', fix: 'give a part of it: dataset.test.images' },
  ],
  [
    value => 'images' in value && 'labels' in value,
    { expected: 'pictures alone', fix: 'give those of the part: part.images' },
  ],
  [value => value['kind'] === 'tensor', { expected: 'numbers', fix: 'a symbolic tensor has none; give the samples' }],
  [
    value => value instanceof ArrayBuffer || Object.prototype.toString.call(value) === '[object SharedArrayBuffer]',
    { expected: 'a typed array', fix: 'say what its bytes are: new Uint8Array(buffer) or new Float32Array(buffer)' },
  ],
  [
    value => value instanceof DataView,
    { expected: 'a typed array', fix: 'say what its bytes are: new Float32Array(view.buffer, view.byteOffset, count)' },
  ],
  [value => isFunction(value[Symbol.iterator]), collect],
]

/** Whether an object is meant as one array, not as a record of arrays by name. */
export function isForeign(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype = Object.getPrototypeOf(value)
  const isPlain = prototype === Object.prototype || prototype === null
  return !isPlain || [...pending, ...forms, ...obstacles].some(([is]) => is(value as Fields))
}

/**
 * The arrangement of an object's numbers. `rowShape`: what the model expects of one sample, for pictures. Throws UserError, naming
 * `what`, for an object that must be read in another way.
 */
export function arrangementOf(value: object, what: string, rowShape?: readonly number[]): Arrangement | undefined {
  const fields = value as Fields
  let obstacle: Obstacle | undefined
  try {
    obstacle = pending.find(([is]) => is(fields))
    const form = obstacle ? undefined : forms.find(([is]) => is(fields))
    if (form) return form[1](fields, rowShape)
  } catch (error) {
    if (error instanceof UserError) throw error
    // A tensor that was disposed, or whose values are on a GPU, throws when it is read.
    throw new UserError({
      what: `${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      expected: 'values that are at hand',
      fix: 'fetch them first (await tensor.data(), await tensor.getData()), and give {shape, data}',
    })
  }
  obstacle ??= obstacles.find(([is]) => is(fields))
  if (!obstacle) return undefined
  throw new UserError({ what: `${what} cannot be read as samples`, received: kindOf(value), ...obstacle[1] })
}

/** scijs says `stride`, stdlib `strides`; `offset` belongs to both. npy readers say `fortranOrder`: the first axis runs fastest. */
function strided(value: Fields): Arrangement {
  const shape = numbers(value['shape'])
  const given = value['stride'] ?? value['strides']
  const offset = value['offset'] ?? undefined
  const inRows = offset === undefined ? undefined : stridesOf(shape)
  const strides = given === undefined ? (isColumnMajor(value) ? columnMajor(shape) : inRows) : numbers(given)
  return {
    shape,
    data: value['data'],
    ...(strides && { strides, offset: count(offset ?? 0) }),
  }
}

const isColumnMajor = (value: Fields): boolean =>
  (value['fortranOrder'] ?? value['fortran_order']) === true || ['column-major', 'F'].includes(String(value['order']))

function columnMajor(shape: readonly number[]): number[] {
  let run = 1
  return shape.map(extent => {
    const stride = run
    run *= extent
    return stride
  })
}

/** Half floats come as their bits where there is no Float16Array. */
function onnxTensor({ dims, data, type }: Fields): Arrangement {
  const bits = type === 'float16' && data instanceof Uint16Array
  return { shape: numbers(dims), data: bits ? Float32Array.from(data, fromHalf) : data }
}

/** A picture of the model's size; its channels are made to fit as `pictureToInput` does: alpha onto white, grey or colour. */
function picture(
  data: Uint8Array | Uint8ClampedArray,
  size: Fields,
  rowShape: readonly number[] | undefined,
): Arrangement {
  const [width, height] = [Number(size['width']), Number(size['height'])]
  const channels = Number(size['channels'] ?? data.length / (width * height))
  const shape = [height, width, channels]
  const [, , wanted] = rowShape ?? []
  if (rowShape?.length !== 3 || wanted === channels) return { shape, data }
  if (data.BYTES_PER_ELEMENT > 1) return { shape, data }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length)
  const flat: Picture = opaque(pictureFrom(width, height, channels, bytes))
  const fitting = wanted === 1 ? grey(flat) : wanted === 3 ? rgb(flat) : flat
  return { shape: [height, width, fitting.channels], data: fitting.data }
}
