/** What takes the place of operations that only training and explanations have: batch norm over a batch's statistics, gradients. */
import type { Graph } from '../graph/builder.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import { coversPicture, flatFilter, flatRows, pieceOfConcat, type Rules } from './expansion.ts'
import { borderOf, morePadded, unpadded } from './padding-rules.ts'

export const trainingRules: Rules<
  'batchNorm' | 'batchNormSums' | 'batchNormInputGrad' | 'conv2dInputGrad' | 'conv2dFilterGrad' | 'slice'
> = {
  batchNorm(g, node, inputs) {
    const [x, moments, gamma, beta] = inputs as [Node, Node, Node, Node]
    const { mean, inverse } = statistics(g, moments, node.attributes.epsilon)
    return g.add(g.mul(g.sub(x, mean), g.mul(gamma, inverse)), beta)
  },
  batchNormSums(g, node, inputs) {
    const [x, dy, moments] = inputs as [Node, Node, Node]
    const { mean, inverse } = statistics(g, moments, node.attributes.epsilon)
    const axes = x.shape.slice(0, -1).map((_, axis) => axis)
    const channels = x.shape.at(-1)!
    // Σ dy x̂ = (Σ dy (x − mean)) · inverse: the factor once per channel, not per element.
    const products = g.mul(g.sum(g.mul(dy, g.sub(x, mean)), axes), inverse)
    return g.concat([g.reshape(g.sum(dy, axes), [1, channels]), g.reshape(products, [1, channels])], 0)
  },
  batchNormInputGrad(g, node, inputs) {
    const [x, dy, gamma, moments, sums] = inputs as [Node, Node, Node, Node, Node]
    const { mean, inverse } = statistics(g, moments, node.attributes.epsilon)
    const count = g.countOver(
      x,
      x.shape.slice(0, -1).map((_, axis) => axis),
    )
    const shift = g.div(row(g, sums, 0), count)
    const slope = g.mul(g.div(row(g, sums, 1), count), inverse)
    return g.mul(g.sub(g.sub(dy, shift), g.mul(g.sub(x, mean), slope)), g.mul(gamma, inverse))
  },
  conv2dInputGrad(g, node, inputs) {
    const [dy, filter] = inputs as [Node, Node]
    if (!coversPicture(node.attributes, node.shape, filter.shape)) return g.recreate(node, inputs)
    return g.reshape(g.matmul(flatRows(g, dy), flatFilter(g, filter), { transposeB: true }), node.shape)
  },
  conv2dFilterGrad(g, node, inputs) {
    const [x, dy] = inputs as [Node, Node]
    const padded = unpadded(x)
    if (padded) return g.conv2dFilterGrad(padded.picture, dy, morePadded(node.attributes, padded.zeros))
    if (!coversPicture(node.attributes, x.shape, node.shape)) return g.recreate(node, inputs)
    return g.reshape(g.matmul(flatRows(g, x), flatRows(g, dy), { transposeA: true }), node.shape)
  },
  slice: (g, node, inputs) =>
    pieceOfConcat(node, inputs[0]!) ?? pieceOfInputGrad(g, node, inputs[0]!) ?? g.recreate(node, inputs),
}

/** Row `index` of [2, C], as [C]. */
function row(g: Graph, pair: Node, index: number): Node {
  const channels = pair.shape[1]!
  const piece = pair.kind === 'concat' ? pair.inputs[index]! : g.slice(pair, [index, 0], [1, channels])
  return g.reshape(piece, [channels])
}

function statistics(g: Graph, moments: Node, epsilon: number): { mean: Node; inverse: Node } {
  const inverse = g.unary('reciprocal', g.unary('sqrt', g.add(row(g, moments, 1), epsilon)))
  return { mean: row(g, moments, 0), inverse }
}

/** The gradient of the middle of a picture is that of a picture as large as the middle, with more padding. */
function pieceOfInputGrad(g: Graph, node: NodeOf<'slice'>, source: Node): Node | undefined {
  if (source.kind !== 'conv2dInputGrad') return undefined
  const { begin } = node.attributes
  const after = source.shape.map((extent, axis) => extent - begin[axis]! - node.shape[axis]!)
  const border = borderOf(begin, after)
  const [dy, filter] = source.inputs as [Node, Node]
  return border && g.conv2dInputGrad(dy, filter, { ...morePadded(source.attributes, border), inputShape: node.shape })
}
