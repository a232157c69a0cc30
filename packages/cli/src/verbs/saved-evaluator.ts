/** A saved model made ready to be measured by the loss and metrics of its recipe. */
import { createEngine } from 'fovea/internal/engine/engine'
import { createEvaluator, type Evaluator } from 'fovea/internal/engine/evaluator'
import { lossOf } from 'fovea/internal/objectives/losses'
import { nodeDevice } from '../command/device.ts'
import { type SavedModel, weightsByName } from '../verbs/saved-model.ts'

/** Without an optimizer: nothing is trained. The views of the recipe's own test are its caller's to ask for. Whoever calls disposes of it. */
export function evaluatorOf(saved: SavedModel, threads?: number): Evaluator & { dispose(): Promise<void> } {
  const { model, recipe } = saved
  const { device, clock } = nodeDevice()
  const engine = createEngine({ device, ...(threads !== undefined && { threads }), states: weightsByName(saved) })
  const objectives = {
    loss: lossOf(recipe?.loss ?? 'categoricalCrossentropy'),
    metrics: recipe?.metrics ?? ['accuracy'],
  }
  return { ...createEvaluator({ model, objectives, engine, clock }), dispose: engine.dispose }
}
