/** The shape of every operation's result, one row per op. A violated rule is a bug of the caller (layers check user input before). */
import { InternalError } from '../base/errors.ts'
import { broadcastShapes, type DType, formatShape, type Shape, sameShape, sizeOf } from '../base/shape.ts'
import type { Node } from './node.ts'
import type { Convolution, OpAttributes, OpKind, Window } from './ops.ts'

export interface Signature {
  readonly shape: Shape
  readonly dtype: DType
  readonly batched: boolean
}

/** `declared` is what the caller states for ops whose result does not follow from the operands (input, state, reshape …). */
type ShapeRule<K extends OpKind> = (
  attributes: OpAttributes[K],
  inputs: readonly Node[],
  declared: Signature,
) => Signature

const like = (node: Node): Signature => ({ shape: node.shape, dtype: node.dtype, batched: node.batched })
const f32 = (shape: Shape, batched: boolean): Signature => ({ shape, dtype: 'f32', batched })

export const shapeRules: { readonly [K in OpKind]: ShapeRule<K> } = {
  input: (_, __, declared) => declared,
  state: (_, __, declared) => declared,
  constant: (_, __, declared) => declared,
  batchSize: () => f32([], false),
  iota: (_, __, declared) => declared,
  unary: (_, [x]) => like(x!),
  binary: (_, inputs) => elementwise(inputs),
  select: (_, inputs) => elementwise(inputs),
  cast: (_, [x]) => f32(x!.shape, x!.batched),
  randomUniform: (_, __, declared) => declared,
  reshape: (_, [x], declared) => {
    demand(
      sizeOf(x!.shape) === sizeOf(declared.shape),
      'reshape',
      () => `${text(x!)} to ${formatShape(declared.shape)}`,
    )
    demand(!x!.batched || declared.shape[0] === x!.shape[0], 'reshape', () => 'the batch axis must stay first')
    return { ...like(x!), shape: declared.shape }
  },
  transpose: ({ permutation }, [x]) => {
    demand(!x!.batched || permutation[0] === 0, 'transpose', () => 'the batch axis must stay first')
    return { ...like(x!), shape: permutation.map(axis => x!.shape[axis]!) }
  },
  pad: ({ before, after }, [x]) => {
    demand(!x!.batched || (before[0] === 0 && after[0] === 0), 'pad', () => 'the batch axis cannot be padded')
    return { ...like(x!), shape: x!.shape.map((extent, axis) => extent + before[axis]! + after[axis]!) }
  },
  slice: ({ begin }, [x], declared) => {
    const fits = declared.shape.every((extent, axis) => begin[axis]! >= 0 && begin[axis]! + extent <= x!.shape[axis]!)
    demand(
      fits && declared.shape.length === x!.shape.length,
      'slice',
      () => `${formatShape(declared.shape)} of ${text(x!)}`,
    )
    demand(!x!.batched || declared.shape[0] === x!.shape[0], 'slice', () => 'the batch axis cannot be cut')
    return { ...like(x!), shape: declared.shape }
  },
  concat: ({ axis }, inputs) => {
    const first = inputs[0]!
    demand(!first.batched || axis > 0, 'concat', () => 'the batch axis cannot be joined')
    for (const x of inputs) {
      const fits = x.batched === first.batched && x.shape.every((extent, a) => a === axis || extent === first.shape[a])
      demand(fits && x.shape.length === first.shape.length, 'concat', () => `${text(first)} with ${text(x)}`)
    }
    const joined = inputs.reduce((sum, x) => sum + x.shape[axis]!, 0)
    return { ...like(first), shape: first.shape.map((extent, a) => (a === axis ? joined : extent)) }
  },
  broadcast: (_, [x], declared) => {
    const result = broadcastShapes(x!.shape, declared.shape)
    demand(
      result !== undefined && sameShape(result, declared.shape),
      'broadcast',
      () => `${text(x!)} to ${formatShape(declared.shape)}`,
    )
    return declared
  },
  reduce: ({ axes }, [x]) =>
    f32(
      x!.shape.filter((_, axis) => !axes.includes(axis)),
      x!.batched && !axes.includes(0),
    ),
  argmax: (_, [x]) => f32(x!.shape.slice(0, -1), x!.batched),
  matmul: ({ transposeA, transposeB }, [a, b]) => {
    demand(a!.shape.length === 2 && b!.shape.length === 2, 'matmul', () => `${text(a!)} by ${text(b!)}`)
    const [rows, inner] = transposeA ? [a!.shape[1]!, a!.shape[0]!] : [a!.shape[0]!, a!.shape[1]!]
    const [innerB, columns] = transposeB ? [b!.shape[1]!, b!.shape[0]!] : [b!.shape[0]!, b!.shape[1]!]
    demand(inner === innerB, 'matmul', () => `inner extents differ: ${text(a!)} by ${text(b!)}`)
    const contractsBatch = a!.batched && transposeA
    demand(
      b!.batched === contractsBatch && !(b!.batched && transposeB),
      'matmul',
      () => 'the batch may be rows of the result or contracted',
    )
    return f32([rows, columns], a!.batched && !transposeA)
  },
  conv2d: (attributes, [x, filter]) => {
    const [n, height, width, channels] = x!.shape as [number, number, number, number]
    const [r, s, c, k] = filter!.shape as [number, number, number, number]
    demand(
      c * attributes.groups === channels && k % attributes.groups === 0,
      'conv2d',
      () => `${text(x!)} by ${text(filter!)}`,
    )
    return f32([n, ...convolvedExtents(height, width, r, s, attributes), k], x!.batched)
  },
  conv2dInputGrad: ({ inputShape }, [dy]) => f32(inputShape, dy!.batched),
  conv2dFilterGrad: ({ filterShape }) => f32(filterShape, false),
  maxPool2d: (window, [x]) => pooled(window, x!),
  maxPool2dGrad: (_, [x]) => like(x!),
  averagePool2d: (window, [x]) => pooled(window, x!),
  averagePool2dGrad: ({ inputShape }, [dy]) => f32(inputShape, dy!.batched),
  softmax: (_, [x]) => like(x!),
  logSoftmax: (_, [x]) => like(x!),
  batchMoments: (_, [x]) => f32([2, x!.shape.at(-1)!], false),
  batchNorm: (_, [x]) => like(x!),
  batchNormSums: (_, [x]) => f32([2, x!.shape.at(-1)!], false),
  batchNormInputGrad: (_, [x]) => like(x!),
  affineSample: (_, [x]) => f32(x!.shape, x!.batched),
}

