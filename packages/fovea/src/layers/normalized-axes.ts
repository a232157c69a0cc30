/** The axes that a layer normalises each example over, as Keras writes them, and what lies along them. */
import { integer, optional, type Schema, union } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { axisOf } from './definition.ts'
import { integers } from './options.ts'

export const axisField: Schema<number | readonly number[]> = optional(union(integer, integers), -1)

export function chosenAxes(type: string, name: string | undefined, axis: number | readonly number[]) {
  /** Axes of the batched tensor, ascending. */
  const axesOf = (rank: number): number[] =>
    [axis]
      .flat()
      .map(each => axisOf(type, name, each, rank))
      .sort((a, b) => a - b)
  /** The extents of these axes. Throws UserError when the input has no such axis. */
  const sizeFor = (shape: Shape): Shape => axesOf(shape.length + 1).map(each => shape[each - 1]!)
  return { axesOf, sizeFor }
}

/** The shape of x after a reduction over the axes, each of them kept with extent 1. */
export const keptShape = ({ shape }: Node, axes: readonly number[]): Shape =>
  shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))

/** A weight of the axes' shape, so that it meets x along them. */
export function aligned<W extends Node | undefined>(
  graph: Graph,
  weight: W,
  { shape }: Node,
  axes: readonly number[],
): W {
  const along = shape.map((extent, axis) => (axes.includes(axis) ? extent : 1))
  return (weight && graph.reshape(weight, along)) as W
}
