/**
 * The gradient rule of every operation: given the result's adjoint dy (thin, see adjoint.ts), one entry per input that says
 * how to build the input's adjoint (called only when somebody asks for it), or undefined where nothing flows.
 * What has no gradient says why.
 */
import type { Graph } from '../graph/builder.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { OpKind, ReduceFn } from '../graph/ops.ts'
import { reduceTo, reshaped, sumKept, widen } from './adjoint.ts'
import { binaryDerivatives, unaryDerivatives } from './elementwise-rules.ts'

export type InputGradients = readonly ((() => Node) | undefined)[]
export interface NotDifferentiable {
  readonly notDifferentiable: string
}
type GradientRule<K extends OpKind> = (graph: Graph, node: NodeOf<K>, dy: Node) => InputGradients

const leaf: NotDifferentiable = { notDifferentiable: 'it has no operand' }
const integers: NotDifferentiable = { notDifferentiable: 'its operand holds whole numbers' }
const secondOrder: NotDifferentiable = {
  notDifferentiable: 'it belongs to a gradient already; second derivatives stop here',
}

export type GradientRules = { readonly [K in OpKind]: GradientRule<K> | NotDifferentiable }

export const gradientRules = {
  input: leaf,
  state: leaf,
  constant: leaf,
  batchSize: leaf,
  iota: leaf,
  unary: (g, y, dy) => {
    const derivative = unaryDerivatives[y.attributes.fn]
    return [derivative === 'flat' ? undefined : () => derivative(g, dy, y.inputs[0]!, y)]
  },
  binary: (g, y, dy) => {
    const derivatives = binaryDerivatives[y.attributes.fn]
    if (derivatives === 'flat') return [undefined, undefined]
    const [a, b] = y.inputs as [Node, Node]
    return [
      () => reduceTo(g, derivatives[0](g, dy, a, b, y), y, a),
      () => reduceTo(g, derivatives[1](g, dy, a, b, y), y, b),
    ]
  },
  // da = dy where the condition holds, db = dy elsewhere
  select: (g, y, dy) => {
    const [condition, a, b] = y.inputs as [Node, Node, Node]
    return [
      undefined,
      () => reduceTo(g, g.select(condition, dy, 0), y, a),
      () => reduceTo(g, g.select(condition, 0, dy), y, b),
    ]
  },
  cast: integers,
  randomUniform: integers,
  reshape: (g, y, dy) => [() => reshaped(g, dy, y, y.inputs[0]!.shape)],
  transpose: (g, y, dy) => {
    const { permutation } = y.attributes
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis))
    return [() => (dy.shape.length === 0 ? dy : g.transpose(widen(g, dy, y), inverse))]
  },
  // dx = the part of dy that came from x
  pad: (g, y, dy) => {
    const x = y.inputs[0]!
    return [() => (dy.shape.length === 0 ? dy : g.slice(widen(g, dy, y), y.attributes.before, x.shape))]
  },
  // dx = dy, zeros around
  slice: (g, y, dy) => {
    const { begin } = y.attributes
    const after = y.inputs[0]!.shape.map((extent, axis) => extent - begin[axis]! - y.shape[axis]!)
    return [() => g.pad(widen(g, dy, y), begin, after)]
  },
  concat: (g, y, dy) => {
    const { axis } = y.attributes
    return y.inputs.map((x, index) => () => {
      const offset = y.inputs.slice(0, index).reduce((sum, other) => sum + other.shape[axis]!, 0)
      const begin = y.shape.map((_, a) => (a === axis ? offset : 0))
      return dy.shape.length === 0 ? dy : g.slice(widen(g, dy, y), begin, x.shape)
    })
  },
  broadcast: (g, y, dy) => [() => reduceTo(g, dy, y, y.inputs[0]!)],
  reduce: (g, y, dy) => {
    const x = y.inputs[0]!
    const { fn, axes } = y.attributes
    const keep = (node: Node): Node =>
      node.shape.length === 0 ? node : g.reshape(widen(g, node, y), keptShape(x, axes))
    const gradients: { readonly [F in ReduceFn]: () => Node } = {
      // dx = dy, the same for every element summed
      sum: () => keep(dy),
      // dx = dy / count at the elements equal to the largest, count how many they are
      max() {
        const largest = g.binary('equal', x, keep(y))
        return g.select(largest, g.div(keep(dy), keep(g.sum(largest, axes))), 0)
      },
    }
    return [gradients[fn]]
  },
  argmax: { notDifferentiable: 'an index jumps; use softmax or the maximum itself' },
  matmul: (g, y, thin) => {
    const [a, b] = y.inputs as [Node, Node]
    const { transposeA, transposeB } = y.attributes
    const dy = (): Node => widen(g, thin, y)
    return [
      // Y = A B: dA = dY Bᵀ; Y = AᵀB: dA = B dYᵀ; Y = A Bᵀ: dA = dY B; Y = AᵀBᵀ: dA = Bᵀ dYᵀ
      () =>
        transposeA
          ? g.matmul(b, dy(), { transposeA: transposeB, transposeB: true })
          : g.matmul(dy(), b, { transposeB: !transposeB }),
      // Y = A B: dB = Aᵀ dY; Y = AᵀB: dB = A dY; Y = A Bᵀ: dB = dYᵀ A; Y = AᵀBᵀ: dB = dYᵀ Aᵀ
      () =>
        transposeB
          ? g.matmul(dy(), a, { transposeA: true, transposeB: transposeA })
          : g.matmul(a, dy(), { transposeA: !transposeA }),
    ]
  },
  conv2d: (g, y, dy) => {
    const [x, filter] = y.inputs as [Node, Node]
    return [
      () => g.conv2dInputGrad(widen(g, dy, y), filter, { ...y.attributes, inputShape: x.shape }),
      () => g.conv2dFilterGrad(x, widen(g, dy, y), { ...y.attributes, filterShape: filter.shape }),
    ]
  },
  // Linear in both operands, like conv2d itself.
  conv2dInputGrad: (g, dx, ddx) => {
    const [dy, filter] = dx.inputs as [Node, Node]
    const { inputShape: _, ...convolution } = dx.attributes
    return [
      () => g.conv2d(widen(g, ddx, dx), filter, convolution),
      () => g.conv2dFilterGrad(widen(g, ddx, dx), dy, { ...convolution, filterShape: filter.shape }),
    ]
  },
  conv2dFilterGrad: (g, df, ddf) => {
    const [x, dy] = df.inputs as [Node, Node]
    const { filterShape: _, ...convolution } = df.attributes
    return [
      () => g.conv2dInputGrad(dy, widen(g, ddf, df), { ...convolution, inputShape: x.shape }),
      () => g.conv2d(x, widen(g, ddf, df), convolution),
    ]
  },
  maxPool2d: (g, y, dy) => [() => g.maxPool2dGrad(y.inputs[0]!, y, widen(g, dy, y), y.attributes)],
  maxPool2dGrad: secondOrder,
  averagePool2d: (g, y, dy) => [
    () => g.averagePool2dGrad(widen(g, dy, y), { ...y.attributes, inputShape: y.inputs[0]!.shape }),
  ],
  averagePool2dGrad: (g, dx, ddx) => {
    const { inputShape: _, ...window } = dx.attributes
    return [() => g.averagePool2d(widen(g, ddx, dx), window)]
  },
  // dx = y (dy − Σ dy y)
  softmax: (g, y, dy) => [() => g.mul(y, g.sub(dy, sumKept(g, g.mul(dy, y), y, lastAxis(y))))],
  // dx = dy − softmax(x) Σ dy
  logSoftmax: (g, y, dy) => [() => g.sub(dy, g.mul(g.softmax(y.inputs[0]!), sumKept(g, dy, y, lastAxis(y))))],
  // dx = dmean / count + 2 (x − mean) dvariance / count
  batchMoments: (g, moments, thin) => {
    const x = moments.inputs[0]!
    const dy = widen(g, thin, moments)
    return [
      () => {
        const count = g.countOver(x, allButLast(x))
        const centred = g.sub(x, row(g, moments, 0))
        return g.div(g.add(row(g, dy, 0), g.mul(g.mul(centred, 2), row(g, dy, 1))), count)
      },
    ]
  },
  batchNorm: batchNormGradients,
  batchNormSums: secondOrder,
  batchNormInputGrad: secondOrder,
  affineSample: { notDifferentiable: 'pictures are resampled before every weight; nothing asks for the gradient' },
} satisfies GradientRules

