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
