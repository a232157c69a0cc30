/** Layers that join two or more inputs: element by element (extents of 1 are stretched) or end to end. */

import { integer, optional } from '../base/schema.ts'
import { broadcastShapes, formatShape, type Shape } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { axisOf, makeLayer, misfit } from './definition.ts'
import { type LayerOptions, readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'

type Join = (graph: Graph, a: Node, b: Node) => Node

function merging(type: string, options: LayerOptions, join: Join, exactly?: number): CallableLayer {
  const config = readOptions(type, options, {})
  return makeLayer(options, {
    type,
    traits: { family: 'merging', sight: 'alike' },
    config,
    merges: true,
    outputShape: shapes => {
      if (exactly !== undefined && shapes.length !== exactly) {
        throw misfit(type, options.name, 'wrong number of inputs.', `${exactly}`, `${shapes.length}`)
      }
      return shapes.reduce((joined, shape) => {
        const result = joined.length === shape.length ? broadcastShapes(joined, shape) : undefined
        if (result !== undefined) return result
        const received = shapes.map(formatShape).join(', ')
        throw misfit(
          type,
          options.name,
          'the inputs do not fit together.',
          'equal shapes (an extent of 1 is stretched)',
          received,
        )
      })
    },
    lower: ({ graph }, inputs) => {
      const joined = inputs.reduce((a, b) => join(graph, a, b))
      return type === 'Average' ? graph.mul(joined, 1 / inputs.length) : joined
    },
  })
}

/** a + b + …, as in a skip connection. Inputs of equal shape. */
export const add = (options: LayerOptions = {}): CallableLayer =>
  merging('Add', options, (graph, a, b) => graph.add(a, b))
/** a − b, exactly two inputs. */
export const subtract = (options: LayerOptions = {}): CallableLayer =>
  merging('Subtract', options, (graph, a, b) => graph.sub(a, b), 2)
/** a · b · … */
export const multiply = (options: LayerOptions = {}): CallableLayer =>
  merging('Multiply', options, (graph, a, b) => graph.mul(a, b))
/** (a + b + …) / count. */
export const average = (options: LayerOptions = {}): CallableLayer =>
  merging('Average', options, (graph, a, b) => graph.add(a, b))
/** The largest of the inputs, element by element. */
export const maximum = (options: LayerOptions = {}): CallableLayer =>
  merging('Maximum', options, (graph, a, b) => graph.max(a, b))
/** The smallest of the inputs, element by element. */
export const minimum = (options: LayerOptions = {}): CallableLayer =>
  merging('Minimum', options, (graph, a, b) => graph.min(a, b))

export interface ConcatenateOptions extends LayerOptions {
  /** The axis to join along; negative from the end, 1 is the first after the batch. Default -1. */
  readonly axis?: number | undefined
}

/** The inputs end to end along one axis; all other extents equal. Throws UserError otherwise. */
export function concatenate(options: ConcatenateOptions = {}): CallableLayer {
  const config = readOptions('Concatenate', options, { axis: optional(integer, -1) })
  const axisIn = (rank: number): number => axisOf('Concatenate', options.name, config.axis, rank + 1) - 1
  return makeLayer(options, {
    type: 'Concatenate',
    traits: { family: 'merging', sight: 'joined' },
    config,
    merges: true,
    outputShape: shapes => {
      const first = shapes[0]!
      const axis = axisIn(first.length)
      const fits = (shape: Shape): boolean =>
        shape.length === first.length && shape.every((extent, index) => index === axis || extent === first[index])
      if (!shapes.every(fits)) {
        const received = shapes.map(formatShape).join(', ')
        throw misfit(
          'Concatenate',
          options.name,
          'the inputs do not fit together.',
          `equal shapes but along axis ${axis + 1}`,
          received,
        )
      }
      return first.map((extent, index) =>
        index === axis ? shapes.reduce((sum, shape) => sum + shape[index]!, 0) : extent,
      )
    },
    lower: ({ graph }, inputs) => graph.concat(inputs, axisIn(inputs[0]!.shape.length - 1) + 1),
  })
}
