/** A problem and a model small enough for the reference device, for tests of training. */

import { trainingRows } from '../engine/labelled-rows.ts'
import type { ClassWeight, SampleWeight } from '../engine/sample-weights.ts'
import type { Clock } from '../engine/steps.ts'
import { dense } from '../layers/dense.ts'
import { dropout } from '../layers/noise.ts'
import { sequential } from '../network/sequential.ts'
import { withFrozen } from '../network/transfer.ts'
import { initialWeights } from '../network/weights.ts'
import { sgd } from '../optimizer/factories.ts'
import type { Optimizer } from '../optimizer/optimizer.ts'
import type { Device } from '../runtime/device.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { createLearner, type Learner } from './learner.ts'

/** A clock that only moves when it is read. */
export function steppedClock(ms = 10): Clock {
  let time = 0
  const now = (): number => {
    time += ms
    return time
  }
  return { now, yieldToEvents: async () => {} }
}

/** Points in the plane, class 1 where x > y. 13 of them: a last batch is smaller. */
export const points = Float32Array.from({ length: 26 }, (_, index) => ((index * 37) % 23) / 23 - 0.5)
export const classes = Int32Array.from({ length: 13 }, (_, row) => (points[2 * row]! > points[2 * row + 1]! ? 1 : 0))

export interface TinyOptions {
  readonly optimizer?: Optimizer
  readonly loss?: string
  readonly metrics?: readonly string[]
  readonly dropout?: boolean
  /** The first layers that are not trained. */
  readonly frozen?: number
  readonly seed?: number
  readonly device?: Device
  readonly clock?: Clock
}

export function tinyLearner(options: TinyOptions = {}): Learner {
  const stack = sequential([
    dense({ units: 4, activation: 'tanh', inputShape: [2] }),
    ...(options.dropout ? [dropout({ rate: 0.25 })] : []),
    dense({ units: 2, activation: 'softmax' }),
  ])
  const model = options.frozen === undefined ? stack : withFrozen(stack, options.frozen)
  return createLearner({
    model,
    setup: {
      optimizer: options.optimizer ?? sgd({ learningRate: 0.5, momentum: 0.9 }),
      loss: options.loss ?? 'sparseCategoricalCrossentropy',
      metrics: options.metrics ?? ['accuracy'],
    },
    // Rounded to float32, as every other device is: what is saved and loaded again is then the same.
    device: options.device ?? referenceDevice({ round: Math.fround }),
    clock: options.clock ?? steppedClock(),
    weights: initialWeights(model, options.seed ?? 1),
  })
}

export function tinyRows(
  learner: Learner,
  weighting: { readonly sampleWeight?: SampleWeight; readonly classWeight?: ClassWeight } = {},
) {
  return trainingRows(learner.model, learner.targets, points, classes, weighting)
}
