/**
 * Parts of an axis: cut out, padded, put together in another order. Fovea's layers cut and pad rows and columns of pictures; so any axis is
 * stored as the columns of one. In: views of values. Out: views.
 */
import type { Shape } from 'fovea/internal/base/shape'
import { type NodeContext, refused } from '../node-context.ts'
import { arranged, pictureAxes, plainAxes, type StoredAxes, type View } from '../view.ts'

/** [rows, columns, channels] of which one axis is the columns: what works on one axis works on any. */
const aroundAxis = (shape: Shape, axis: number): StoredAxes => [
  shape.slice(0, axis).map((_, at) => at),
  [axis],
  shape.slice(axis + 1).map((_, at) => axis + 1 + at),
]

/** Amounts before and after each axis of one sample. */
export type Sides = readonly (readonly [number, number])[]

/** Cut or padded on both sides of axes: a picture's rows and columns at once, others one by one. */
export function bordered(context: NodeContext, view: View, sides: Sides, kind: 'Cropping2D' | 'ZeroPadding2D'): View {
  const { network } = context
  const sign = kind === 'Cropping2D' ? -1 : 1
  const shapeAfter = (axes: readonly number[], shape: Shape): Shape =>
    shape.map((extent, axis) => (axes.includes(axis) ? extent + sign * (sides[axis]![0] + sides[axis]![1]) : extent))
  const option = (amounts: Sides) => (kind === 'Cropping2D' ? { cropping: amounts } : { padding: amounts })
  const axes = sides.flatMap(([before, after], axis) => (before === 0 && after === 0 ? [] : [axis]))
  if (view.shape.length === 3 && axes.length > 0 && !axes.includes(0)) {
    const { value } = network.settle(view, pictureAxes)
    const made = network.layer(kind, option(sides.slice(1)), [value])
    return arranged(made, shapeAfter(axes, view.shape), pictureAxes)
  }
  return axes.reduce((result, axis) => {
    const arrangement = aroundAxis(result.shape, axis)
    const { value } = network.settle(result, arrangement)
    const made = network.layer(kind, option([[0, 0], sides[axis]!]), [value])
    return arranged(made, shapeAfter([axis], result.shape), arrangement)
  }, view)
}

/** Every `step`-th place of an axis, the first one included. */
export function strided(context: NodeContext, view: View, axis: number, step: number): View {
  const arrangement = aroundAxis(view.shape, axis)
  const { value } = context.network.settle(view, arrangement)
  const made = context.network.layer('MaxPooling2D', { poolSize: 1, strides: [1, step] }, [value])
  return arranged(
    made,
    view.shape.map((extent, at) => (at === axis ? Math.ceil(extent / step) : extent)),
    arrangement,
  )
}

/** Places from … to − 1 of an axis. */
export const part = (context: NodeContext, view: View, axis: number, from: number, to: number): View =>
  bordered(
    context,
    view,
    view.shape.map((extent, at): readonly [number, number] => (at === axis ? [from, extent - to] : [0, 0])),
    'Cropping2D',
  )

/** Layers for a list of places are as many as it has runs. */
const mostRuns = 256

/** These places of an axis, in this order: as borders repeat a row, or as a list picks some. Places that follow one another are cut out at once. */
export function placesAlong(context: NodeContext, view: View, axis: number, places: readonly number[]): View {
  const extent = view.shape[axis]!
  const runs: [number, number][] = []
  for (const place of places) {
    const last = runs.at(-1)
    if (last?.[1] === place) last[1] = place + 1
    else runs.push([place, place + 1])
  }
  if (runs.length === 0 || runs.length > mostRuns) throw refused(`It picks ${runs.length} separate parts of an axis.`)
  const arrangement = view.shape.length === 3 && axis > 0 ? pictureAxes : plainAxes(view.shape)
  const made = new Map<number, number>()
  const parts = runs.map(([from, to]) => {
    const key = from * (extent + 1) + to
    const value = made.get(key) ?? context.network.settle(part(context, view, axis, from, to), arrangement).value
    made.set(key, value)
    return value
  })
  const at = arrangement.findIndex(([only]) => only === axis)
  const value = parts.length === 1 ? parts[0]! : context.network.layer('Concatenate', { axis: at + 1 }, parts)
  const shape = view.shape.map((own, other) => (other === axis ? places.length : own))
  return arranged(value, shape, arrangement)
}
