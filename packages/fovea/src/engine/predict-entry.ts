/** The entry of a model that is asked: forward alone. What depends on weights alone is computed once for many runs. */
import type { Model } from '../network/model.ts'
import type { TestViews } from '../network/test-views.ts'
import type { EntryMaker, Predicted, RowSlots } from './entry.ts'
import { entryBuilder, entryName } from './entry-builder.ts'

export type PredictMaker = EntryMaker<Pick<RowSlots, 'inputs'>, Predicted>

/** `views`: the mean over these. */
export const predictEntry = (model: Model, views?: TestViews): PredictMaker => ({
  name: entryName('predict', views),
  make(batch, inputTypes) {
    const builder = entryBuilder(model, batch, inputTypes, false, views)
    const { graph, slots, outputs } = builder.finish({ outputs: { predictions: builder.predictions }, prepared: true })
    return { graph, slots, results: raw => ({ predictions: outputs(raw, 'predictions') }) }
  },
})
