/**
 * The receptive field of a unit: the part of the picture that its value depends on, found by walking the layers backward (layer-views.ts).
 * In: a model, a layer, a place in the layer's value. Out: the smallest rectangle of the picture, to the pixel.
 */
import { checkArguments } from '../base/arguments.ts'
import { type AxisView, merged, nothingIfAnyIs, pointView, type Views } from '../layers/axis-views.ts'
import { builtModel, type Model } from '../network/model.ts'
import { ends } from './forward.ts'
import { inputViews } from './layer-views.ts'
import { unitNumber, valueNumber } from './units.ts'

/** Pixels of the picture. A type alias, so that it is also plain JSON. */
export type Rectangle = {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** What one number of a layer depends on, in pixels of the input. */
export type ReceptiveField = Rectangle & {
  readonly layer: string
  /** [row, column, channel], or [unit]; counted from 0. */
  readonly at: readonly number[]
  /** What it would be without the borders of the picture and of the layers between: all units of a layer have this size. */
  readonly uncut: Rectangle
  /** How many pixels it moves, down and to the right, when the unit moves by one; 0 where a unit sees everything. */
  readonly stride: readonly [number, number]
  /** Row and column of the uncut field's middle; a pixel's own middle is its number, so that halves lie between pixels. */
  readonly centre: readonly [number, number]
}

/**
 * The receptive field of the unit at [row, column, channel] (or [unit]) of a layer; with height and width 0 where the unit sees
 * nothing but padding. After layers that move pixels in ways that are not followed (a user's own, RandomCrop, Resizing with
 * cropToAspectRatio) it is the whole picture. Throws UserError for layers and places that are not there.
 */
export function receptiveField(model: Model, layer: string, at: readonly number[]): ReceptiveField {
  checkArguments('receptiveField', { model: builtModel }, { model })
  ends(model)
  const value = valueNumber(model, layer)
  unitNumber(model.layers[value - 1]!.outputShape, at, layer)
  const seen = new Map<number, Views>([[value, at.map(pointView)]])
  for (let number = value; number > 0; number--) {
    const views = seen.get(number)
    const call = model.layers[number - 1]!
    if (!views) continue
    for (const [index, behind] of inputViews(call, views).entries()) {
      if (!behind) continue
      const source = call.inputs[index]!
      const before = seen.get(source)
      const now = nothingIfAnyIs(behind)
      seen.set(source, before ? before.map((view, axis) => merged(view, now[axis]!)) : now)
    }
  }
  const [rows, columns] = (seen.get(0) ?? []) as readonly [AxisView, AxisView]
  return {
    layer,
    at,
    ...rectangle(rows.positions, columns.positions),
    uncut: rectangle([rows.first, rows.last], [columns.first, columns.last]),
    stride: [rows.step, columns.step],
    centre: [(rows.first + rows.last) / 2, (columns.first + columns.last) / 2],
  }
}

function rectangle(rows: readonly number[], columns: readonly number[]): Rectangle {
  const [top = 0, left = 0] = [rows[0], columns[0]]
  return { top, left, height: (rows.at(-1) ?? -1) - top + 1, width: (columns.at(-1) ?? -1) - left + 1 }
}
