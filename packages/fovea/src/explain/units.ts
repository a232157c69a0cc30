/**
 * The units of one layer: how strongly pictures excite each channel and where, and guided gradients (autodiff/guided-rules.ts) of single
 * units by the picture. A unit is named by its place in the layer's value, [row, column, channel] or [unit].
 */

import { gradients } from '../autodiff/gradients.ts'
import { guidedRules } from '../autodiff/guided-rules.ts'
import { checkArguments } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { integer, list } from '../base/schema.ts'
import { formatShape, type NumericArray, type Shape, sizeOf } from '../base/shape.ts'
import type { EntryMaker, Values } from '../engine/entry.ts'
import type { Graph } from '../graph/builder.ts'
import { type Node, stepGraph } from '../graph/node.ts'
import { layerNamed, type Model } from '../network/model.ts'
import { ends, type Forward, forward } from './forward.ts'

/** The number of a layer's value among `look`'s; of a layer that is called twice the first. Throws UserError with the nearest name. */
export function valueNumber(model: Model, layer: string): number {
  layerNamed(model, layer)
  return 1 + model.layers.findIndex(call => call.layer.name === layer)
}

/** The place of a unit in the flat value. Throws UserError where there is none. */
export function unitNumber(shape: Shape, at: readonly number[], layer: string): number {
  checkArguments('A layer', { at: list(integer, 'places') }, { at })
  const inside = at.every((index, axis) => Number.isInteger(index) && index >= 0 && index < shape[axis]!)
  if (!inside || at.length !== shape.length) {
    throw new UserError({
      what: `${layer} has no such output.`,
      expected: `${shape.length === 3 ? 'row,column,filter' : 'places'} below ${shape.join(',')}`,
      received: at.join(','),
    })
  }
  return at.reduce((number, index, axis) => number * shape[axis]! + index, 0)
}

/** The places of a step's pictures; of a linear network's gradient, which does not read them, there are none. */
export interface PictureSlots {
  readonly pictures: NumericArray | undefined
}
export interface UnitSlots extends PictureSlots {
  /** For each picture the number of its unit. */
  readonly units: NumericArray
}

/** The gradient of each row's unit of `pick` by its picture. `of`: what is picked, in a word. */
export const guidedEntry = (
  model: Model,
  of: string,
  pick: (pass: Forward) => Node,
): EntryMaker<UnitSlots, Values> => ({
  name: `guided ${of}`,
  make(batch) {
    const pass = forward(model, batch)
    const { graph, values } = pass
    const units = pick(pass)
    const flat = graph.reshape(units, [batch, sizeOf(units.shape.slice(1))])
    const unit = graph.input('unit', [batch, 1], { batched: true })
    const chosen = graph.binary('equal', graph.iota([1, flat.shape[1]!], 1), unit)
    const total = graph.sum(graph.mul(flat, chosen), [0, 1])
    const [gradient] = gradients(graph, total, [values[0]!], guidedRules)
    return {
      graph: stepGraph(batch, [], [{ name: 'gradient', node: gradient! }]),
      slots: raw => ({ pictures: raw[ends(model).input.name], units: raw['unit']! }),
      results: raw => raw['gradient']!,
    }
  },
})

/** [batch, channels] each: the largest value of each channel, and where it is first found (row · W + column). */
export interface Strongest {
  readonly strongest: Values
  readonly place: Values
}

export const strongestEntry = (model: Model, layer: string): EntryMaker<PictureSlots, Strongest> => ({
  name: `strongest ${layer}`,
  make(batch) {
    const { graph, values } = forward(model, batch)
    const value = asPictures(graph, values[valueNumber(model, layer)]!, layer)
    const [, height, width, channels] = value.shape as readonly [number, number, number, number]
    const strongest = graph.reduceMax(value, [1, 2])
    const position = graph.add(
      graph.mul(graph.iota([1, height, width, 1], 1), width),
      graph.iota([1, height, width, 1], 2),
    )
    const found = graph.binary('equal', value, graph.reshape(strongest, [batch, 1, 1, channels]))
    const first = graph.reduceMax(graph.select(found, graph.unary('neg', position), -height * width), [1, 2])
    const outputs = [
      { name: 'strongest', node: strongest },
      { name: 'place', node: graph.unary('neg', first) },
    ]
    return {
      graph: stepGraph(batch, [], outputs),
      slots: raw => ({ pictures: raw[ends(model).input.name] }),
      results: raw => ({ strongest: raw['strongest']!, place: raw['place']! }),
    }
  },
})

/** Units in a row are pictures of one pixel. */
function asPictures(graph: Graph, value: Node, layer: string): Node {
  if (value.shape.length === 4) return value
  if (value.shape.length === 2) return graph.reshape(value, [value.shape[0]!, 1, 1, value.shape[1]!])
  throw new UserError({
    what: `${layer} gives neither pictures nor units.`,
    expected: 'a layer of height × width × channels, or of units',
    received: formatShape(value.shape.slice(1)),
  })
}
