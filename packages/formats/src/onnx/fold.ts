/**
 * Operators on numbers that are known before the network runs: shapes that are computed, weights that are rearranged. In: a node and its
 * constant inputs. Out: constants. What depends on the extent of the batch is NaN, and stays NaN.
 */
import { largestOf, smallestOf } from 'fovea/internal/base/extremes'
import { broadcastShapes, type Shape, sizeOf } from 'fovea/internal/base/shape'
import {
  type Constant,
  constantOf,
  isFloat,
  listOf,
  numbersFor,
  stretchedStrides,
  transposedConstant,
  walk,
} from './constant.ts'
import { axisIn, refused } from './node-context.ts'
import type { OnnxNode, OnnxType } from './onnx-model.ts'

export interface FoldContext {
  readonly node: OnnxNode
  readonly opset: number
  /** Undefined for those that are left out. */
  readonly inputs: readonly (Constant | undefined)[]
  /** Throws UserError where so many numbers are too many. */
  readonly take: (size: number) => void
}
type Fold = (context: FoldContext) => Constant

export function foldOf({ op, domain }: OnnxNode): Fold | undefined {
  return domain === '' && Object.hasOwn(folds, op) ? folds[op] : undefined
}

const input = ({ inputs }: FoldContext, at: number): Constant => {
  const constant = inputs[at]
  if (constant) return constant
  throw refused(`Input ${at + 1} is missing.`)
}

const whole = ({ node }: FoldContext, name: string, otherwise: number): number => {
  const found = node.attributes[name]
  return found?.kind === 'int' ? found.value : otherwise
}

const wholes = ({ node }: FoldContext, name: string): readonly number[] | undefined => {
  const found = node.attributes[name]
  return found?.kind === 'ints' ? found.value : undefined
}

/** Of an attribute, or of an input. */
const listed = (context: FoldContext, name: string, at: number): readonly number[] | undefined => {
  const constant = context.inputs[at]
  return wholes(context, name) ?? (constant && listOf(constant))
}

const withDims = (constant: Constant, dims: Shape): Constant => {
  if (sizeOf(dims) === constant.data.length && dims.every(extent => extent >= 0)) return { ...constant, dims }
  throw refused(`${constant.data.length} numbers do not fill [${dims.join(', ')}].`)
}

function filled(context: FoldContext, dims: Shape, type: OnnxType, numberAt: (at: number) => number): Constant {
  const size = sizeOf(dims)
  if (!dims.every(extent => Number.isSafeInteger(extent) && extent >= 0))
    throw refused(`[${dims.join(', ')}] is no shape.`)
  context.take(size)
  const data = numbersFor(type, size)
  for (let at = 0; at < size; at++) data[at] = numberAt(at)
  return { dims, data, type }
}

const elementwise =
  (compute: (values: readonly number[]) => number, resultType?: OnnxType): Fold =>
  context => {
    const operands = context.inputs.map((_, at) => input(context, at))
    const dims = operands.reduce<Shape | undefined>((joined, { dims }) => joined && aligned(joined, dims), [])
    if (!dims) throw refused('Shapes of constants do not fit together.')
    const type = resultType ?? operands[0]!.type
    context.take(sizeOf(dims))
    const data = numbersFor(type, sizeOf(dims))
    const strides = operands.map(operand => [
      ...new Array<number>(dims.length - operand.dims.length).fill(0),
      ...stretchedStrides(operand.dims),
    ])
    const truncates = !isFloat(type)
    walk(dims, strides, (at, places) => {
      const value = compute(places.map((place, operand) => operands[operand]!.data[place]!))
      data[at] = truncates ? Math.trunc(value) : value
    })
    return { dims, data, type }
  }

const aligned = (a: Shape, b: Shape): Shape | undefined => {
  const rank = Math.max(a.length, b.length)
  const [longA, longB] = [a, b].map(dims => [...new Array<number>(rank - dims.length).fill(1), ...dims])
  return broadcastShapes(longA!, longB!)
}

const constant: Fold = ({ node }) => {
  const { value, value_float, value_int, value_floats, value_ints } = node.attributes
  const numbers = value_floats ?? value_ints
  if (value?.kind === 'tensor') return constantOf(value.value)
  if (value_float?.kind === 'float') return { dims: [], data: Float32Array.of(value_float.value), type: 'float32' }
  if (value_int?.kind === 'int') return { dims: [], data: Float64Array.of(value_int.value), type: 'int64' }
  if (numbers?.kind === 'floats')
    return { dims: [numbers.value.length], data: Float32Array.from(numbers.value), type: 'float32' }
  if (numbers?.kind === 'ints')
    return { dims: [numbers.value.length], data: Float64Array.from(numbers.value), type: 'int64' }
  throw refused('It holds no numbers.')
}

const constantOfShape: Fold = context => {
  const { value } = context.node.attributes
  const of = value?.kind === 'tensor' ? value.value : { type: 'float32' as const, data: [0] }
  const number = of.data[0] ?? 0
  return filled(context, listOf(input(context, 0)), of.type, () => number)
}

