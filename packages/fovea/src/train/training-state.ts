/**
 * A learner as a file keeps it: its weights and, once it has trained, what it was trained by and what its optimizer remembers, all of one
 * step. Classes are named as Keras names them, options are in Fovea's words.
 */
import type { JsonRecord } from '../base/json.ts'
import { objectivesByOutput } from '../objectives/output-objectives.ts'
import type { ModelFile, OutputTraining } from '../store/model-file.ts'
import type { Learner } from './learner.ts'

export async function trainedFile(learner: Learner): Promise<Pick<ModelFile, 'weights' | 'training'>> {
  const { model, engine, setup } = learner
  const states = await engine.readStates(() => true)
  const { step } = engine
  const byName = new Map(Object.entries(states).map(([name, values]) => [name, asFloats(values)]))
  const weights = model.weights.map(({ name, shape }) => ({ name, shape, data: byName.get(name)! }))
  if (step === 0) return { weights }
  for (const { name } of weights) byName.delete(name)
  const { type, config } = setup.optimizer
  const training = {
    optimizer: { type, config },
    objectives: objectivesByOutput(model, setup).map(objectiveOf),
    step,
    learningRate: learner.learningRate(step + 1),
    slots: Object.fromEntries(byName),
  }
  return { weights, training }
}

const asFloats = (values: ArrayLike<number>): Float32Array =>
  values instanceof Float32Array ? values : Float32Array.from(values)

function objectiveOf({ loss, weight, metrics }: ReturnType<typeof objectivesByOutput>[number]): OutputTraining {
  const { type, config, reduction } = loss
  return {
    loss: { type, config: config as JsonRecord, reduction },
    weight,
    metrics: metrics.map(({ metric, weighted }) => ({
      // A class of this name compares numbers; the word is the accuracy that suits the output.
      type: metric.type === 'Accuracy' && metric.perSample ? 'accuracy' : metric.type,
      name: metric.name,
      config: metric.config,
      weighted,
    })),
  }
}
