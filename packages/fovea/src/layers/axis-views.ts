/**
 * Views: which positions along one axis a unit sees. Convolutions and poolings see rows × columns, so that the axes of a value can be
 * followed apart. Positions are a set, not a range: strides and dilation leave holes.
 */

import type { Shape } from '../base/shape.ts'

export interface AxisView {
  /** Positions inside, ascending. */
  readonly positions: readonly number[]
  /** How far the view would reach if there were no borders. */
  readonly first: number
  readonly last: number
  /** How far the view moves when the unit moves by one. */
  readonly step: number
}
export type Views = readonly AxisView[]

/** A layer on these inputs, channels last. */
export interface SeenCall {
  readonly config: Readonly<Record<string, unknown>>
  readonly inputs: readonly Shape[]
  readonly output: Shape
}

/** From the views of a layer's output to those of each input; undefined for an input that is not seen. */
export type Sight = (views: Views, call: SeenCall) => readonly (Views | undefined)[]

export const pointView = (position: number): AxisView => ({
  positions: [position],
  first: position,
  last: position,
  step: 1,
})

export const wholeView = (extent: number): AxisView => ({
  positions: Array.from({ length: extent }, (_, position) => position),
  first: 0,
  last: extent - 1,
  step: 0,
})

/** A view through `follow`, which gives the positions behind one (those outside are dropped), in order. */
export function through(
  view: AxisView,
  extent: number,
  step: number,
  follow: (position: number) => readonly number[],
): AxisView {
  const inside = view.positions.flatMap(follow).filter(position => position >= 0 && position < extent)
  return {
    positions: [...new Set(inside)].sort((a, b) => a - b),
    first: follow(view.first)[0]!,
    last: follow(view.last).at(-1)!,
    step: view.step * step,
  }
}

/** No row, or no column, is no pixel. */
export function nothingIfAnyIs(views: Views): Views {
  return views.some(({ positions }) => positions.length === 0) ? views.map(view => ({ ...view, positions: [] })) : views
}

export function merged(a: AxisView, b: AxisView): AxisView {
  return {
    positions: [...new Set([...a.positions, ...b.positions])].sort((left, right) => left - right),
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
    step: Math.max(a.step, b.step),
  }
}
