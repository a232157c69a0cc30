/** The entry of a model whose pictures are compared: what it predicts of them, and the features that its head makes that of. */
import { headInput } from '../network/head-input.ts'
import type { Model } from '../network/model.ts'
import type { EntryMaker, Predicted, RowSlots, Values } from './entry.ts'
import { entryBuilder } from './entry-builder.ts'

export interface Embedded extends Predicted {
  /** Rows one after the other; the predictions of the first output where the head sees the pictures themselves. */
  readonly features: Values
}

export const embedEntry = (model: Model): EntryMaker<Pick<RowSlots, 'inputs'>, Embedded> => ({
  name: 'embed',
  make(batch, inputTypes) {
    const { finish, lowered, predictions } = entryBuilder(model, batch, inputTypes, false)
    const seen = headInput(model)
    const values = seen === undefined ? [] : [{ of: 'features', node: lowered.values[seen]! }]
    const { graph, slots, outputs } = finish({ outputs: { predictions, values }, prepared: true })
    return {
      graph,
      slots,
      results: raw => {
        const predicted = outputs(raw, 'predictions')
        const features = outputs(raw, 'values')['features'] ?? predicted[model.outputs[0]!.name]!
        return { predictions: predicted, features }
      },
    }
  },
})
