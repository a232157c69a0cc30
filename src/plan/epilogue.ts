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
      return windowsTile(anchor.attributes, anchor.shape)
    case 'averagePool2dGrad':
      return windowsTile(anchor.attributes, anchor.shape)
    default:
      return false
  }
}

/** Every element of the picture lies in exactly one window. */
export function windowsTile({ size, strides, padding }: Window, shape: readonly number[]): boolean {
  const unpadded = padding.top + padding.bottom + padding.left + padding.right === 0
  return unpadded && [0, 1].every(axis => size[axis] === strides[axis] && shape[axis + 1]! % size[axis]! === 0)
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
