/** The entry of a model that is asked: forward alone. What depends on weights alone is computed once for many runs. */
import type { Model } from '../network/model.ts'
import type { ModelNodesMaker } from '../network/model-nodes.ts'
import type { EntryMaker, Predicted, RowSlots } from './entry.ts'
import { entryBuilder, entryName } from './entry-builder.ts'

export type PredictMaker = EntryMaker<Pick<RowSlots, 'inputs'>, Predicted>

/** `other`: with nodes made in another way. */
export const predictEntry = (model: Model, other?: ModelNodesMaker): PredictMaker => ({
  name: entryName('predict', other),
  make(batch, inputTypes) {
    const builder = entryBuilder(model, batch, inputTypes, false, { other })
    const { graph, slots, outputs } = builder.finish({ outputs: { predictions: builder.predictions }, prepared: true })
    return { graph, slots, results: raw => ({ predictions: outputs(raw, 'predictions') }) }
  },
})
