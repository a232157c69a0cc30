/** Which operations can finish their result in registers, and what they can finish it with. */
import { broadcastShapes, sameShape, sizeOf } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import type { Window } from '../graph/ops.ts'

export function takesEpilogue(anchor: Node): boolean {
  switch (anchor.kind) {
    case 'matmul':
    case 'conv2d':
    case 'conv2dInputGrad':
      return true
    case 'maxPool2dGrad':
    case 'averagePool2dGrad':
      return windowsTile(anchor.attributes)
    default:
      return false
  }
}

/** Which can also add up what they finish, channel by channel. */
export function takesSums(anchor: Node): boolean {
  return (anchor.kind === 'maxPool2dGrad' || anchor.kind === 'averagePool2dGrad') && takesEpilogue(anchor)
}

/** No element of the picture lies in two windows; only the last rows and columns may lie in none. */
export function windowsTile({ size, strides, padding }: Window): boolean {
  const unpadded = padding.top + padding.bottom + padding.left + padding.right === 0
  return unpadded && [0, 1].every(axis => size[axis] === strides[axis])
}

/** Operands of an epilogue are scalars, vectors along the last axis, or of the anchor's own shape. */
export function suitsEpilogue(root: Node, anchor: Node, others: readonly Node[]): boolean {
  const suits = (leaf: Node): boolean => {
    if (leaf.kind === 'slice' || leaf.kind === 'transpose') return false
    if (sizeOf(leaf.shape) === 1 && !leaf.batched) return true
    if (sameShape(leaf.shape, anchor.shape)) return leaf.batched === anchor.batched
    const lastOnly = leaf.shape.at(-1) === anchor.shape.at(-1) && sizeOf(leaf.shape) === leaf.shape.at(-1)
    return lastOnly && !leaf.batched && broadcastShapes(leaf.shape, anchor.shape) !== undefined
  }
  return others.every(suits) && drawsInOrder(root, anchor)
}

/** Random numbers and positions must be those of the anchor's own elements. */
function drawsInOrder(node: Node, anchor: Node): boolean {
  if (node.kind === 'iota') return false
  if (node.kind === 'randomUniform') return sameShape(node.shape, anchor.shape) && node.batched === anchor.batched
  if (!['unary', 'binary', 'select', 'broadcast', 'cast'].includes(node.kind)) return true
  return node.inputs.every(input => drawsInOrder(input, anchor))
}
