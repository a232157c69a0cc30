/**
 * Adjoints (the loss's derivative by a node's value) are kept thin: of the node's own shape, or of any smaller one that
 * broadcasts to it. A mean over the batch then hands down one scalar instead of a filled tensor. The helpers here widen a thin
 * adjoint where an operation needs every element, and sum it back to an operand that was broadcast.
 */
import { InternalError } from '../base/errors.ts'
import { formatShape, type Shape, sizeOf } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'

interface Extent {
  readonly shape: Shape
  readonly batched: boolean
}

/** The adjoint with every element of `of`'s shape. */
export function widen(graph: Graph, adjoint: Node, of: Extent): Node {
  return graph.broadcast(adjoint, of.shape, of.batched)
}

/** Sums an adjoint of `from` (an operation's result) over the axes along which `operand` was broadcast. Stays thin elsewhere. */
export function reduceTo(graph: Graph, adjoint: Node, from: Extent, operand: Extent): Node {
  const lead = from.shape.length - operand.shape.length
  const axes = from.shape
    .map((_, axis) => axis)
    .filter(axis => {
      const extent = operand.shape[axis - lead]
      if (axis === 0 && from.batched && !operand.batched) {
        if (extent === undefined || extent === 1) return true
        throw new InternalError(
          'autodiff',
          `no gradient for a table of one row per batch place, ${formatShape(operand.shape)}`,
        )
      }
      return extent === undefined || (extent === 1 && from.shape[axis]! > 1)
    })
  const kept = sumKept(graph, adjoint, from, axes)
  return kept.shape.length <= operand.shape.length ? kept : graph.reshape(kept, kept.shape.slice(lead))
}

/** Sum over axes of `from`'s shape, which stay with extent 1. Where the adjoint is thin, a multiplication by the extent does it. */
export function sumKept(graph: Graph, adjoint: Node, from: Extent, axes: readonly number[]): Node {
  const lead = from.shape.length - adjoint.shape.length
  const summed: number[] = []
  let count = 1
  let overBatch = false
  for (const axis of axes) {
    const own = adjoint.shape[axis - lead]
    const isBatch = axis === 0 && from.batched
    if (isBatch ? adjoint.batched : own !== undefined && own > 1) summed.push(axis - lead)
    else if (isBatch) overBatch = true
    else count *= from.shape[axis]!
  }
  const keptShape = adjoint.shape.map((extent, axis) => (summed.includes(axis) ? 1 : extent))
  let result = summed.length === 0 ? adjoint : graph.reshape(graph.sum(adjoint, summed), keptShape)
  if (count > 1) result = graph.mul(result, count)
  return overBatch ? graph.mul(result, graph.batchSize()) : result
}

/** −x, without piling signs up. */
export function negate(graph: Graph, x: Node): Node {
  if (x.kind === 'constant') return graph.constant(-x.attributes.value, x.shape)
  if (x.kind === 'unary' && x.attributes.fn === 'neg') return x.inputs[0]!
  return graph.unary('neg', x)
}

/** Zero everywhere, of a node's shape. */
export function zeros(graph: Graph, like: Extent): Node {
  return like.batched ? graph.broadcast(graph.constant(0), like.shape, true) : graph.constant(0, like.shape)
}

export function isZero(node: Node): boolean {
  return node.kind === 'constant' && node.attributes.value === 0
}

/** A reshape; a single thin element becomes a scalar, which fits every shape. */
export function reshaped(graph: Graph, adjoint: Node, from: Extent, to: Shape): Node {
  if (sizeOf(adjoint.shape) === 1 && !adjoint.batched) return graph.reshape(adjoint, [])
  return graph.reshape(widen(graph, adjoint, from), to)
}