/**
 * y = gamma x̂ + beta. With the batch's own moments the path through them is part of dx (and they get nothing besides);
 * with given moments everything is element-wise: dx = dy gamma / σ, dmean = −gamma Σdy / σ, dvariance = −gamma Σ(dy x̂) / 2σ².
 */
function batchNormGradients(g: Graph, y: NodeOf<'batchNorm'>, thin: Node): InputGradients {
  const [x, moments, gamma] = y.inputs as [Node, Node, Node]
  const { epsilon } = y.attributes
  const dy = (): Node => widen(g, thin, y)
  const sums = (): Node => g.batchNormSums(x, dy(), moments, epsilon)
  const variance = (): Node => g.add(row(g, moments, 1), epsilon)
  const scale = (): Node => g.div(gamma, g.unary('sqrt', variance()))
  const own = moments.kind === 'batchMoments' && moments.inputs[0] === x
  return [
    () => (own ? g.batchNormInputGrad(x, dy(), gamma, moments, sums(), epsilon) : g.mul(thin, scale())),
    own
      ? undefined
      : () => {
          const mean = g.mul(negated(g, scale()), row(g, sums(), 0))
          const spread = g.mul(g.mul(g.div(gamma, variance()), -0.5), row(g, sums(), 1))
          const shape = [1, gamma.shape[0]!]
          return g.concat([g.reshape(mean, shape), g.reshape(spread, shape)], 0)
        },
    () => row(g, sums(), 1), // dgamma = Σ dy x̂
    () => row(g, sums(), 0), // dbeta = Σ dy
  ]
}

const negated = (g: Graph, x: Node): Node => g.unary('neg', x)
const lastAxis = (x: Node): number[] => [x.shape.length - 1]
const allButLast = (x: Node): number[] => x.shape.slice(0, -1).map((_, axis) => axis)
const keptShape = (x: Node, axes: readonly number[]): number[] =>
  x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))

/** Row `index` of a [2, C] pair, as [C]. */
function row(g: Graph, pair: Node, index: number): Node {
  const channels = pair.shape[1]!
  return g.reshape(g.slice(pair, [index, 0], [1, channels]), [channels])
}
