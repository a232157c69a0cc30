/** The weights of a model before training, and how many there are. */
import { fold, keyOf } from '../base/random.ts'
import { sizeOf } from '../base/shape.ts'
import { initialValue } from '../layers/initializers.ts'
import type { Model } from './model.ts'

/** Keeps the streams of the weights apart from those of the training run under the same seed. */
const weightStream = 0x77656967

/** Values by weight name: a pure function of model and seed; each weight has its own random key. */
export function initialWeights(model: Model, seed: number): Record<string, Float32Array> {
  const key = fold(keyOf(seed), weightStream)
  return Object.fromEntries(
    model.weights.map((weight, index) => [
      weight.name,
      initialValue(weight.initializer, weight.shape, fold(key, index)),
    ]),
  )
}

export interface ParameterCounts {
  readonly total: number
  readonly trainable: number
  readonly nonTrainable: number
}

export function parameterCounts(model: Model): ParameterCounts {
  const count = (weights: Model['weights']) => weights.reduce((sum, weight) => sum + sizeOf(weight.shape), 0)
  const total = count(model.weights)
  const trainable = count(model.weights.filter(weight => weight.trainable))
  return { total, trainable, nonTrainable: total - trainable }
}
