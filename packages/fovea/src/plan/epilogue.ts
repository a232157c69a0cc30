/** Which operations can finish their result in registers, and what they can finish it with. */
import { broadcastShapes, sameShape, sizeOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { Window } from '../graph/ops.ts'
import { type DedicatedKind, isCounted, isDrawn, isInline, isRearranged } from './operations.ts'

/** What a kernel of the operation can do with its result in registers: nothing; more element-wise work; also add that up, channel by channel. */
type Finish = 'nothing' | 'elements' | 'sums'

const nothing = (): Finish => 'nothing'
const elements = (): Finish => 'elements'
const sumsOfTiles = ({ attributes }: { readonly attributes: Window }): Finish =>
  windowsTile(attributes) ? 'sums' : 'nothing'

const finishes: { readonly [K in DedicatedKind]: (anchor: NodeOf<K>) => Finish } = {
  pad: nothing,
  concat: nothing,
  argmax: nothing,
  matmul: elements,
  conv2d: elements,
  conv2dInputGrad: elements,
  conv2dFilterGrad: nothing,
  maxPool2d: nothing,
  maxPool2dGrad: sumsOfTiles,
  averagePool2d: nothing,
  averagePool2dGrad: sumsOfTiles,
  softmax: nothing,
  logSoftmax: nothing,
  batchMoments: nothing,
  affineSample: nothing,
}

/** Of the anchor of a job with a kernel of its own. */
function finishOf(anchor: Node): Finish {
  return finishes[anchor.kind as DedicatedKind](anchor as never)
}

export function takesEpilogue(anchor: Node): boolean {
  return finishOf(anchor) !== 'nothing'
}

/** Which can also add up what they finish, channel by channel. */
export function takesSums(anchor: Node): boolean {
  return finishOf(anchor) === 'sums'
}

/** No element of the picture lies in two windows; only the last rows and columns may lie in none. */
export function windowsTile({ size, strides, padding }: Window): boolean {
  const unpadded = padding.top + padding.bottom + padding.left + padding.right === 0
  return unpadded && [0, 1].every(axis => size[axis] === strides[axis])
}

/** Operands of an epilogue are scalars, vectors along the last axis, or of the anchor's own shape. */
export function suitsEpilogue(root: Node, anchor: Node, others: readonly Node[]): boolean {
  const suits = (leaf: Node): boolean => {
    if (isRearranged(leaf)) return false
    if (sizeOf(leaf.shape) === 1 && !leaf.batched) return true
    if (sameShape(leaf.shape, anchor.shape)) return leaf.batched === anchor.batched
    const lastOnly = leaf.shape.at(-1) === anchor.shape.at(-1) && sizeOf(leaf.shape) === leaf.shape.at(-1)
    return lastOnly && !leaf.batched && broadcastShapes(leaf.shape, anchor.shape) !== undefined
  }
  return others.every(suits) && drawsInOrder(root, anchor)
}

/** Random numbers and positions must be those of the anchor's own elements. */
function drawsInOrder(node: Node, anchor: Node): boolean {
  if (isCounted(node)) return false
  if (isDrawn(node)) return sameShape(node.shape, anchor.shape) && node.batched === anchor.batched
  if (!isInline(node)) return true
  return node.inputs.every(input => drawsInOrder(input, anchor))
}