const gather: Fold = context => {
  const [from, indices] = [input(context, 0), input(context, 1)]
  const axis = axisIn(whole(context, 'axis', 0), from.dims.length)
  const [before, extent, after] = [
    sizeOf(from.dims.slice(0, axis)),
    from.dims[axis]!,
    sizeOf(from.dims.slice(axis + 1)),
  ]
  const places = Array.from(indices.data, place => (place < 0 ? place + extent : place))
  if (!places.every(place => place >= 0 && place < extent)) throw refused(`It reads beyond ${extent} places.`)
  const dims = [...from.dims.slice(0, axis), ...indices.dims, ...from.dims.slice(axis + 1)]
  const size = before * places.length * after
  return filled(context, dims, from.type, at => {
    const [outer, inner] = [Math.floor(at / (places.length * after)), at % after]
    return from.data[(outer * extent + places[Math.floor((at % (size / before)) / after)]!) * after + inner]!
  })
}

const unsqueeze: Fold = context => {
  const from = input(context, 0)
  const named = listed(context, 'axes', 1) ?? []
  const rank = from.dims.length + named.length
  const axes = named.map(axis => axisIn(axis, rank))
  const rest = [...from.dims]
  return withDims(
    from,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1))),
  )
}

const squeeze: Fold = context => {
  const from = input(context, 0)
  const named = listed(context, 'axes', 1)?.map(axis => axisIn(axis, from.dims.length))
  return withDims(
    from,
    from.dims.filter((extent, axis) => (named ? !named.includes(axis) : extent !== 1)),
  )
}

const concat: Fold = context => {
  const parts = context.inputs.map((_, at) => input(context, at))
  const [first] = parts as [Constant, ...Constant[]]
  const axis = axisIn(whole(context, 'axis', 0), first.dims.length)
  const extent = parts.reduce((sum, { dims }) => sum + (dims[axis] ?? 0), 0)
  const dims = first.dims.map((own, at) => (at === axis ? extent : own))
  const [before, after] = [sizeOf(dims.slice(0, axis)), sizeOf(dims.slice(axis + 1))]
  const runs = parts.map(part => (part.dims[axis] ?? 0) * after)
  if (parts.some((part, at) => part.data.length !== before * runs[at]!))
    throw refused('Shapes of constants do not fit together.')
  context.take(sizeOf(dims))
  const data = numbersFor(first.type, sizeOf(dims))
  let at = 0
  for (let row = 0; row < before; row++) {
    for (const [part, run] of runs.entries()) {
      data.set(parts[part]!.data.subarray(row * run, (row + 1) * run), at)
      at += run
    }
  }
  return { dims, data, type: first.type }
}

const castTypes: Readonly<Record<number, OnnxType>> = {
  1: 'float32',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
}

const cast: Fold = context => {
  const from = input(context, 0)
  const to = whole(context, 'to', 1)
  const type = Object.hasOwn(castTypes, to) ? castTypes[to]! : undefined
  if (!type || type === 'float16') throw refused(`It turns constants into type ${to}.`)
  const map = isFloat(type) ? (x: number) => x : type === 'bool' ? (x: number) => (x === 0 ? 0 : 1) : Math.trunc
  return filled(context, from.dims, type, at => map(from.data[at]!))
}

const slice: Fold = context => {
  const from = input(context, 0)
  const [starts, ends] = [listed(context, 'starts', 1) ?? [], listed(context, 'ends', 2) ?? []]
  const axes = listed(context, 'axes', 3) ?? starts.map((_, at) => at)
  const steps = listed(context, 'steps', 4) ?? starts.map(() => 1)
  const dims = [...from.dims]
  const begin = dims.map(() => 0)
  const step = dims.map(() => 1)
  for (const [at, named] of axes.entries()) {
    const axis = axisIn(named, dims.length)
    const extent = from.dims[axis]!
    const stride = steps[at]!
    if (!Number.isInteger(stride) || stride === 0) throw refused('Its step is 0.')
    const [low, high] = stride > 0 ? [0, extent] : [-1, extent - 1]
    const place = (value: number): number => Math.min(Math.max(value < 0 ? value + extent : value, low), high)
    begin[axis] = place(starts[at]!)
    step[axis] = stride
    dims[axis] = Math.max(0, Math.ceil((place(ends[at]!) - begin[axis]!) / stride))
  }
  const own = from.dims.map((_, axis) => sizeOf(from.dims.slice(axis + 1)))
  const first = begin.reduce((sum, place, axis) => sum + place * own[axis]!, 0)
  if (!dims.every(Number.isInteger)) throw refused('It depends on the extent of the batch.')
  context.take(sizeOf(dims))
  const data = numbersFor(from.type, sizeOf(dims))
  walk(dims, [own.map((stride, axis) => stride * step[axis]!)], (at, [place]) => {
    data[at] = from.data[first + place!]!
  })
  return { dims, data, type: from.type }
}

