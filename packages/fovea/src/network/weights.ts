/** The weights of a model before training, and how many there are. */
import { UserError } from '../base/errors.ts'
import { fold, keyOf } from '../base/random.ts'
import { sizeOf } from '../base/shape.ts'
import { initialValue, isOfData } from '../layers/initializers.ts'
import type { Model, ModelWeight } from './model.ts'

/** Keeps the streams of the weights apart from those of the training run under the same seed. */
const weightStream = 0x77656967

/** What 32-bit addresses reach. */
const mostBytes = 2 ** 32

/** Throws UserError before gigabytes of values are made. */
function checkSize(model: Model): void {
  const bytes = 4 * parameterCounts(model).total
  if (bytes <= mostBytes) return
  throw new UserError({
    what: `The weights of model '${model.name}' do not fit into memory.`,
    expected: 'at most 4 GiB',
    received: `${(bytes / 2 ** 30).toFixed(2)} GiB`,
    fix: 'use a smaller model',
  })
}

/** Values by weight name: a pure function of model and seed; each weight has its own random key. Throws UserError for more than 4 GiB. */
export function initialWeights(model: Model, seed: number): Record<string, Float32Array> {
  checkSize(model)
  const key = fold(keyOf(seed), weightStream)
  return Object.fromEntries(
    model.weights.map((weight, index) => [
      weight.name,
      initialValue(weight.initializer, weight.shape, fold(key, index)),
    ]),
  )
}

/** Those that are zeros in the beginning, to be computed from training data (computed-weights.ts). */
export const weightsOfData = (model: Model): ModelWeight[] =>
  model.weights.filter(({ initializer }) => isOfData(initializer))

/** Numbers of a model that are trained, and that are not. */
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