/** Output height and width of a convolution or pooling window. */
export function convolvedExtents(
  height: number,
  width: number,
  r: number,
  s: number,
  { strides, padding, dilation }: Pick<Convolution, 'strides' | 'padding' | 'dilation'>,
): [number, number] {
  const rows = Math.floor((height + padding.top + padding.bottom - dilation[0] * (r - 1) - 1) / strides[0]) + 1
  const columns = Math.floor((width + padding.left + padding.right - dilation[1] * (s - 1) - 1) / strides[1]) + 1
  return [rows, columns]
}

function pooled(window: Window, x: Node): Signature {
  const [n, height, width, channels] = x.shape as [number, number, number, number]
  const extents = convolvedExtents(height, width, ...window.size, { ...window, dilation: [1, 1] })
  return f32([n, ...extents, channels], x.batched)
}

function elementwise(inputs: readonly Node[]): Signature {
  let shape: Shape = []
  let batched = false
  for (let index = 0; index < inputs.length; index++) {
    const x = inputs[index]!
    const joined = broadcastShapes(shape, x.shape)
    demand(joined !== undefined, 'broadcast', () => inputs.map(text).join(' with '))
    demand(x.dtype === 'f32', 'elementwise', () => `operand of type ${x.dtype}; cast it first`)
    shape = joined!
    batched ||= x.batched
  }
  if (batched) {
    const equal = inputs.every(x => !x.batched || x.shape.length === shape.length)
    demand(equal, 'broadcast', () => 'batched operands need equal rank')
  }
  return f32(shape, batched)
}

function text(node: Node): string {
  return `${node.kind} ${formatShape(node.shape)}`
}

/** `detail` is a function, since words for what nearly never happens would take longer than the rule itself. */
function demand(condition: boolean, op: string, detail: () => string): void {
  if (!condition) throw new InternalError('graph', `${op}: shapes do not fit: ${detail()}`)
}
