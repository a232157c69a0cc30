/**
 * Warnings about a compiled model: what is doubtful about the model and its losses (model/learning-doubts.ts), and a learning rate,
 * factors of it or loss weights of 0. In: the model and what `compile` was given. Out: sentences for the user.
 */

import type { TrainingSetup } from '../engine/train-entry.ts'
import type { Model } from '../network/model.ts'
import { modelDoubts, outputDoubts } from '../objectives/learning-doubts.ts'
import { objectivesByOutput } from '../objectives/output-objectives.ts'
import { trainedWeights } from '../optimizer/rate-factors.ts'

/** Throws UserError when losses, metrics and outputs do not go together. */
export function compileWarnings(model: Model, setup: TrainingSetup): string[] {
  const plans = objectivesByOutput(model, setup)
  const texts = [...modelDoubts(model), ...plans.flatMap(({ output, loss }) => outputDoubts(model, output, loss))]
  const rate = setup.optimizer.learningRate
  // A rate too small for float32, in which the step computes, is 0.
  if (typeof rate === 'number' && Math.fround(rate) === 0) {
    texts.push(
      'The learning rate is 0: nothing is learned until a callback raises it. Give one, adam({learningRate: 0.001}).',
    )
  }
  if (model.weights.some(({ trainable }) => trainable) && trainedWeights(model.weights, setup.optimizer).length === 0) {
    texts.push(
      'All trainable weights have the rate factor 0: nothing is learned. Give rateFactors at least one above 0.',
    )
  }
  if (plans.every(({ weight }) => weight === 0)) {
    texts.push('All lossWeights are 0: nothing is learned. Give at least one output a weight above 0.')
  }
  return texts
}
