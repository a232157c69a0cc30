/** What the rules of the expansion share. */
import type { Graph } from '../graph/builder.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { Convolution, OpKind } from '../graph/ops.ts'

/** What takes the place of operations of these kinds. */
export type Rules<K extends OpKind = OpKind> = {
  readonly [E in K]: (g: Graph, node: NodeOf<E>, inputs: readonly Node[]) => Node
}

/** Whether a filter covers the whole picture: then the convolution is a matrix product. */
export function coversPicture(
  { padding, groups }: Convolution,
  picture: readonly number[],
  filter: readonly number[],
): boolean {
  const unpadded = padding.top + padding.bottom + padding.left + padding.right === 0
  return unpadded && groups === 1 && picture[1] === filter[0] && picture[2] === filter[1]
}

export function flatRows(g: Graph, x: Node): Node {
  return g.reshape(x, [x.shape[0]!, x.shape.slice(1).reduce((product, extent) => product * extent, 1)])
}

export function flatFilter(g: Graph, filter: Node): Node {
  const outputs = filter.shape.at(-1)!
  return g.reshape(filter, [filter.shape.slice(0, -1).reduce((product, extent) => product * extent, 1), outputs])
}

export const conv2dRule: Rules['conv2d'] = (g, node, inputs) => {
  const [x, filter] = inputs as [Node, Node]
  if (!coversPicture(node.attributes, x.shape, filter.shape)) return g.recreate(node, inputs)
  return g.reshape(g.matmul(flatRows(g, x), flatFilter(g, filter)), node.shape)
}

/** A slice that is exactly one operand of a concat is that operand. */
export function pieceOfConcat(node: NodeOf<'slice'>, source: Node): Node | undefined {
  if (source.kind !== 'concat') return undefined
  const { axis } = source.attributes
  let start = 0
  for (const piece of source.inputs) {
    const extent = piece.shape[axis]!
    const fits = node.attributes.begin[axis] === start && node.shape[axis] === extent
    if (fits && node.shape.every((size, other) => size === piece.shape[other])) return piece
    start += extent
  }
  return undefined
}
