/** Zeros around a picture become padding of the convolution behind them: no pass of their own, neither forward nor back. */
import type { Node } from '../graph/node.ts'
import type { Convolution, Padding } from '../graph/ops.ts'
import { conv2dRule, type Rules } from './expansion.ts'

/** For graphs that pad. */
export const paddingRules: Rules<'conv2d'> = {
  conv2d(g, node, inputs) {
    const [x, filter] = inputs as [Node, Node]
    const padded = unpadded(x)
    if (!padded) return conv2dRule(g, node, inputs)
    return g.conv2d(padded.picture, filter, morePadded(node.attributes, padded.zeros))
  },
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
