/** An untrained model as if it had been read from a file. */
import type { SavedModel } from '../../packages/cli/src/verbs/saved-model.ts'
import type { Model } from '../../packages/fovea/src/network/model.ts'
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'

export function untrained(model: Model, classNames: readonly string[]): SavedModel {
  const values = initialWeights(model, 2)
  const [height, width, channels] = model.inputs[0]!.shape as readonly [number, number, number]
  return {
    path: 'model.safetensors',
    model,
    classNames,
    classesNamed: true,
    spec: { shape: [height, width, channels], channels: channels === 1 ? 'grey' : 'rgb', resize: 'cover' },
    weights: model.weights.map(({ name, shape }) => ({ name, shape, data: values[name]! })),
  }
}