const reshape: Fold = context => {
  const from = input(context, 0)
  const target = listed(context, 'shape', 1) ?? []
  const dims = target.map((extent, at) =>
    extent === 0 && whole(context, 'allowzero', 0) === 0 ? (from.dims[at] ?? 0) : extent,
  )
  const known = sizeOf(dims.filter(extent => extent !== -1))
  return withDims(
    from,
    dims.map(extent => (extent === -1 ? from.data.length / known : extent)),
  )
}

const flatten: Fold = context => {
  const from = input(context, 0)
  const axis = whole(context, 'axis', 1)
  const first = axis < 0 ? axis + from.dims.length : axis
  return withDims(from, [sizeOf(from.dims.slice(0, first)), sizeOf(from.dims.slice(first))])
}

const transpose: Fold = context => {
  const from = input(context, 0)
  const rank = from.dims.length
  const perm = wholes(context, 'perm') ?? from.dims.map((_, axis) => rank - 1 - axis)
  const isOrder = perm.length === rank && [...perm].sort((a, b) => a - b).every((axis, at) => axis === at)
  if (!isOrder) throw refused(`[${perm.join(', ')}] is no order of ${rank} axes.`)
  context.take(from.data.length)
  return transposedConstant(from, perm)
}

const expand: Fold = context => {
  const from = input(context, 0)
  const dims = aligned(from.dims, listOf(input(context, 1)))
  if (!dims?.every(Number.isInteger)) throw refused('It depends on the extent of the batch.')
  context.take(sizeOf(dims))
  const data = numbersFor(from.type, sizeOf(dims))
  const strides = [...new Array<number>(dims.length - from.dims.length).fill(0), ...stretchedStrides(from.dims)]
  walk(dims, [strides], (at, [place]) => {
    data[at] = from.data[place!]!
  })
  return { dims, data, type: from.type }
}

const range: Fold = context => {
  const [start, limit, step] = [0, 1, 2].map(at => input(context, at).data[0]!) as [number, number, number]
  const size = Math.max(0, Math.ceil((limit - start) / step))
  return filled(context, [size], input(context, 0).type, at => start + at * step)
}

/** Of all numbers, as shapes are multiplied up. */
const reducedAll =
  (join: (a: number, b: number) => number): Fold =>
  context => {
    const from = input(context, 0)
    const named = listed(context, 'axes', 1)
    if (named && named.length !== from.dims.length) throw refused('It reduces some axes of a constant.')
    const dims = whole(context, 'keepdims', 1) === 1 ? from.dims.map(() => 1) : []
    return { dims, data: numbersFor(from.type, 1).fill([...from.data].reduce(join)), type: from.type }
  }

/** Comparisons of what depends on the batch would be guesses. */
const compared =
  (compare: (a: number, b: number) => boolean): Fold =>
  context => {
    const isOpen = context.inputs.some(constant => constant?.data.some(Number.isNaN))
    if (isOpen) throw refused('It compares with the extent of the batch.')
    return elementwise(([a, b]) => (compare(a!, b!) ? 1 : 0), 'bool')(context)
  }

const where: Fold = context => {
  const [condition, a, b] = [0, 1, 2].map(at => input(context, at)) as [Constant, Constant, Constant]
  const chosen = elementwise(([flag, yes, no]) => (flag !== 0 ? yes! : no!), a.type)
  return chosen({ ...context, inputs: [condition, a, b] })
}

const same: Fold = context => input(context, 0)

const folds: Readonly<Record<string, Fold>> = {
  Abs: elementwise(([x]) => Math.abs(x!)),
  Add: elementwise(([a, b]) => a! + b!),
  Cast: cast,
  Ceil: elementwise(([x]) => Math.ceil(x!)),
  Concat: concat,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Div: elementwise(([a, b]) => a! / b!),
  Dropout: same,
  Equal: compared((a, b) => a === b),
  Expand: expand,
  Flatten: flatten,
  Floor: elementwise(([x]) => Math.floor(x!)),
  Gather: gather,
  Greater: compared((a, b) => a > b),
  Identity: same,
  Less: compared((a, b) => a < b),
  Max: elementwise(values => largestOf(values)),
  Min: elementwise(values => smallestOf(values)),
  Mul: elementwise(([a, b]) => a! * b!),
  Neg: elementwise(([x]) => -x!),
  Pow: elementwise(([a, b]) => a! ** b!),
  Range: range,
  Reciprocal: elementwise(([x]) => 1 / x!),
  ReduceProd: reducedAll((a, b) => a * b),
  ReduceSum: reducedAll((a, b) => a + b),
  Reshape: reshape,
  Slice: slice,
  Sqrt: elementwise(([x]) => Math.sqrt(x!)),
  Squeeze: squeeze,
  Sub: elementwise(([a, b]) => a! - b!),
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Where: where,
}
