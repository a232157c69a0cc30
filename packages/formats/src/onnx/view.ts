/**
 * Where the numbers of an ONNX value lie in Fovea's. ONNX keeps pictures as [channels, height, width], Fovea as [height, width, channels];
 * so a value is a view: the shape that ONNX speaks of, cut into factors, and the order in which those factors are stored. Reshape and
 * Transpose change the view alone. Layers that move numbers are needed only where an operator asks for another order.
 *
 * Shapes are without the batch axis, and extents of 1 are no factors. Example: the features [8, 4, 4] of a convolution are stored as
 * [4, 4, 8]: factors [8, 4, 4], order [1, 2, 0]. Flattened to [128] they have the same factors in the same order.
 */
import { type Shape, sizeOf } from 'fovea/internal/base/shape'

export interface View {
  /** The number of the value in Fovea's network. */
  readonly value: number
  /** Its shape there. */
  readonly stored: Shape
  /** As ONNX has it; none for one number a sample. */
  readonly shape: Shape
  /** Their product in ONNX's order is the row-major order of `shape`. */
  readonly factors: Shape
  /** The factor that is stored first, second … */
  readonly order: readonly number[]
}

/** Axes of `shape` that are to be stored as one axis: [[1], [2], [0]] is a picture in Fovea's order. */
export type StoredAxes = readonly (readonly number[])[]

export const pictureAxes: StoredAxes = [[1], [2], [0]]
export const plainAxes = (shape: Shape): StoredAxes => shape.map((_, axis) => [axis])
export const flatAxes = (shape: Shape): StoredAxes => [shape.map((_, axis) => axis)]

/** A value stored in the order of an arrangement. */
export function arranged(value: number, shape: Shape, arrangement: StoredAxes): View {
  const kept = shape.flatMap((extent, axis) => (extent === 1 ? [] : [axis]))
  return {
    value,
    stored: storedShape(shape, arrangement),
    shape,
    factors: kept.map(axis => shape[axis]!),
    order: arrangement.flat().flatMap(axis => (shape[axis] === 1 ? [] : [kept.indexOf(axis)])),
  }
}

/** Fovea has no value without an axis. */
export const storedShape = (shape: Shape, arrangement: StoredAxes): Shape =>
  arrangement.length === 0 ? [1] : arrangement.map(axes => sizeOf(axes.map(axis => shape[axis]!)))

/** The same numbers under another shape of the same size. */
export const withShape = (view: View, shape: Shape): View => ({ ...view, shape })

/** Factors that each axis of the shape is made of; undefined where an axis ends inside of a factor that cannot be cut there. */
export function refined(view: View): { readonly view: View; readonly parts: StoredAxes } | undefined {
  const cuts = view.shape.map((_, axis) => sizeOf(view.shape.slice(0, axis + 1)))
  const pieces: number[][] = []
  let before = 1
  for (const factor of view.factors) {
    const inside = [...new Set(cuts)].filter(cut => cut > before && cut < before * factor)
    const ends = [before, ...inside, before * factor]
    if (ends.some((end, at) => at > 0 && end % ends[at - 1]! !== 0)) return undefined
    pieces.push(ends.slice(1).map((end, at) => end / ends[at]!))
    before *= factor
  }
  const first = pieces.map((_, factor) => pieces.slice(0, factor).reduce((sum, list) => sum + list.length, 0))
  const factors = pieces.flat()
  const parts: number[][] = []
  let next = 0
  for (const extent of view.shape) {
    const axes: number[] = []
    for (let size = 1; size < extent; next++) {
      axes.push(next)
      size *= factors[next]!
    }
    parts.push(axes)
  }
  const order = view.order.flatMap(factor => pieces[factor]!.map((_, piece) => first[factor]! + piece))
  return { view: { ...view, factors, order }, parts }
}

/** Whether the numbers lie in this order already, whatever the axes are there. */
export function isArranged(view: View, arrangement: StoredAxes): boolean {
  const fine = refined(view)
  const wanted = fine && arrangement.flat().flatMap(axis => fine.parts[axis]!)
  return wanted?.every((factor, at) => factor === fine!.view.order[at]) ?? false
}

/** Axes in a new order: output axis i is input axis perm[i]. Undefined where the view has to be stored anew first. */
export function transposed(view: View, perm: readonly number[]): View | undefined {
  const fine = refined(view)
  if (!fine) return undefined
  const moved = perm.flatMap(axis => fine.parts[axis]!)
  return {
    ...view,
    shape: perm.map(axis => view.shape[axis]!),
    factors: moved.map(factor => fine.view.factors[factor]!),
    order: fine.view.order.map(factor => moved.indexOf(factor)),
  }
}

/** For each place of the numbers as they are stored, their place in ONNX's row-major order. */
export function onnxPlaces({ factors, order }: View): Int32Array {
  const strides = factors.map((_, factor) => sizeOf(factors.slice(factor + 1)))
  let places = Int32Array.of(0)
  for (const factor of order) {
    const more = new Int32Array(places.length * factors[factor]!)
    for (let at = 0; at < more.length; at++) {
      more[at] = places[Math.floor(at / factors[factor]!)]! + (at % factors[factor]!) * strides[factor]!
    }
    places = more
  }
  return places
}

/** How to store a view in another order: a shape of axes that are moved as they are, their new order, and the shape after that. */
interface Move {
  readonly from: Shape
  readonly perm: readonly number[]
  readonly to: Shape
}

/** Undefined for `perm` where the order is right already. */
export function moveTo(view: View, parts: StoredAxes, arrangement: StoredAxes): Partial<Move> & Pick<Move, 'to'> {
  const to = storedShape(view.shape, arrangement)
  const wanted = arrangement.flat().flatMap(axis => parts[axis]!)
  if (wanted.every((factor, at) => factor === view.order[at])) return { to }
  // Factors that stay neighbours move together.
  const runs: number[][] = []
  for (const [at, factor] of view.order.entries()) {
    const follows = at > 0 && wanted.indexOf(factor) === wanted.indexOf(view.order[at - 1]!) + 1
    if (follows && !isAxis(view, factor)) runs.at(-1)!.push(factor)
    else runs.push([factor])
  }
  const from = runs.map(run => sizeOf(run.map(factor => view.factors[factor]!)))
  const sorted = runs.map((_, at) => at).sort((a, b) => wanted.indexOf(runs[a]![0]!) - wanted.indexOf(runs[b]![0]!))
  return { from, perm: sorted, to }
}

/** Whether each factor is an axis of its own already: then nothing is gained by joining some. */
const isAxis = (view: View, factor: number): boolean =>
  view.stored.length === view.factors.length && view.stored[view.order.indexOf(factor)] === view.factors[factor]
