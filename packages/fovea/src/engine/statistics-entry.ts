/**
 * The entry that computes the moving statistics of batch normalization anew: a forward pass as in training, which changes nothing but
 * them. Fed besides the inputs: how much the statistics of the batches before count. Undefined for a model that has none.
 */
import type { Model } from '../network/model.ts'
import type { EntryMaker, TrainSlots } from './entry.ts'
import { entryBuilder } from './entry-builder.ts'

export function statisticsEntry(model: Model): EntryMaker<TrainSlots, undefined> | undefined {
  const moves = model.layers.some(({ layer }) => layer.traits.batchStatistics === true && layer.trainable)
  if (!moves) return undefined
  return {
    name: 'statistics',
    make(batch, inputTypes) {
      const { lowered, finish } = entryBuilder(model, batch, inputTypes, true, { renews: true })
      const { graph, slots } = finish({ updates: lowered.updates, outputs: {} })
      return { graph, slots, results: () => undefined }
    },
  }
}
