/**
 * Dead and saturated units of a trained network, counted over some pictures: what a run keeps of it for its diagnosis. Dead: a relu that
 * is 0 for every picture, at every place. Saturated: a unit at an end of its activation's range (`model/unit-rest`) for at least 95 %
 * of them.
 */
import { sourceRange } from '../data/parts-of-source.ts'
import type { PictureSource } from '../data/picture-source.ts'
import { batchesOf, fillBatch } from '../engine/batches.ts'
import { createEngine } from '../engine/engine.ts'
import type { EntryMaker, RowSlots, Values } from '../engine/entry.ts'
import { entryBuilder } from '../engine/entry-builder.ts'
import { inputTypesOf } from '../engine/feed-rows.ts'
import { pictureRows } from '../engine/picture-rows.ts'
import type { Model } from '../network/model.ts'
import { type RestingLayer, restCounts, restingLayers } from '../network/resting-units.ts'
import type { Device } from '../runtime/device.ts'
import type { NamedWeight } from '../store/model-file.ts'

export interface LayerUnits {
  readonly layer: string
  readonly activation: string
  readonly units: number
  readonly dead: number
  readonly saturated: number
}

/** A line of the run file. */
export interface UnitsRecord {
  readonly type: 'units'
  readonly pictures: number
  readonly layers: readonly LayerUnits[]
}

const mostPictures = 256
const batch = 32
const saturatedShare = 0.95

/** Over the first pictures. Undefined when no layer has an activation that can be at rest. */
export async function countUnits(
  model: Model,
  weights: readonly NamedWeight[],
  source: PictureSource,
  device: Device,
): Promise<UnitsRecord | undefined> {
  const layers = restingLayers(model)
  if (layers.length === 0) return undefined
  const pictures = Math.min(source.count, mostPictures)
  const rows = pictureRows(model, sourceRange(source, 0, pictures))
  const states = Object.fromEntries(weights.map(({ name, data }) => [name, data]))
  // One thread: to start more takes longer than these few steps.
  const engine = createEngine({ device, threads: 1, states })
  try {
    const need = { batch, match: 'exact', inputTypes: inputTypesOf(model, rows) } as const
    const counts = await engine.run(restEntry(model, layers), need, batchesOf(pictures, batch), (index, slots) =>
      fillBatch(rows, undefined, index * batch, batch, slots),
    )
    return {
      type: 'units',
      pictures,
      layers: layers.map(({ layer, activation, rests, units, places }, index) => {
        const least = (rests === 'floor' ? 1 : saturatedShare) * pictures * places
        const atRest = (unit: number): number => counts.reduce((sum, step) => sum + step[index]![unit]!, 0)
        const count = Array.from({ length: units }, (_, unit) => atRest(unit)).filter(rest => rest >= least).length
        return {
          layer,
          activation,
          units,
          dead: rests === 'floor' ? count : 0,
          saturated: rests === 'floor' ? 0 : count,
        }
      }),
    }
  } finally {
    await engine.dispose()
  }
}

/** For each of the layers, at how many of its values each of its units rests. */
const restEntry = (
  model: Model,
  layers: readonly RestingLayer[],
): EntryMaker<Pick<RowSlots, 'inputs'>, readonly Values[]> => ({
  name: 'units',
  make(rows, inputTypes) {
    const { graph, lowered, finish } = entryBuilder(model, rows, inputTypes, false)
    const values = layers.map(layer => ({
      of: layer.layer,
      node: restCounts(graph, model, layer, lowered.values[layer.call]!),
    }))
    const built = finish({ outputs: { values } })
    return {
      graph: built.graph,
      slots: built.slots,
      results: raw => {
        const counts = built.outputs(raw, 'values')
        return layers.map(({ layer }) => counts[layer]!)
      },
    }
  },
})
