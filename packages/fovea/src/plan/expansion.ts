/** What the rules of the expansion share. */
import type { Graph } from '../graph/builder.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { Convolution, OpKind, Padding } from '../graph/ops.ts'

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

/** A picture without the zeros that a node lays around it, and how many those are; undefined where that is not what the node does. */
export function unpadded(node: Node): { picture: Node; zeros: Padding } | undefined {
  if (node.kind !== 'pad' || node.attributes.value !== 0) return undefined
  const { before, after } = node.attributes
  const zeros = borderOf(before, after)
  return zeros && { picture: node.inputs[0]!, zeros }
}

/** What lies before and behind the rows and columns of pictures [N, H, W, C]; undefined where other axes have something too. */
export function borderOf(before: readonly number[], after: readonly number[]): Padding | undefined {
  if (before.length !== 4 || [0, 3].some(axis => before[axis] !== 0 || after[axis] !== 0)) return undefined
  const [, top, left] = before as [number, number, number, number]
  const [, bottom, right] = after as [number, number, number, number]
  return { top, bottom, left, right }
}

/** A convolution with so much more padding. */
export function morePadded<C extends Convolution>(convolution: C, { top, bottom, left, right }: Padding): C {
  const { padding } = convolution
  return {
    ...convolution,
    padding: {
      top: padding.top + top,
      bottom: padding.bottom + bottom,
      left: padding.left + left,
      right: padding.right + right,
    },
  }
}
