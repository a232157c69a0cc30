/**
 * Dead and saturated units of a trained network, counted over some pictures: what a run keeps of it for its diagnosis. Dead: a relu that
 * is 0 for every picture, at every place. Saturated: a unit at an end of its activation's range (`model/unit-rest`) for at least 95 %
 * of them.
 */
import { sourceRange } from '../data/parts-of-source.ts'
import type { PictureSource } from '../data/picture-source.ts'
import type { Model } from '../network/model.ts'
import { unitRest } from '../network/unit-rest.ts'
import type { Device } from '../runtime/device.ts'
import type { NamedWeight } from '../store/model-file.ts'
import { batchesOf, fillBatch } from '../train/batches.ts'
import { inputRows } from '../train/rows.ts'

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
  const { layers, step } = unitRest(model, batch)
  if (layers.length === 0) return undefined
  const pictures = Math.min(source.count, mostPictures)
  const rows = inputRows(model, sourceRange(source, 0, pictures))
  // One thread: to start more takes longer than these few steps.
  const program = await device.compile({ units: step }, { threads: 1 })
  try {
    const read = new Set(step.states.map(({ attributes }) => attributes.name))
    await program.writeStates(
      Object.fromEntries(weights.filter(({ name }) => read.has(name)).map(({ name, data }) => [name, data])),
    )
    const outputs = await program.run('units', batchesOf(pictures, batch), (index, slots) =>
      fillBatch(rows, undefined, index * batch, batch, slots),
    )
    return {
      type: 'units',
      pictures,
      layers: layers.map(({ layer, activation, rests, units, places }, index) => {
        const least = (rests === 'floor' ? 1 : saturatedShare) * pictures * places
        const atRest = (unit: number): number => outputs.reduce((sum, step) => sum + step[`units ${index}`]![unit]!, 0)
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
    await program.dispose()
  }
}
